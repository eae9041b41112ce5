//! Isolated-margin perpetual futures: every position is a PDA with a token
//! vault of its own. It can never cost its owner more than that vault holds,
//! and what it can win is reserved in the market's pool from the start.
//!
//! Units: collateral in atoms of the market's mint, prices in 10^-10 quote,
//! sizes in 10^-size_decimals base, ratios in parts per million, time in unix
//! seconds. Every rounding is against the position and for the pool.

#[cfg(sbf_upstream)]
use sbf_builtins as _;

pub mod constants;
pub mod creation;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod oracle;
pub mod state;
pub mod tokens;

use anchor_lang::prelude::*;
pub use errors::RingfenceError;
pub use instructions::*;
use state::MarketStatus;

declare_id!("RF5iwe7ovuawAsYfVQpyDVRBKh8WwCwYA3tBdHWnLrE");

#[cfg(not(feature = "no-entrypoint"))]
solana_security_txt::security_txt! {
    name: "Ringfence",
    project_url: "https://github.com/ringfence/ringfence",
    contacts: "link:https://github.com/ringfence/ringfence/security/advisories/new",
    policy: "https://github.com/ringfence/ringfence/blob/main/SECURITY.md",
    preferred_languages: "en",
    source_code: "https://github.com/ringfence/ringfence",
    auditors: "None yet"
}

#[program]
pub mod ringfence {
    use super::*;

    // Anchor compares an instruction's discriminator with these in their order,
    // five units for each: what is called most, and by keepers, comes first.

    /// Closes as much of a position whose equity is below maintenance as
    /// restores its initial margin ratio, or all of it, and pays the caller.
    /// What remains stays in the vault for the owner.
    ///
    /// Authority: anyone. Not in a settling market, where close_settled costs
    /// the owner nothing. Errors: NotLiquidatable, PositionEmpty,
    /// MarketSettling, and the oracle's.
    pub fn liquidate(ctx: Context<Liquidate>) -> Result<()> {
        handle_liquidate(ctx)
    }

    /// Does what an order says, as its trader could by himself, and pays the
    /// caller the prepaid reward; all rent goes to who placed it. A delayed
    /// order that cannot be filled at its price has then failed, for good: the
    /// caller is paid, and cancel_order sends the margin home.
    ///
    /// Authority: anyone. Errors: OrderVoid, OrderExpired, PriceBeforeOrder,
    /// NotFirstPrice, OrderNotTriggered, OrderPending, MarketSettling,
    /// WrongPosition, WrongEscrow, WrongPayee, and those of increase_position
    /// or decrease_position.
    pub fn execute_order(ctx: Context<ExecuteOrder>) -> Result<()> {
        handle_execute_order(ctx)
    }

    /// Opens a position: creates its account and its vault, moves the margin
    /// in and the opening fee out, reserves the largest gain in the pool. A
    /// referral named here shares in its trading fees for good.
    ///
    /// Authority: the owner, who pays margin and rent. Errors: MarketNotActive,
    /// WrongReferral, ZeroAmount, SlippageExceeded, MarginBelowFee, BelowInitialMargin,
    /// WouldBeLiquidatable, PositionTooSmall, OpenInterestLimit,
    /// InsufficientLiquidity, InstantOpenDisabled, and the oracle's.
    pub fn open_position(ctx: Context<OpenPosition>, args: OpenPositionArgs) -> Result<()> {
        handle_open_position(ctx, args)
    }

    /// Adds size, and margin with it if wanted. Otherwise as opening.
    ///
    /// Authority: the owner or the delegate, whoever signs pays the margin.
    /// Errors: those of open_position, PositionEmpty, NotOwnerOrDelegate, OrderPending.
    pub fn increase_position(ctx: Context<IncreasePosition>, args: IncreasePositionArgs) -> Result<()> {
        handle_increase_position(ctx, args)
    }

    /// Closes part or all of the size; the proceeds stay in the vault.
    ///
    /// Authority: the owner or the delegate. Works in every status. Errors:
    /// NotOwnerOrDelegate, WrongReferral, ZeroAmount, PositionEmpty, SizeExceedsPosition, SlippageExceeded, PositionTooSmall,
    /// WorseMarginRatio, WouldBeLiquidatable, OrderPending (for all of it), and the oracle's.
    pub fn decrease_position(ctx: Context<DecreasePosition>, args: DecreasePositionArgs) -> Result<()> {
        handle_decrease_position(ctx, args)
    }

    /// Closes what is open, pays out all that the vault holds, and returns
    /// the rent of both accounts. After a liquidation it needs no price.
    ///
    /// Authority: the owner. Works in every status. Errors: SlippageExceeded,
    /// WrongReferral, NotPositionOwner, OrderPending, and the oracle's.
    pub fn close_position(ctx: Context<ClosePosition>, args: ClosePositionArgs) -> Result<()> {
        handle_close_position(ctx, args)
    }

    /// Adds margin, in quote atoms, to any open position.
    ///
    /// Authority: anyone, from his own token account. Works in every status
    /// and needs no price. Errors: ZeroAmount, PositionEmpty.
    pub fn add_margin(ctx: Context<AddMargin>, amount: u64) -> Result<()> {
        handle_add_margin(ctx, amount)
    }

    /// Takes margin out, in quote atoms. Margin and unrealised losses must
    /// still cover the initial margin; unrealised gains never count.
    ///
    /// Authority: the owner. Errors: MarketPaused, MarketSettling, ZeroAmount,
    /// AmountExceedsMargin, BelowInitialMargin, OrderPending, and the oracle's.
    pub fn remove_margin(ctx: Context<RemoveMargin>, amount: u64) -> Result<()> {
        handle_remove_margin(ctx, amount)
    }

    /// Places an order, good for the position's present generation; puts its
    /// margin and its reward into an escrow of its own.
    ///
    /// Authority: the owner or the delegate, who pays margin, reward and rent.
    /// Needs no price. Errors: NotOwnerOrDelegate, MarketSettling,
    /// MarketNotActive, InvalidOrderTerms, OrderExpiryPassed, OrderPending,
    /// InstantOpenDisabled, FeedCannotDelay, OrderRewardTooLow.
    pub fn place_order(ctx: Context<PlaceOrder>, args: PlaceOrderArgs) -> Result<()> {
        handle_place_order(ctx, args)
    }

    /// Ends an order: what its escrow holds and all rent go to who placed it.
    ///
    /// Authority: who placed it or the position's owner; anyone once it is
    /// void or has expired. A delayed order is nobody's to cancel before that.
    /// Works in every status, and without the market. Errors: OrderLive,
    /// OrderPending, WrongPosition, WrongPayee, UnsafePayeeAccount.
    pub fn cancel_order(ctx: Context<CancelOrder>) -> Result<()> {
        handle_cancel_order(ctx)
    }

    /// Creates a position of no size, and its vault, for an order to open.
    ///
    /// Authority: the owner, who pays the rent; close_position returns it.
    /// Needs no price. Errors: MarketNotActive, WrongReferral.
    pub fn create_position(ctx: Context<CreatePosition>, args: CreatePositionArgs) -> Result<()> {
        handle_create_position(ctx, args)
    }

    /// Closes a position whose gain has reached its reserve, at the cap: all
    /// of the reserve joins its margin, and no fee is taken.
    ///
    /// Authority: anyone. Works in every status. Errors: GainBelowCap,
    /// OrderPending, PositionEmpty, and the oracle's.
    pub fn close_at_cap(ctx: Context<CloseAtCap>) -> Result<()> {
        handle_close_at_cap(ctx)
    }

    /// Advances the market's funding and borrow indices to now.
    ///
    /// Authority: anyone, no signature. Errors: the oracle's.
    pub fn accrue(ctx: Context<Accrue>) -> Result<()> {
        handle_accrue(ctx)
    }

    /// Lets another key trade a position and add margin, never withdraw; the
    /// default key for none.
    ///
    /// Authority: the owner. Errors: NotPositionOwner.
    pub fn set_delegate(ctx: Context<SetDelegate>, delegate: Pubkey) -> Result<()> {
        handle_set_delegate(ctx, delegate)
    }

    /// Deposits collateral into a market's pool for shares of it, which can be
    /// claimed once the cool-down is over.
    ///
    /// Authority: the provider. Amounts in quote atoms; shares round down.
    /// Errors: MarketNotActive, ZeroAmount, DepositTooSmall, PoolInsolvent,
    /// LiquiditySlippageExceeded, and the oracle's.
    pub fn add_liquidity(ctx: Context<AddLiquidity>, args: AddLiquidityArgs) -> Result<()> {
        handle_add_liquidity(ctx, args)
    }

    /// Mints the shares of a deposit whose cool-down is over (at once where the
    /// market is settling) to its provider, who also gets its rent back.
    ///
    /// Authority: anyone, no signature. Works in every status and needs no
    /// price. Errors: CooldownNotElapsed, WrongPayee, WrongDeposit,
    /// UnsafePayeeAccount.
    pub fn claim_shares(ctx: Context<ClaimShares>) -> Result<()> {
        handle_claim_shares(ctx)
    }

    /// Burns shares for their part of the pool's value, rounded down; only
    /// liquidity that no position has reserved leaves.
    ///
    /// Authority: the provider. In a settling market it needs no price, but
    /// every position closed, or seven days since. Errors: MarketPaused, PositionsStillOpen,
    /// ZeroAmount, InsufficientShares, WithdrawalTooSmall, LiquidityReserved,
    /// LiquiditySlippageExceeded, and the oracle's.
    pub fn remove_liquidity(ctx: Context<RemoveLiquidity>, args: RemoveLiquidityArgs) -> Result<()> {
        handle_remove_liquidity(ctx, args)
    }

    /// Pays a referrer's fees out, and closes his account where the market has
    /// settled and no position is left.
    ///
    /// Authority: anyone, no signature. Errors: NothingToCollect, WrongPayee,
    /// WrongReferral, UnsafePayeeAccount.
    pub fn claim_referral_fees(ctx: Context<ClaimReferralFees>) -> Result<()> {
        handle_claim_referral_fees(ctx)
    }

    /// Closes any position of a settling market at the settlement price,
    /// without a fee; what its vault holds and all rent go to the owner.
    ///
    /// Authority: anyone, no signature. Errors: MarketNotSettling, WrongPayee,
    /// UnsafePayeeAccount.
    pub fn close_settled(ctx: Context<CloseSettled>) -> Result<()> {
        handle_close_settled(ctx)
    }

    /// Creates the exchange account, once.
    ///
    /// Authority: the program's upgrade authority, which also pays the rent.
    /// Errors: NotUpgradeAuthority, ParameterOutOfBounds.
    pub fn initialize_exchange(ctx: Context<InitializeExchange>, args: InitializeExchangeArgs) -> Result<()> {
        handle_initialize_exchange(ctx, args)
    }

    /// Creates a market with its pool vault and LP mint; it starts Active.
    ///
    /// Authority: admin. Parameters: see MarketParams and OracleConfig; each
    /// has hard bounds. Errors: NotAdmin, ParameterOutOfBounds, InvalidName,
    /// CooldownTooShort, InvalidDecimals, InvalidEnumValue, OracleNotPinned,
    /// UnsafeMintExtension.
    pub fn create_market(ctx: Context<CreateMarket>, args: CreateMarketArgs) -> Result<()> {
        handle_create_market(ctx, args)
    }

    /// Sets what a market lets its users do.
    ///
    /// Authority: admin; the guardian only towards safety. Errors:
    /// NotAdminOrGuardian, GuardianCannotRelax, MarketSettling,
    /// SettlingNeedsSettlement.
    pub fn set_status(ctx: Context<SetStatus>, status: MarketStatus) -> Result<()> {
        handle_set_status(ctx, status)
    }

    /// Adds to the insurance of a market, in quote atoms.
    ///
    /// Authority: anyone, from his own token account. Errors: ZeroAmount.
    pub fn fund_insurance(ctx: Context<FundInsurance>, amount: u64) -> Result<()> {
        handle_fund_insurance(ctx, amount)
    }

    /// Pays the protocol's fees out to the treasury.
    ///
    /// Authority: anyone, no signature; there is one destination. From a
    /// settled market without open positions the insurance goes along. Errors:
    /// NotTreasury, NothingToCollect.
    pub fn collect_protocol_fees(ctx: Context<CollectProtocolFees>) -> Result<()> {
        handle_collect_protocol_fees(ctx)
    }

    /// Proposes a market's parameters; they wait for the timelock.
    ///
    /// Authority: admin, who pays the rent. Errors: NotAdmin, MarketSettling,
    /// ParameterOutOfBounds, CooldownTooShort, OracleNotPinned, InvalidEnumValue.
    pub fn propose_params(ctx: Context<ProposeParams>, args: ProposeParamsArgs) -> Result<()> {
        handle_propose_params(ctx, args)
    }

    /// Applies a proposal whose timelock has run out; its rent goes back.
    ///
    /// Authority: anyone, no signature. Errors: TimelockNotElapsed,
    /// MarketSettling, CooldownTooShort, WrongProposal.
    pub fn apply_params(ctx: Context<ApplyParams>) -> Result<()> {
        handle_apply_params(ctx)
    }

    /// Announces a market's end for `settles_at`, unix seconds, at least the
    /// timelock away; the market becomes reduce-only. Announced anew it moves,
    /// set_status to Active takes it back.
    ///
    /// Authority: admin. Errors: NotAdmin, NoticeTooShort, MarketSettling.
    pub fn announce_settlement(ctx: Context<AnnounceSettlement>, settles_at: i64) -> Result<()> {
        handle_announce_settlement(ctx, settles_at)
    }

    /// Ends a market: from now on every price is the one that is read here,
    /// published since the announced time.
    ///
    /// Authority: anyone, no signature. Errors: SettlementNotAnnounced,
    /// NoticeNotElapsed, PriceBeforeSettlement, MarketSettling, and the oracle's.
    pub fn settle_market(ctx: Context<SettleMarket>) -> Result<()> {
        handle_settle_market(ctx)
    }

    /// Closes a settled market that nothing depends on any more: what its
    /// vault still holds goes to the treasury, its rent to the admin.
    ///
    /// Authority: anyone, no signature. Errors: MarketNotSettling,
    /// MarketNotEmpty, WrongPayee, NotTreasury.
    pub fn close_market(ctx: Context<CloseMarket>) -> Result<()> {
        handle_close_market(ctx)
    }

    /// Opens the account that a referrer's share of trading fees is kept in.
    ///
    /// Authority: the referrer, who pays the rent. Errors: MarketNotActive.
    pub fn create_referral(ctx: Context<CreateReferral>) -> Result<()> {
        handle_create_referral(ctx)
    }

    /// Brings a market of an earlier layout to this program's.
    ///
    /// Authority: anyone, no signature. Errors: NothingToMigrate,
    /// UnsupportedVersion.
    pub fn migrate_market(ctx: Context<MigrateMarket>) -> Result<()> {
        handle_migrate_market(ctx)
    }

    /// Brings a position of an earlier layout to this program's, its market
    /// first.
    ///
    /// Authority: anyone, no signature. Errors: NothingToMigrate,
    /// UnsupportedVersion, WrongMarket.
    pub fn migrate_position(ctx: Context<MigratePosition>) -> Result<()> {
        handle_migrate_position(ctx)
    }

    /// Withdraws a proposal; its rent goes back.
    ///
    /// Authority: admin or guardian. Errors: NotAdminOrGuardian, WrongProposal.
    pub fn cancel_params(ctx: Context<CancelParams>) -> Result<()> {
        handle_cancel_params(ctx)
    }

    /// Names a successor of the admin; the default key takes it back.
    ///
    /// Authority: admin. Errors: NotAdmin.
    pub fn nominate_admin(ctx: Context<NominateAdmin>, nominee: Pubkey) -> Result<()> {
        handle_nominate_admin(ctx, nominee)
    }

    /// The nominee becomes admin.
    ///
    /// Authority: the nominee. Errors: NotPendingAdmin.
    pub fn accept_admin(ctx: Context<AcceptAdmin>) -> Result<()> {
        handle_accept_admin(ctx)
    }
}
