//! One builder per instruction. Addresses that follow from others are derived
//! here; what the market fixes comes from [`MarketAccounts`].

use borsh::BorshSerialize;
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;
use solana_sdk_ids::system_program;

use crate::generated::{instruction_accounts as accounts, instruction_data as instruction};
use crate::state::{Market, MarketStatus, Order, OrderTerms};
use crate::{
    AddLiquidityArgs, ClosePositionArgs, CreateMarketArgs, CreatePositionArgs, DecreasePositionArgs,
    Discriminator, IncreasePositionArgs, InitializeExchangeArgs, OpenPositionArgs, PROGRAM_ID,
    PlaceOrderArgs, ProposeParamsArgs, RemoveLiquidityArgs, pda,
};

/// The accounts that every instruction on a market shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketAccounts {
    pub market: Pubkey,
    pub collateral_mint: Pubkey,
    pub pool_vault: Pubkey,
    pub lp_mint: Pubkey,
    pub token_program: Pubkey,
    /// The account that the price is read from.
    pub oracle: Pubkey,
}

impl MarketAccounts {
    /// From a decoded market. `oracle` is needed for a pull feed that is not
    /// pinned; else pass the pinned account.
    pub fn new(key: Pubkey, market: &Market, oracle: Pubkey) -> Self {
        Self {
            market: key,
            collateral_mint: market.collateral_mint,
            pool_vault: market.pool_vault,
            lp_mint: market.lp_mint,
            token_program: market.token_program,
            oracle,
        }
    }
}

/// Accounts of an instruction, in its order; an optional one that is left out
/// is the program's own address.
pub trait AccountMetas {
    fn account_metas(&self) -> Vec<AccountMeta>;
}

fn build<D: Discriminator + BorshSerialize>(accounts: impl AccountMetas, arguments: D) -> Instruction {
    let mut data = D::DISCRIMINATOR.to_vec();
    arguments.serialize(&mut data).expect("a vector takes what is written");
    Instruction { program_id: PROGRAM_ID, accounts: accounts.account_metas(), data }
}

pub fn initialize_exchange(authority: Pubkey, args: InitializeExchangeArgs) -> Instruction {
    build(
        accounts::InitializeExchange {
            authority,
            exchange: pda::exchange(),
            ringfence: PROGRAM_ID,
            program_data: pda::program_data(),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::InitializeExchange { args },
    )
}

/// `index` is the exchange's market count.
pub fn create_market(
    admin: Pubkey,
    index: u16,
    collateral_mint: Pubkey,
    token_program: Pubkey,
    args: CreateMarketArgs,
) -> Instruction {
    let market = pda::market(index);
    build(
        accounts::CreateMarket {
            admin,
            exchange: pda::exchange(),
            market,
            collateral_mint,
            pool_vault: pda::pool_vault(&market),
            lp_mint: pda::lp_mint(&market),
            token_program,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::CreateMarket { args },
    )
}

pub fn set_status(authority: Pubkey, market: Pubkey, status: MarketStatus) -> Instruction {
    build(
        accounts::SetStatus {
            authority,
            exchange: pda::exchange(),
            market,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::SetStatus { status },
    )
}

/// `args.id` is the provider's own number for this deposit.
pub fn add_liquidity(
    market: &MarketAccounts,
    provider: Pubkey,
    provider_token_account: Pubkey,
    args: AddLiquidityArgs,
) -> Instruction {
    build(
        accounts::AddLiquidity {
            provider,
            provider_token_account,
            market: market.market,
            deposit: pda::liquidity_deposit(&market.market, &provider, args.id),
            pool_vault: market.pool_vault,
            oracle: market.oracle,
            token_program: market.token_program,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::AddLiquidity { args },
    )
}

/// `provider` and `id` as the deposit has them; `provider_lp_account` is the
/// provider's own.
pub fn claim_shares(
    market: &MarketAccounts,
    provider: Pubkey,
    id: u16,
    provider_lp_account: Pubkey,
) -> Instruction {
    build(
        accounts::ClaimShares {
            provider,
            provider_lp_account,
            market: market.market,
            deposit: pda::liquidity_deposit(&market.market, &provider, id),
            lp_mint: market.lp_mint,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::ClaimShares {},
    )
}

pub fn remove_liquidity(
    market: &MarketAccounts,
    provider: Pubkey,
    provider_token_account: Pubkey,
    provider_lp_account: Pubkey,
    args: RemoveLiquidityArgs,
) -> Instruction {
    build(
        accounts::RemoveLiquidity {
            provider,
            provider_token_account,
            provider_lp_account,
            market: market.market,
            pool_vault: market.pool_vault,
            lp_mint: market.lp_mint,
            oracle: market.oracle,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::RemoveLiquidity { args },
    )
}

/// `referral` shares in the position's trading fees for good.
pub fn open_position(
    market: &MarketAccounts,
    owner: Pubkey,
    owner_token_account: Pubkey,
    referral: Option<Pubkey>,
    args: OpenPositionArgs,
) -> Instruction {
    let position = pda::position(&market.market, &owner, args.id);
    build(
        accounts::OpenPosition {
            owner,
            owner_token_account,
            market: market.market,
            position,
            position_vault: pda::position_vault(&position),
            referral,
            pool_vault: market.pool_vault,
            collateral_mint: market.collateral_mint,
            oracle: market.oracle,
            token_program: market.token_program,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::OpenPosition { args },
    )
}

/// A position of no size, for an order to open.
pub fn create_position(
    market: &MarketAccounts,
    owner: Pubkey,
    referral: Option<Pubkey>,
    args: CreatePositionArgs,
) -> Instruction {
    let position = pda::position(&market.market, &owner, args.id);
    build(
        accounts::CreatePosition {
            owner,
            market: market.market,
            position,
            position_vault: pda::position_vault(&position),
            referral,
            collateral_mint: market.collateral_mint,
            token_program: market.token_program,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::CreatePosition { args },
    )
}

/// `trader` is the position's owner or delegate; `id` his own number for this
/// order.
pub fn place_order(
    market: &MarketAccounts,
    position: Pubkey,
    trader: Pubkey,
    trader_token_account: Pubkey,
    id: u8,
    terms: OrderTerms,
) -> Instruction {
    let order = pda::order(&position, id);
    let (escrow, escrow_bump) = pda::order_escrow_and_bump(&order);
    build(
        accounts::PlaceOrder {
            trader,
            trader_token_account,
            market: market.market,
            position,
            order,
            escrow,
            collateral_mint: market.collateral_mint,
            token_program: market.token_program,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::PlaceOrder { args: PlaceOrderArgs { id, escrow_bump, terms } },
    )
}

/// `trader_token_account` is any of the order's trader's own.
pub fn cancel_order(
    token_program: Pubkey,
    key: Pubkey,
    order: &Order,
    canceller: Pubkey,
    trader_token_account: Pubkey,
) -> Instruction {
    build(
        accounts::CancelOrder {
            canceller,
            trader: order.trader,
            trader_token_account,
            position: order.position,
            order: key,
            escrow: order.escrow,
            token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::CancelOrder {},
    )
}

/// `referral` is the one that the position names.
pub fn execute_order(
    market: &MarketAccounts,
    key: Pubkey,
    order: &Order,
    executor: Pubkey,
    executor_token_account: Pubkey,
    referral: Option<Pubkey>,
) -> Instruction {
    build(
        accounts::ExecuteOrder {
            executor,
            executor_token_account,
            market: market.market,
            position: order.position,
            position_vault: pda::position_vault(&order.position),
            order: key,
            escrow: order.escrow,
            trader: order.trader,
            referral,
            pool_vault: market.pool_vault,
            oracle: market.oracle,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::ExecuteOrder {},
    )
}

/// `trader` is the owner or the delegate, and pays the margin; `referral` as
/// the position has it.
pub fn increase_position(
    market: &MarketAccounts,
    position: Pubkey,
    trader: Pubkey,
    trader_token_account: Pubkey,
    referral: Option<Pubkey>,
    args: IncreasePositionArgs,
) -> Instruction {
    build(
        accounts::IncreasePosition {
            trader,
            trader_token_account,
            market: market.market,
            position,
            position_vault: pda::position_vault(&position),
            referral,
            pool_vault: market.pool_vault,
            oracle: market.oracle,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::IncreasePosition { args },
    )
}

/// `trader` is the owner or the delegate; `referral` as the position has it.
pub fn decrease_position(
    market: &MarketAccounts,
    position: Pubkey,
    trader: Pubkey,
    referral: Option<Pubkey>,
    args: DecreasePositionArgs,
) -> Instruction {
    build(
        accounts::DecreasePosition {
            trader,
            market: market.market,
            position,
            position_vault: pda::position_vault(&position),
            referral,
            pool_vault: market.pool_vault,
            oracle: market.oracle,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::DecreasePosition { args },
    )
}

/// `referral` as the position has it.
pub fn close_position(
    market: &MarketAccounts,
    position: Pubkey,
    owner: Pubkey,
    owner_token_account: Pubkey,
    referral: Option<Pubkey>,
    args: ClosePositionArgs,
) -> Instruction {
    build(
        accounts::ClosePosition {
            owner,
            owner_token_account,
            market: market.market,
            position,
            position_vault: pda::position_vault(&position),
            referral,
            pool_vault: market.pool_vault,
            oracle: market.oracle,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::ClosePosition { args },
    )
}

pub fn add_margin(
    token_program: Pubkey,
    position: Pubkey,
    payer: Pubkey,
    payer_token_account: Pubkey,
    amount: u64,
) -> Instruction {
    build(
        accounts::AddMargin {
            payer,
            payer_token_account,
            position,
            position_vault: pda::position_vault(&position),
            token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::AddMargin { amount },
    )
}

pub fn remove_margin(
    market: &MarketAccounts,
    position: Pubkey,
    owner: Pubkey,
    owner_token_account: Pubkey,
    amount: u64,
) -> Instruction {
    build(
        accounts::RemoveMargin {
            owner,
            owner_token_account,
            market: market.market,
            position,
            position_vault: pda::position_vault(&position),
            oracle: market.oracle,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::RemoveMargin { amount },
    )
}

pub fn liquidate(
    market: &MarketAccounts,
    position: Pubkey,
    liquidator: Pubkey,
    liquidator_token_account: Pubkey,
) -> Instruction {
    build(
        accounts::Liquidate {
            liquidator,
            liquidator_token_account,
            market: market.market,
            position,
            position_vault: pda::position_vault(&position),
            pool_vault: market.pool_vault,
            oracle: market.oracle,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::Liquidate {},
    )
}

pub fn close_at_cap(market: &MarketAccounts, position: Pubkey, caller: Pubkey) -> Instruction {
    build(
        accounts::CloseAtCap {
            caller,
            market: market.market,
            position,
            position_vault: pda::position_vault(&position),
            pool_vault: market.pool_vault,
            oracle: market.oracle,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::CloseAtCap {},
    )
}

pub fn accrue(market: &MarketAccounts) -> Instruction {
    build(
        accounts::Accrue {
            market: market.market,
            oracle: market.oracle,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::Accrue {},
    )
}

/// The default key for no delegate.
pub fn set_delegate(position: Pubkey, owner: Pubkey, delegate: Pubkey) -> Instruction {
    build(
        accounts::SetDelegate {
            owner,
            position,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::SetDelegate { delegate },
    )
}

/// `owner` as the position has it; `owner_token_account` is the owner's own.
pub fn close_settled(
    market: &MarketAccounts,
    position: Pubkey,
    owner: Pubkey,
    owner_token_account: Pubkey,
) -> Instruction {
    build(
        accounts::CloseSettled {
            owner,
            owner_token_account,
            market: market.market,
            position,
            position_vault: pda::position_vault(&position),
            pool_vault: market.pool_vault,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::CloseSettled {},
    )
}

/// `settles_at` in unix seconds.
pub fn announce_settlement(admin: Pubkey, market: Pubkey, settles_at: i64) -> Instruction {
    build(
        accounts::AnnounceSettlement {
            admin,
            exchange: pda::exchange(),
            market,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::AnnounceSettlement { settles_at },
    )
}

pub fn settle_market(market: &MarketAccounts) -> Instruction {
    build(
        accounts::SettleMarket {
            market: market.market,
            oracle: market.oracle,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::SettleMarket {},
    )
}

/// `admin` as the exchange has it: the rent goes there.
pub fn close_market(market: &MarketAccounts, admin: Pubkey, treasury_token_account: Pubkey) -> Instruction {
    build(
        accounts::CloseMarket {
            exchange: pda::exchange(),
            admin,
            treasury_token_account,
            market: market.market,
            proposal: pda::params_proposal(&market.market),
            pool_vault: market.pool_vault,
            lp_mint: market.lp_mint,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::CloseMarket {},
    )
}

pub fn create_referral(market: Pubkey, referrer: Pubkey) -> Instruction {
    build(
        accounts::CreateReferral {
            referrer,
            market,
            referral: pda::referral(&market, &referrer),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::CreateReferral {},
    )
}

/// `referrer_token_account` is the referrer's own.
pub fn claim_referral_fees(
    market: &MarketAccounts,
    referrer: Pubkey,
    referrer_token_account: Pubkey,
) -> Instruction {
    build(
        accounts::ClaimReferralFees {
            referrer,
            referrer_token_account,
            market: market.market,
            referral: pda::referral(&market.market, &referrer),
            pool_vault: market.pool_vault,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::ClaimReferralFees {},
    )
}

pub fn migrate_market(market: Pubkey) -> Instruction {
    build(
        accounts::MigrateMarket { market, event_authority: pda::event_authority(), program: PROGRAM_ID },
        instruction::MigrateMarket {},
    )
}

pub fn migrate_position(market: Pubkey, position: Pubkey) -> Instruction {
    build(
        accounts::MigratePosition {
            market,
            position,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::MigratePosition {},
    )
}

pub fn fund_insurance(
    market: &MarketAccounts,
    payer: Pubkey,
    payer_token_account: Pubkey,
    amount: u64,
) -> Instruction {
    build(
        accounts::FundInsurance {
            payer,
            payer_token_account,
            market: market.market,
            pool_vault: market.pool_vault,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::FundInsurance { amount },
    )
}

pub fn collect_protocol_fees(market: &MarketAccounts, treasury_token_account: Pubkey) -> Instruction {
    build(
        accounts::CollectProtocolFees {
            exchange: pda::exchange(),
            treasury_token_account,
            market: market.market,
            pool_vault: market.pool_vault,
            token_program: market.token_program,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::CollectProtocolFees {},
    )
}

pub fn propose_params(admin: Pubkey, market: Pubkey, args: ProposeParamsArgs) -> Instruction {
    build(
        accounts::ProposeParams {
            admin,
            exchange: pda::exchange(),
            market,
            proposal: pda::params_proposal(&market),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::ProposeParams { args },
    )
}

/// `proposer` as the proposal has it: the rent goes back there.
pub fn apply_params(proposer: Pubkey, market: Pubkey) -> Instruction {
    build(
        accounts::ApplyParams {
            proposer,
            market,
            proposal: pda::params_proposal(&market),
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::ApplyParams {},
    )
}

pub fn cancel_params(authority: Pubkey, proposer: Pubkey, market: Pubkey) -> Instruction {
    build(
        accounts::CancelParams {
            authority,
            exchange: pda::exchange(),
            proposer,
            market,
            proposal: pda::params_proposal(&market),
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::CancelParams {},
    )
}

/// The default key takes a nomination back.
pub fn nominate_admin(admin: Pubkey, nominee: Pubkey) -> Instruction {
    build(
        accounts::NominateAdmin {
            admin,
            exchange: pda::exchange(),
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::NominateAdmin { nominee },
    )
}

pub fn accept_admin(nominee: Pubkey) -> Instruction {
    build(
        accounts::AcceptAdmin {
            nominee,
            exchange: pda::exchange(),
            event_authority: pda::event_authority(),
            program: PROGRAM_ID,
        },
        instruction::AcceptAdmin {},
    )
}
