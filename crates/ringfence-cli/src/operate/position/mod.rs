//! `ringfence position`: open, change, close and look at positions.

mod margin;
mod show;
mod trade;
mod view;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use ringfence_client::Pubkey;
use ringfence_client::state::Side;

use super::order::AttachArgs;
use super::{ConnectionArgs, Session};

pub use trade::free_id;
pub use view::after;

/// Positions: open, change, close, list, show, watch
///
/// A position is named MARKET/ID, such as SOL-PERP/0, or by its address.
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct PositionArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    #[command(subcommand)]
    command: Command,
}

/// Which position.
#[derive(Args, Debug)]
pub struct Named {
    /// MARKET/ID, such as SOL-PERP/0, or address
    position: String,
    /// Whose MARKET/ID it is [default: that of --keypair]
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Pubkey>,
}

impl Named {
    fn owner(&self, session: &Session) -> Result<Pubkey> {
        match self.owner {
            Some(owner) => Ok(owner),
            None => session.connection.identity(),
        }
    }
}

/// The worst fill price that a trade takes, and where its price is read.
#[derive(Args, Debug)]
pub struct PriceArgs {
    /// Most that the fill price may be worse than the present index price
    #[arg(long, value_name = "PERCENT", default_value = "0.5%", conflicts_with = "acceptable_price")]
    slippage: String,
    /// Worst fill price: highest to buy, lowest to sell
    #[arg(long, value_name = "PRICE")]
    acceptable_price: Option<String>,
    /// Price account, where the market's feed is not pinned to one
    #[arg(long, value_name = "ADDRESS")]
    oracle: Option<Pubkey>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SideArg {
    Long,
    Short,
}

impl From<SideArg> for Side {
    fn from(side: SideArg) -> Self {
        match side {
            SideArg::Long => Self::Long,
            SideArg::Short => Self::Short,
        }
    }
}

/// What is opened.
#[derive(Args, Debug)]
pub struct OpenArgs {
    /// Name, index or address
    market: String,
    #[arg(value_enum)]
    side: SideArg,
    /// Collateral to put up; the opening fee is taken from it
    #[arg(long, value_name = "QUOTE")]
    margin: String,
    /// Size in base units
    #[arg(long, value_name = "BASE", required_unless_present = "leverage", conflicts_with = "leverage")]
    size: Option<String>,
    /// Notional ÷ margin after the fee, in place of a size
    #[arg(long, value_name = "X")]
    leverage: Option<String>,
    /// Your own number for the position [default: the lowest free one]
    #[arg(long, value_name = "N")]
    id: Option<u16>,
    /// Referrer who shares in the trading fees, for good
    #[arg(long, value_name = "ADDRESS")]
    referrer: Option<Pubkey>,
    #[command(flatten)]
    price: PriceArgs,
    #[command(flatten)]
    attach: AttachArgs,
    /// In a market without instant opening: do not wait for the keeper
    #[arg(long)]
    no_wait: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Open a position, at once or by a delayed order, as its market has it
    Open(OpenArgs),
    /// Add to a position's size
    Increase {
        #[command(flatten)]
        named: Named,
        /// Size to add, in base units
        #[arg(long, value_name = "BASE")]
        size: String,
        /// Collateral to put up with it
        #[arg(long, value_name = "QUOTE", default_value = "0")]
        margin: String,
        #[command(flatten)]
        price: PriceArgs,
        /// In a market without instant opening: do not wait for the keeper
        #[arg(long)]
        no_wait: bool,
    },
    /// Close a part of a position; gain and margin stay in its vault
    Decrease {
        #[command(flatten)]
        named: Named,
        /// Size to close, in base units
        #[arg(long, value_name = "BASE")]
        size: String,
        #[command(flatten)]
        price: PriceArgs,
    },
    /// Close a position and take everything out
    Close {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        price: PriceArgs,
    },
    /// Put collateral into a position (anyone)
    AddMargin {
        #[command(flatten)]
        named: Named,
        amount: String,
    },
    /// Take collateral out of a position
    RemoveMargin {
        #[command(flatten)]
        named: Named,
        amount: String,
        #[arg(long, value_name = "ADDRESS")]
        oracle: Option<Pubkey>,
    },
    /// Let another key trade a position, or nobody
    Delegate {
        #[command(flatten)]
        named: Named,
        /// Address, or `none`
        delegate: String,
    },
    /// Close a position of a settled market for its owner (anyone)
    CloseSettled {
        #[command(flatten)]
        named: Named,
    },
    /// Close a position whose gain has reached its reserve (anyone)
    CloseAtCap {
        #[command(flatten)]
        named: Named,
        #[arg(long, value_name = "ADDRESS")]
        oracle: Option<Pubkey>,
    },
    /// Bring a position of an earlier program version up to date (anyone)
    Migrate {
        #[command(flatten)]
        named: Named,
    },
    /// Positions of an owner, with their health
    List(ListArgs),
    /// One position: health, liquidation price, accrued charges
    Show {
        #[command(flatten)]
        named: Named,
        #[arg(long, value_name = "ADDRESS")]
        oracle: Option<Pubkey>,
    },
    /// The list, again and again, until interrupted
    Watch {
        #[command(flatten)]
        list: ListArgs,
        /// Seconds between two looks
        #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..))]
        interval: u64,
        /// Looks after which it ends
        #[arg(long, value_name = "N")]
        count: Option<u64>,
    },
}

/// Which positions.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Only of this market
    #[arg(long, value_name = "MARKET")]
    market: Option<String>,
    /// Whose [default: those of --keypair]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "all")]
    owner: Option<Pubkey>,
    /// Everybody's
    #[arg(long)]
    all: bool,
}

/// An address, or none for `none`.
fn delegate(text: &str) -> Result<Option<Pubkey>> {
    match text {
        "none" => Ok(None),
        text => match text.parse::<Pubkey>() {
            Ok(key) if key == Pubkey::default() => bail!("`{text}` is nobody: say none"),
            key => key.map(Some).ok().with_context(|| format!("`{text}` is neither an address nor none")),
        },
    }
}

pub fn run(session: &Session, args: &PositionArgs) -> Result<()> {
    match &args.command {
        Command::Open(args) => trade::open(session, args),
        Command::Increase { named, size, margin, price, no_wait } => {
            trade::increase(session, named, size, margin, price, *no_wait)
        }
        Command::Decrease { named, size, price } => trade::decrease(session, named, size, price),
        Command::Close { named, price } => trade::close(session, named, price),
        Command::AddMargin { named, amount } => margin::add(session, named, amount),
        Command::RemoveMargin { named, amount, oracle } => margin::remove(session, named, amount, *oracle),
        Command::Delegate { named, delegate: key } => margin::delegate(session, named, delegate(key)?),
        Command::CloseSettled { named } => margin::close_settled(session, named),
        Command::CloseAtCap { named, oracle } => margin::close_at_cap(session, named, *oracle),
        Command::Migrate { named } => margin::migrate(session, named),
        Command::List(args) => show::list(session, args),
        Command::Show { named, oracle } => show::show(session, named, *oracle),
        Command::Watch { list, interval, count } => show::watch(session, list, *interval, *count),
    }
}
