//! What can happen, as plain data: it can be written to a file, replayed, and
//! made smaller. Anything means something in any state, if only a refusal.

use serde::{Deserialize, Serialize};

/// A place where a position can be: market, owner and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    pub market: usize,
    pub who: usize,
    pub id: u16,
}

/// A place where an order can be: its position's, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderSpot {
    pub at: Spot,
    pub id: u8,
}

/// What an order asks for, as `OrderTerms` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// `OrderKind` as a byte.
    pub kind: u8,
    pub size: u64,
    pub margin: u64,
    pub share_ppm: u32,
    pub trigger: u64,
    /// None: any fill price will do.
    pub acceptable: Option<u64>,
    pub reward: u64,
    /// From its placement to its expiry; none: no expiry is named.
    pub lifetime: Option<i64>,
    pub cancels: Option<u8>,
}

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// Whoever is the exchange's admin at that moment.
    Admin,
    Guardian,
    Person(usize),
}

/// What is wrong with an oracle account besides its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    None,
    /// Zero or less.
    NotPositive,
    /// Another feed's update; of a push account, whose feed is its address,
    /// a status that is not trading.
    WrongFeed,
}

/// Where a donation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vault {
    Position(Spot),
    Pool(usize),
    Escrow(OrderSpot),
}

/// A change of a market's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Terms {
    /// Anything within the bounds, by this number.
    Any(u64),
    OutOfBounds,
}

/// A question asked of a copy of the world, which goes on as if nothing had
/// been.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Probe {
    /// Invariant 3: open, then close, whole and in parts.
    RoundTrip { at: Spot, long: bool, size: u64, margin: u64 },
    /// Invariant 3: margin in, and out again.
    MarginTrip { at: Spot, amount: u64 },
    /// Invariant 6: liquidating oneself against closing.
    SelfLiquidation { at: Spot },
    /// Invariant 13: a deposit, and all of it out at once.
    PoolTrip { market: usize, who: usize, amount: u64 },
    /// Invariant 9: the same with donations in the vaults and every token
    /// account of the owner frozen.
    Blocked { at: Spot, donation: u64, keeper: usize },
    /// Invariant 10: the same with account `slot` exchanged for another.
    Substituted { action: Box<Action>, slot: usize, by: usize },
    /// Invariant 14: the same in a paused market.
    Paused { action: Box<Action> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    // --- around the program
    /// Published `age` seconds ago; ahead of the clock where that is negative.
    Feed {
        market: usize,
        price: u64,
        confidence: u64,
        ema: u64,
        age: i64,
        /// How long before it the last price was published, in seconds.
        #[serde(default = "one_second")]
        gap: i64,
        fault: Fault,
    },
    Clock {
        seconds: u32,
    },
    /// The cluster restarts: prices from before do not count any more.
    Restart,
    Donate {
        to: Vault,
        amount: u64,
    },
    Ask(Probe),

    // --- traders
    Open {
        at: Spot,
        long: bool,
        size: u64,
        margin: u64,
        acceptable: Option<u64>,
        referrer: Option<usize>,
    },
    Increase {
        at: Spot,
        by: usize,
        size: u64,
        margin: u64,
    },
    Decrease {
        at: Spot,
        by: usize,
        size: u64,
        acceptable: Option<u64>,
    },
    Close {
        at: Spot,
        by: usize,
    },
    AddMargin {
        at: Spot,
        payer: usize,
        amount: u64,
    },
    RemoveMargin {
        at: Spot,
        by: usize,
        amount: u64,
    },
    SetDelegate {
        at: Spot,
        by: usize,
        delegate: Option<usize>,
    },

    CreatePosition {
        at: Spot,
        long: bool,
        referrer: Option<usize>,
    },
    PlaceOrder {
        of: OrderSpot,
        by: usize,
        asked: Asked,
    },
    CancelOrder {
        of: OrderSpot,
        by: usize,
    },

    // --- keepers, and anybody
    ExecuteOrder {
        of: OrderSpot,
        by: usize,
    },
    Liquidate {
        at: Spot,
        keeper: usize,
    },
    CloseAtCap {
        at: Spot,
        caller: usize,
    },
    Accrue {
        market: usize,
    },
    SettleMarket {
        market: usize,
    },
    CloseSettled {
        at: Spot,
    },
    CloseMarket {
        market: usize,
    },
    MigrateMarket {
        market: usize,
    },
    MigratePosition {
        at: Spot,
    },

    // --- providers and referrers
    AddLiquidity {
        market: usize,
        who: usize,
        id: u16,
        amount: u64,
    },
    ClaimShares {
        market: usize,
        who: usize,
        id: u16,
    },
    RemoveLiquidity {
        market: usize,
        who: usize,
        shares: u64,
    },
    FundInsurance {
        market: usize,
        who: usize,
        amount: u64,
    },
    CreateReferral {
        market: usize,
        who: usize,
    },
    ClaimReferralFees {
        market: usize,
        who: usize,
    },

    // --- governance
    InitializeExchange {
        by: Actor,
    },
    CreateMarket {
        by: Actor,
        kind: u8,
        terms: Terms,
    },
    ProposeParams {
        by: Actor,
        market: usize,
        terms: Terms,
    },
    ApplyParams {
        market: usize,
    },
    CancelParams {
        by: Actor,
        market: usize,
    },
    SetStatus {
        by: Actor,
        market: usize,
        status: u8,
    },
    AnnounceSettlement {
        by: Actor,
        market: usize,
        notice: u32,
    },
    NominateAdmin {
        by: Actor,
        nominee: Option<usize>,
    },
    AcceptAdmin {
        by: Actor,
    },
    CollectProtocolFees {
        market: usize,
    },
}

/// Of sequences that were kept before prices had predecessors.
fn one_second() -> i64 {
    1
}

impl Action {
    /// The instruction's name in the IDL; none for what is no instruction.
    pub fn name(&self) -> Option<&'static str> {
        use Action::*;
        Some(match self {
            Feed { .. } | Clock { .. } | Restart | Donate { .. } | Ask(_) => return None,
            Open { .. } => "open_position",
            Increase { .. } => "increase_position",
            Decrease { .. } => "decrease_position",
            Close { .. } => "close_position",
            AddMargin { .. } => "add_margin",
            RemoveMargin { .. } => "remove_margin",
            SetDelegate { .. } => "set_delegate",
            CreatePosition { .. } => "create_position",
            PlaceOrder { .. } => "place_order",
            CancelOrder { .. } => "cancel_order",
            ExecuteOrder { .. } => "execute_order",
            Liquidate { .. } => "liquidate",
            CloseAtCap { .. } => "close_at_cap",
            Accrue { .. } => "accrue",
            SettleMarket { .. } => "settle_market",
            CloseSettled { .. } => "close_settled",
            CloseMarket { .. } => "close_market",
            MigrateMarket { .. } => "migrate_market",
            MigratePosition { .. } => "migrate_position",
            AddLiquidity { .. } => "add_liquidity",
            ClaimShares { .. } => "claim_shares",
            RemoveLiquidity { .. } => "remove_liquidity",
            FundInsurance { .. } => "fund_insurance",
            CreateReferral { .. } => "create_referral",
            ClaimReferralFees { .. } => "claim_referral_fees",
            InitializeExchange { .. } => "initialize_exchange",
            CreateMarket { .. } => "create_market",
            ProposeParams { .. } => "propose_params",
            ApplyParams { .. } => "apply_params",
            CancelParams { .. } => "cancel_params",
            SetStatus { .. } => "set_status",
            AnnounceSettlement { .. } => "announce_settlement",
            NominateAdmin { .. } => "nominate_admin",
            AcceptAdmin { .. } => "accept_admin",
            CollectProtocolFees { .. } => "collect_protocol_fees",
        })
    }

    /// The position it is about.
    pub fn spot(&self) -> Option<Spot> {
        use Action::*;
        match *self {
            Open { at, .. } | Increase { at, .. } | Decrease { at, .. } | Close { at, .. } => Some(at),
            AddMargin { at, .. } | RemoveMargin { at, .. } | SetDelegate { at, .. } => Some(at),
            Liquidate { at, .. } | CloseAtCap { at, .. } | CloseSettled { at } => Some(at),
            MigratePosition { at } | CreatePosition { at, .. } => Some(at),
            _ => Some(self.order()?.at),
        }
    }

    /// The order it is about.
    pub fn order(&self) -> Option<OrderSpot> {
        use Action::*;
        match *self {
            PlaceOrder { of, .. } | CancelOrder { of, .. } | ExecuteOrder { of, .. } => Some(of),
            _ => None,
        }
    }

    /// The market it is about.
    pub fn market(&self) -> Option<usize> {
        use Action::*;
        if let Some(at) = self.spot() {
            return Some(at.market);
        }
        match *self {
            Feed { market, .. } | Accrue { market } | SettleMarket { market } => Some(market),
            CloseMarket { market } | MigrateMarket { market } | ApplyParams { market } => Some(market),
            AddLiquidity { market, .. } | ClaimShares { market, .. } => Some(market),
            RemoveLiquidity { market, .. } | FundInsurance { market, .. } => Some(market),
            CreateReferral { market, .. } | ClaimReferralFees { market, .. } => Some(market),
            ProposeParams { market, .. } | CancelParams { market, .. } => Some(market),
            SetStatus { market, .. } | AnnounceSettlement { market, .. } => Some(market),
            CollectProtocolFees { market } => Some(market),
            _ => None,
        }
    }
}
