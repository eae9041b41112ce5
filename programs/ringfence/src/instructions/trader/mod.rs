mod add_margin;
mod close_position;
pub(in crate::instructions) mod closing;
mod decrease_position;
mod increase_position;
mod open_position;
mod remove_margin;
mod set_delegate;

pub use add_margin::*;
pub use close_position::*;
pub use decrease_position::*;
pub use increase_position::*;
pub use open_position::*;
pub use remove_margin::*;
pub use set_delegate::*;
