mod liquidate;

pub use liquidate::*;
