//! Events, emitted by self-CPI so that no log limit can drop them. Together
//! they carry every amount needed to rebuild the books. Money in quote atoms,
//! prices 10^-10 quote, sizes in the market's size units.

use anchor_lang::Event;
use anchor_lang::event::EVENT_IX_TAG_LE;
use anchor_lang::prelude::*;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::solana_program::program::invoke_signed;

use crate::constants::EVENT_AUTHORITY_SEED;
use crate::state::{AcceptedPrice, MarketParams, MarketStatus, OracleConfig, OrderKind, OrderTerms, Side};

/// Bytes that no event but those with a whole set of parameters exceeds.
const USUAL_SIZE: usize = 512;

/// Calls this program itself with `event` as the data, so that the transaction
/// carries it. The instruction is that of Anchor's `emit_cpi!`, byte for byte;
/// the macro copies the data one byte at a time, for 1,000 to 2,500 units.
pub fn record<E: Event>(authority: &AccountInfo, event: &E) -> Result<()> {
    let mut data = Vec::with_capacity(USUAL_SIZE);
    data.extend_from_slice(EVENT_IX_TAG_LE);
    data.extend_from_slice(E::DISCRIMINATOR);
    event.serialize(&mut data)?;
    let accounts = vec![AccountMeta::new_readonly(*authority.key, true)];
    let instruction = Instruction { program_id: crate::ID, accounts, data };
    let seeds: &[&[u8]] = &[EVENT_AUTHORITY_SEED, &[crate::EVENT_AUTHORITY_AND_BUMP.1]];
    Ok(invoke_signed(&instruction, std::slice::from_ref(authority), &[seeds])?)
}

#[event]
#[derive(Clone, Debug)]
pub struct ExchangeInitialized {
    pub admin: Pubkey,
    pub guardian: Pubkey,
    pub treasury: Pubkey,
    pub timelock_seconds: u32,
}

#[event]
#[derive(Clone, Debug)]
pub struct MarketCreated {
    pub market: Pubkey,
    pub index: u16,
    pub name: [u8; 16],
    pub collateral_mint: Pubkey,
    pub lp_mint: Pubkey,
    pub size_decimals: u8,
    pub quote_decimals: u8,
    pub oracle: OracleConfig,
    pub params: MarketParams,
}

#[event]
#[derive(Clone, Debug)]
pub struct StatusChanged {
    pub market: Pubkey,
    pub authority: Pubkey,
    pub before: MarketStatus,
    pub after: MarketStatus,
}

#[event]
#[derive(Clone, Debug)]
pub struct LiquidityAdded {
    pub market: Pubkey,
    pub provider: Pubkey,
    pub deposit: Pubkey,
    pub id: u16,
    pub amount: u64,
    pub shares: u64,
    /// From when the shares can be claimed, unix seconds.
    pub unlocks_at: i64,
    /// Liquidity and shares afterwards, the locked ones included.
    pub liquidity: u64,
    pub lp_shares: u64,
    pub oracle: AcceptedPrice,
}

/// A deposit's shares were minted to its provider.
#[event]
#[derive(Clone, Debug)]
pub struct SharesClaimed {
    pub market: Pubkey,
    pub provider: Pubkey,
    pub deposit: Pubkey,
    pub shares: u64,
}

#[event]
#[derive(Clone, Debug)]
pub struct LiquidityRemoved {
    pub market: Pubkey,
    pub provider: Pubkey,
    pub amount: u64,
    pub shares: u64,
    pub liquidity: u64,
    pub lp_shares: u64,
    pub oracle: AcceptedPrice,
}

/// Where a fee went; the parts sum to the fee.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeParts {
    pub liquidity: u64,
    pub insurance: u64,
    pub protocol: u64,
    pub referrer: u64,
}

impl From<ringfence_math::FeeSplit> for FeeParts {
    fn from(split: ringfence_math::FeeSplit) -> Self {
        Self {
            liquidity: split.liquidity.0,
            insurance: split.insurance.0,
            protocol: split.protocol.0,
            referrer: split.referrer.0,
        }
    }
}

#[event]
#[derive(Clone, Debug)]
pub struct PositionOpened {
    pub market: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    /// The default key for none.
    pub referral: Pubkey,
    pub id: u16,
    pub generation: u64,
    pub side: Side,
    pub size: u64,
    pub fill_price: u64,
    pub entry_notional: u64,
    pub reserve: u64,
    /// Margin put up, before the fee.
    pub deposit: u64,
    pub fee: u64,
    pub fee_parts: FeeParts,
    /// Margin afterwards.
    pub margin: u64,
    pub oracle: AcceptedPrice,
}

#[event]
#[derive(Clone, Debug)]
pub struct PositionIncreased {
    pub market: Pubkey,
    pub position: Pubkey,
    /// What was added.
    pub size: u64,
    pub fill_price: u64,
    pub entry_notional: u64,
    pub reserve: u64,
    pub deposit: u64,
    pub fee: u64,
    pub fee_parts: FeeParts,
    /// Margin afterwards.
    pub margin: u64,
    pub oracle: AcceptedPrice,
}

/// A decrease, or the size that a close still had open.
#[event]
#[derive(Clone, Debug)]
pub struct PositionDecreased {
    pub market: Pubkey,
    pub position: Pubkey,
    /// What was closed.
    pub size: u64,
    pub fill_price: u64,
    pub entry_notional: u64,
    pub reserve: u64,
    /// Accrued on what was closed and part of gain or loss: funding positive
    /// where received, borrow always owed.
    pub funding: i128,
    pub borrow: u64,
    /// Paid by the pool into the vault.
    pub gain: u64,
    /// Paid by the vault to the pool.
    pub loss: u64,
    pub fee: u64,
    pub fee_parts: FeeParts,
    pub fee_forgiven: u64,
    /// Loss that the vault could not pay, and what insurance covered of it.
    pub bad_debt: u64,
    pub insurance_cover: u64,
    /// Margin afterwards.
    pub margin: u64,
    pub oracle: AcceptedPrice,
}

#[event]
#[derive(Clone, Debug)]
pub struct PositionClosed {
    pub market: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    pub generation: u64,
    /// Paid to the owner: the margin, and donations that lay in the vault.
    pub payout: u64,
    /// The part of the payout that was never margin.
    pub surplus: u64,
    pub realised_pnl: i128,
    pub fees_paid: u64,
}

#[event]
#[derive(Clone, Debug)]
pub struct MarginAdded {
    pub market: Pubkey,
    pub position: Pubkey,
    pub payer: Pubkey,
    pub amount: u64,
    /// Margin afterwards.
    pub margin: u64,
}

#[event]
#[derive(Clone, Debug)]
pub struct MarginRemoved {
    pub market: Pubkey,
    pub position: Pubkey,
    pub amount: u64,
    /// Margin afterwards.
    pub margin: u64,
}

#[event]
#[derive(Clone, Debug)]
pub struct PositionLiquidated {
    pub market: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    pub liquidator: Pubkey,
    pub size: u64,
    /// Edge of the confidence interval that the position was judged by.
    pub price: u64,
    /// What gain or loss were settled at: `price`, or worse.
    pub settled_at: u64,
    pub notional: u64,
    pub entry_notional: u64,
    pub reserve: u64,
    /// Accrued on what was closed and part of gain or loss.
    pub funding: i128,
    pub borrow: u64,
    /// Of the whole position, before.
    pub equity: i128,
    pub maintenance: u64,
    pub gain: u64,
    pub loss: u64,
    pub keeper_from_vault: u64,
    pub keeper_from_insurance: u64,
    pub insurance_fee: u64,
    pub bad_debt: u64,
    pub insurance_cover: u64,
    /// Size left open; zero for a full liquidation.
    pub remaining_size: u64,
    /// The position's new one: its orders are void.
    pub generation: u64,
    /// Margin afterwards; the owner can take it out where nothing is open.
    pub margin: u64,
    pub oracle: AcceptedPrice,
}

/// A position whose gain had reached its reserve; all of it joined the margin.
#[event]
#[derive(Clone, Debug)]
pub struct PositionCapped {
    pub market: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    pub caller: Pubkey,
    pub size: u64,
    /// Edge of the confidence interval that the position was judged by.
    pub price: u64,
    pub entry_notional: u64,
    pub funding: i128,
    pub borrow: u64,
    /// The reserve, paid by the pool into the vault.
    pub gain: u64,
    /// Margin afterwards: what the owner can take out.
    pub margin: u64,
    pub oracle: AcceptedPrice,
}

/// Where a market's indices stand.
#[event]
#[derive(Clone, Debug)]
pub struct FundingAccrued {
    pub market: Pubkey,
    /// 10^-18 of the notional per day; longs pay while it is positive.
    pub funding_rate: i64,
    /// Quote atoms × 10^18 per size unit.
    pub funding_index: i128,
    /// Quote atoms × 10^18 per reserved atom.
    pub borrow_index: u128,
    pub accrued_at: i64,
    pub oracle: AcceptedPrice,
}

#[event]
#[derive(Clone, Debug)]
pub struct InsuranceFunded {
    pub market: Pubkey,
    pub payer: Pubkey,
    pub amount: u64,
    /// Insurance afterwards.
    pub insurance: u64,
}

#[event]
#[derive(Clone, Debug)]
pub struct ProtocolFeesCollected {
    pub market: Pubkey,
    pub treasury: Pubkey,
    pub fees: u64,
    /// What a settled market without open positions no longer insures.
    pub insurance: u64,
}

#[event]
#[derive(Clone, Debug)]
pub struct AdminNominated {
    pub admin: Pubkey,
    /// The default key where the nomination was taken back.
    pub nominee: Pubkey,
}

#[event]
#[derive(Clone, Debug)]
pub struct AdminAccepted {
    pub before: Pubkey,
    pub admin: Pubkey,
}

#[event]
#[derive(Clone, Debug)]
pub struct ParamsProposed {
    pub market: Pubkey,
    pub proposer: Pubkey,
    /// Earliest time at which anyone can apply them, unix seconds.
    pub eta: i64,
    pub params: MarketParams,
    pub oracle: OracleConfig,
}

#[event]
#[derive(Clone, Debug)]
pub struct ParamsApplied {
    pub market: Pubkey,
    pub params: MarketParams,
    pub oracle: OracleConfig,
}

#[event]
#[derive(Clone, Debug)]
pub struct DelegateChanged {
    pub position: Pubkey,
    /// The default key for none.
    pub delegate: Pubkey,
}

#[event]
#[derive(Clone, Debug)]
pub struct ParamsCancelled {
    pub market: Pubkey,
    pub authority: Pubkey,
}

#[event]
#[derive(Clone, Debug)]
pub struct ReferralCreated {
    pub market: Pubkey,
    pub referral: Pubkey,
    pub referrer: Pubkey,
}

#[event]
#[derive(Clone, Debug)]
pub struct ReferralFeesClaimed {
    pub market: Pubkey,
    pub referral: Pubkey,
    pub referrer: Pubkey,
    pub amount: u64,
    /// Whether the account is gone, its rent with the referrer.
    pub closed: bool,
}

/// From when anyone can settle a market, unix seconds.
#[event]
#[derive(Clone, Debug)]
pub struct SettlementAnnounced {
    pub market: Pubkey,
    pub settles_at: i64,
    pub before: MarketStatus,
    pub after: MarketStatus,
}

/// The price at which every position of a market ends, and the indices. The
/// market's status is Settling from here.
#[event]
#[derive(Clone, Debug)]
pub struct MarketSettled {
    pub market: Pubkey,
    pub settlement_price: u64,
    pub settled_at: i64,
    pub funding_index: i128,
    pub borrow_index: u128,
    pub oracle: AcceptedPrice,
}

/// A market is gone; what its pool vault still held went to the treasury.
#[event]
#[derive(Clone, Debug)]
pub struct MarketClosed {
    pub market: Pubkey,
    pub index: u16,
    pub treasury: Pubkey,
    pub amount: u64,
}

/// Layout versions before and after.
#[event]
#[derive(Clone, Debug)]
pub struct MarketMigrated {
    pub market: Pubkey,
    pub from: u8,
    pub to: u8,
}

/// Layout versions before and after.
#[event]
#[derive(Clone, Debug)]
pub struct PositionMigrated {
    pub market: Pubkey,
    pub position: Pubkey,
    pub from: u8,
    pub to: u8,
}

/// A position of no size, for an order to open.
#[event]
#[derive(Clone, Debug)]
pub struct PositionCreated {
    pub market: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    /// The default key for none.
    pub referral: Pubkey,
    pub id: u16,
    pub generation: u64,
    pub side: Side,
}

/// An order, and what it holds: margin and reward.
#[event]
#[derive(Clone, Debug)]
pub struct OrderPlaced {
    pub market: Pubkey,
    pub position: Pubkey,
    pub order: Pubkey,
    /// Who placed it, and gets back what it does not use.
    pub trader: Pubkey,
    pub id: u8,
    pub generation: u64,
    pub terms: OrderTerms,
    /// Unix seconds.
    pub not_before: i64,
    pub expires_at: i64,
}

/// An order did what it says; the trade itself has an event of its own.
#[event]
#[derive(Clone, Debug)]
pub struct OrderExecuted {
    pub market: Pubkey,
    pub position: Pubkey,
    pub order: Pubkey,
    pub trader: Pubkey,
    pub executor: Pubkey,
    pub id: u8,
    pub kind: OrderKind,
    /// Size units added or closed.
    pub size: u64,
    pub fill_price: u64,
    /// Paid to the executor from the order's escrow.
    pub reward: u64,
    /// Moved from the escrow into the position's vault: the order's margin,
    /// and donations, which are the owner's without counting as margin.
    pub to_vault: u64,
    /// When the price that it executed at was published, unix seconds.
    pub publish_time: i64,
}

/// A delayed order could not be filled at its price, and has ended: its margin
/// waits in the escrow for cancel_order, which anyone may call.
#[event]
#[derive(Clone, Debug)]
pub struct OrderFailed {
    pub market: Pubkey,
    pub position: Pubkey,
    pub order: Pubkey,
    pub trader: Pubkey,
    pub executor: Pubkey,
    pub id: u8,
    /// Code of the error with which it was refused.
    pub error: u32,
    /// Paid to the executor from the order's escrow.
    pub reward: u64,
    /// When the price that it was tried at was published, unix seconds.
    pub publish_time: i64,
}

/// Why an order ended without doing anything.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderEnd {
    /// By who placed it, or the position's owner.
    Cancelled,
    Expired,
    /// Its position was closed, liquidated or emptied, its partner executed,
    /// or who placed it may no longer trade.
    Void,
    /// It could not be filled at its price.
    Failed,
}

#[event]
#[derive(Clone, Debug)]
pub struct OrderCancelled {
    pub market: Pubkey,
    pub position: Pubkey,
    pub order: Pubkey,
    pub trader: Pubkey,
    pub canceller: Pubkey,
    pub id: u8,
    pub end: OrderEnd,
    /// Paid to the trader: all that the escrow held.
    pub refund: u64,
}
