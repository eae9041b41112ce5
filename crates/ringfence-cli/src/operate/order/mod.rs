//! `ringfence order`: place, cancel and list what keepers execute.

mod attach;
mod cancel;
mod delayed;
mod list;
mod place;
mod state;
mod terms;

use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use ringfence_client::Pubkey;
use ringfence_client::accounts::{Market, Position};
use ringfence_client::state::{MarketStatus, OrderKind};

use super::lookup::Listed;
use super::position::SideArg;
use super::{ConnectionArgs, Session, time};

pub use attach::{AttachArgs, attached};
pub use delayed::{delayed_terms, place_and_wait};
pub use terms::{described, free_number, held};

/// Orders: place, cancel, list
///
/// Keepers execute them for the reward. An order belongs to its position as it
/// is: closing, emptying or liquidating that makes it void, and what it held
/// goes back to who placed it. An order is named by its position and number,
/// such as SOL-PERP/0 2, or by its address.
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct OrderArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Closes a share where the price has gone the position's way
    TakeProfit,
    /// Closes a share where the price has gone against the position
    StopLoss,
    /// Adds size at a better price than the present one
    Limit,
    /// Adds size once the price has gone the position's way
    Stop,
    /// Adds size at the first price after the market's delay; cannot be taken back
    Market,
}

impl From<Kind> for OrderKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::TakeProfit => Self::TakeProfit,
            Kind::StopLoss => Self::StopLoss,
            Kind::Limit => Self::Limit,
            Kind::Stop => Self::Stop,
            Kind::Market => Self::Delayed,
        }
    }
}

/// What is placed.
#[derive(Args, Debug)]
pub struct PlaceArgs {
    #[arg(value_enum)]
    kind: Kind,
    /// MARKET/ID, such as SOL-PERP/0, or address; for a position that the
    /// order opens, MARKET takes the lowest free number
    position: String,
    /// Whose MARKET/ID it is [default: that of --keypair]
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Pubkey>,
    /// Side of a position that is not there yet: it is created with the order
    #[arg(long, value_enum)]
    side: Option<SideArg>,
    /// Size to add, in base units
    #[arg(long, value_name = "BASE")]
    size: Option<String>,
    /// Collateral to add, held in escrow until then [default: none]
    #[arg(long, value_name = "QUOTE")]
    margin: Option<String>,
    /// Share of the position's size to close [default: 100%]
    #[arg(long, value_name = "PERCENT")]
    share: Option<String>,
    /// Index price at which it executes
    #[arg(long, value_name = "PRICE")]
    trigger: Option<String>,
    /// Most that the fill price may be worse than the trigger price, or for a
    /// market order than the present index price [default: 0.5%; stop-loss 5%]
    #[arg(long, value_name = "PERCENT", conflicts_with = "acceptable_price")]
    slippage: Option<String>,
    /// Worst fill price: highest to buy, lowest to sell
    #[arg(long, value_name = "PRICE")]
    acceptable_price: Option<String>,
    /// Paid to whoever executes it [default: the market's min_keeper_reward]
    #[arg(long, value_name = "QUOTE")]
    reward: Option<String>,
    /// How long it waits, such as 30d, 12h, 90min [default: 30d]
    #[arg(long, value_name = "TIME")]
    expires_in: Option<String>,
    /// Number of the order of this position that ends when this one executes
    #[arg(long, value_name = "ID")]
    cancels: Option<u8>,
    /// Your own number for the order [default: the lowest free one]
    #[arg(long, value_name = "ID")]
    id: Option<u8>,
    /// Price account, where a market order's feed is not pinned to one
    #[arg(long, value_name = "ADDRESS")]
    oracle: Option<Pubkey>,
    /// Do not wait until a market order has been executed
    #[arg(long)]
    no_wait: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Place an order
    Place(PlaceArgs),
    /// Cancel an order, and take back what it holds and its rent
    Cancel(CancelArgs),
    /// Orders of a position, or all of an owner, with their state
    List(ListArgs),
}

#[derive(Args, Debug)]
pub struct CancelArgs {
    /// MARKET/ID of the position, or the order's address
    #[arg(required_unless_present = "all_void", conflicts_with = "all_void")]
    order: Option<String>,
    /// Number of the order; with a position only
    id: Option<u8>,
    /// Whose MARKET/ID it is, or whose orders [default: that of --keypair]
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Pubkey>,
    /// Every order of yours that is void or has expired
    #[arg(long)]
    all_void: bool,
}

#[derive(Args, Debug)]
pub struct ListArgs {
    /// MARKET/ID or address; also of a position that is gone [default: all]
    position: Option<String>,
    /// Whose [default: those of --keypair]
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Pubkey>,
    /// Price account, where a market's feed is not pinned to one
    #[arg(long, value_name = "ADDRESS", requires = "position")]
    oracle: Option<Pubkey>,
}

/// An owner, or the key that signs.
fn owner(session: &Session, owner: Option<Pubkey>) -> Result<Pubkey> {
    owner.map_or_else(|| session.connection.identity(), Ok)
}

/// Error where a delayed order is pending, with the time left: what the
/// program would refuse as taking it back.
pub fn ensure_uncommitted(session: &Session, name: &str, position: &Position, market: &Market) -> Result<()> {
    let now = session.connection.now()?;
    if !position.is_committed(now) || MarketStatus::from_byte(market.status) != Ok(MarketStatus::Active) {
        return Ok(());
    }
    let until = position.committed_until;
    bail!(
        "a market order of {name} is pending until {}, for {} more at most: until then the position can be \
         neither closed nor enlarged, and its margin stays (OrderPending, {})",
        time::utc(until),
        time::span(until - now + 1),
        ringfence_client::RingfenceError::OrderPending as u32
    )
}

pub fn run(session: &Session, args: &OrderArgs) -> Result<()> {
    match &args.command {
        Command::Place(args) => place::run(session, args),
        Command::Cancel(args) => cancel::run(session, args),
        Command::List(args) => list::run(session, args),
    }
}

/// Where a position is, by what people call it.
fn position_name(listed: &Listed, id: u16) -> String {
    format!("{}/{id}", listed.name())
}
