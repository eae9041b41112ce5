//! A LiteSVM world for Ringfence, in a few lines:
//!
//! ```no_run
//! use ringfence_testkit::{World, price, quote, size};
//! use ringfence_client::state::Side;
//!
//! let mut world = World::new();
//! let market = world.market("SOL-PERP").price("150").liquidity(1_000_000).build();
//! let alice = world.trader(1_000);
//! let position = world.open(market, &alice, 0, Side::Long, size("1"), quote("30")).unwrap();
//! world.set_price(market, price("121"));
//! let keeper = world.trader(0);
//! world.liquidate(market, &keeper, position).unwrap();
//! world.check_books().unwrap();
//! ```
//!
//! Everything goes through the compiled program (`target/deploy/ringfence.so`);
//! only mints, token balances, Pyth accounts and the clock are written directly.

pub mod asserts;
pub mod books;
pub mod compute;
pub mod decimal;
pub mod economy;
pub mod growth;
pub mod market;
pub mod orders;
pub mod pool;
pub mod pyth;
pub mod random;
pub mod series;
pub mod settlement;
pub mod substitution;
pub mod tokens;
pub mod trade;
pub mod tx;
pub mod wire;
pub mod world;

pub use books::{Books, MarketBooks};
pub use decimal::{price, quote, size};
pub use market::{Feed, MarketBuilder, MarketId};
pub use tokens::MintKind;
pub use trade::Trader;
pub use tx::{Failure, Receipt, assert_code, assert_error};
pub use world::{Options, ProgramError, World, default_program, program_path};
