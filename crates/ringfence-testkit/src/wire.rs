//! Every instruction as it goes over the wire, and in the largest transactions
//! that a wallet would make of it.

use anchor_lang::prelude::Pubkey;
use anchor_spl::associated_token::get_associated_token_address;
use anchor_spl::associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent;
use bytemuck::Zeroable;
use ringfence_client::state::{MarketStatus, Order, OrderKind, OrderTerms, Side};
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, CreateMarketArgs, CreatePositionArgs, DecreasePositionArgs,
    IncreasePositionArgs, InitializeExchangeArgs, Instruction, MarketAccounts, OpenPositionArgs,
    ProposeParamsArgs, RemoveLiquidityArgs, instructions as of, pda,
};
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_message::Message;

use crate::market::{default_oracle, default_params};

/// The most bytes that a transaction may have: an IPv6 packet of 1,280 less its headers.
pub const MAX_TRANSACTION_BYTES: usize = 1_232;

/// The keys that name people and accounts here.
const SIGNER: Pubkey = Pubkey::new_from_array([1; 32]);
const OTHER: Pubkey = Pubkey::new_from_array([2; 32]);
const MINT: Pubkey = Pubkey::new_from_array([3; 32]);
const ORACLE: Pubkey = Pubkey::new_from_array([4; 32]);
const FEE_PAYER: Pubkey = Pubkey::new_from_array([5; 32]);

/// An instruction with every optional account, and the mints of the token
/// accounts that its signer may have to create for it in the same transaction.
pub struct Complete {
    pub name: &'static str,
    pub instruction: Instruction,
    pub mints: Vec<Pubkey>,
}

impl Complete {
    /// By itself, paid for by its one signer; where anyone may send it, by a payer.
    pub fn alone(&self) -> usize {
        let signer = self.instruction.accounts.iter().find(|meta| meta.is_signer);
        let payer = signer.map_or(FEE_PAYER, |meta| meta.pubkey);
        transaction_bytes(std::slice::from_ref(&self.instruction), &payer)
    }

    /// Behind its compute budget: limit, price and the size of loaded data; with
    /// the token accounts created that it needs; paid for by somebody else.
    pub fn complete(&self) -> usize {
        let mut all = budget();
        all.extend(self.mints.iter().map(create));
        all.push(self.instruction.clone());
        transaction_bytes(&all, &FEE_PAYER)
    }
}

/// All three instructions of a compute budget that a wallet sets.
fn budget() -> Vec<Instruction> {
    vec![
        ComputeBudgetInstruction::set_compute_unit_limit(1),
        ComputeBudgetInstruction::set_compute_unit_price(1),
        ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(1),
    ]
}

fn create(mint: &Pubkey) -> Instruction {
    create_associated_token_account_idempotent(&FEE_PAYER, &SIGNER, mint, &anchor_spl::token::ID)
}

/// Bytes of a signed legacy transaction: one for the number of signatures, 64
/// each, the message.
pub fn transaction_bytes(instructions: &[Instruction], payer: &Pubkey) -> usize {
    let message = Message::new(instructions, Some(payer));
    1 + 64 * usize::from(message.header.num_required_signatures) + message.serialize().len()
}

/// The accounts of the first market, with SPL Token.
pub fn market(collateral_mint: Pubkey, oracle: Pubkey) -> MarketAccounts {
    let market = pda::market(0);
    MarketAccounts {
        market,
        collateral_mint,
        pool_vault: pda::pool_vault(&market),
        lp_mint: pda::lp_mint(&market),
        token_program: anchor_spl::token::ID,
        oracle,
    }
}

/// Terms of an order of this kind, of as many bytes as any.
pub fn terms(kind: OrderKind, cancels: Option<u8>) -> OrderTerms {
    OrderTerms {
        kind,
        size: 1,
        margin: 1,
        share_ppm: 1,
        trigger_price: 1,
        acceptable_price: 1,
        reward: 1,
        expires_at: 1,
        cancels,
    }
}

/// All of the client's builders, with every optional account.
pub fn every_instruction() -> Vec<Complete> {
    let (who, on, tokens) = (SIGNER, &market(MINT, ORACLE), get_associated_token_address(&SIGNER, &MINT));
    let (market, shares) = (on.market, get_associated_token_address(&SIGNER, &on.lp_mint));
    let it = pda::position(&market, &who, 0);
    let referral = Some(pda::referral(&market, &OTHER));
    let (oracle, params, acceptable_price) = (default_oracle(), default_params(), 1);
    let exchange =
        InitializeExchangeArgs { admin: who, guardian: who, treasury: who, timelock_seconds: 86_400 };
    let new_market = CreateMarketArgs { name: [1; 16], size_decimals: 9, oracle, params };
    let open = OpenPositionArgs { id: 0, side: Side::Long, size: 1, margin: 1, acceptable_price };
    let increase = IncreasePositionArgs { size: 1, margin: 1, acceptable_price };
    let decrease = DecreasePositionArgs { size: 1, acceptable_price };
    let close = ClosePositionArgs { acceptable_price };
    let add = AddLiquidityArgs { id: 0, amount: 1, min_shares: 1 };
    let remove = RemoveLiquidityArgs { shares: 1, min_amount: 1 };
    let position = CreatePositionArgs { id: 0, side: Side::Long };
    // Placed by the delegate: cancelled and executed by others than the trader.
    let (key, bracket) = (pda::order(&it, 0), terms(OrderKind::StopLoss, Some(1)));
    let mut order = Order::zeroed();
    (order.trader, order.position, order.escrow) = (OTHER, it, pda::order_escrow(&key));

    let with = |name, instruction, mints: &[Pubkey]| Complete { name, instruction, mints: mints.to_vec() };
    let plain = |name, instruction| with(name, instruction, &[]);
    // Those that take from or pay into a token account of collateral.
    let paid = |name, instruction| with(name, instruction, &[MINT]);
    vec![
        plain("initialize_exchange", of::initialize_exchange(who, exchange)),
        plain("create_market", of::create_market(who, 0, MINT, on.token_program, new_market)),
        plain("set_status", of::set_status(who, market, MarketStatus::Paused)),
        paid("add_liquidity", of::add_liquidity(on, who, tokens, add)),
        with("claim_shares", of::claim_shares(on, who, 0, shares), &[on.lp_mint]),
        with("remove_liquidity", of::remove_liquidity(on, who, tokens, shares, remove), &[MINT, on.lp_mint]),
        paid("open_position", of::open_position(on, who, tokens, referral, open)),
        plain("create_position", of::create_position(on, who, referral, position)),
        paid("place_order", of::place_order(on, it, who, tokens, 0, bracket)),
        paid("cancel_order", of::cancel_order(on.token_program, key, &order, who, tokens)),
        paid("execute_order", of::execute_order(on, key, &order, who, tokens, referral)),
        paid("increase_position", of::increase_position(on, it, who, tokens, referral, increase)),
        plain("decrease_position", of::decrease_position(on, it, who, referral, decrease)),
        paid("close_position", of::close_position(on, it, who, tokens, referral, close)),
        paid("add_margin", of::add_margin(on.token_program, it, who, tokens, 1)),
        paid("remove_margin", of::remove_margin(on, it, who, tokens, 1)),
        plain("set_delegate", of::set_delegate(it, who, OTHER)),
        paid("liquidate", of::liquidate(on, it, who, tokens)),
        plain("close_at_cap", of::close_at_cap(on, it, who)),
        plain("accrue", of::accrue(on)),
        paid("fund_insurance", of::fund_insurance(on, who, tokens, 1)),
        paid("collect_protocol_fees", of::collect_protocol_fees(on, tokens)),
        plain("create_referral", of::create_referral(market, who)),
        paid("claim_referral_fees", of::claim_referral_fees(on, who, tokens)),
        plain("propose_params", of::propose_params(who, market, ProposeParamsArgs { oracle, params })),
        plain("apply_params", of::apply_params(OTHER, market)),
        plain("cancel_params", of::cancel_params(who, OTHER, market)),
        plain("nominate_admin", of::nominate_admin(who, OTHER)),
        plain("accept_admin", of::accept_admin(who)),
        plain("announce_settlement", of::announce_settlement(who, market, 1)),
        plain("settle_market", of::settle_market(on)),
        paid("close_settled", of::close_settled(on, it, who, tokens)),
        paid("close_market", of::close_market(on, who, tokens)),
        plain("migrate_market", of::migrate_market(market)),
        plain("migrate_position", of::migrate_position(market, it)),
    ]
}

/// Several instructions that a trader wants done at once or not at all, all
/// with a referral, each behind the whole compute budget and a token account
/// created, for a fee payer of its own.
pub fn combinations() -> Vec<(&'static str, usize)> {
    let (who, on, tokens) = (SIGNER, &market(MINT, ORACLE), get_associated_token_address(&SIGNER, &MINT));
    let it = pda::position(&on.market, &who, 0);
    let referral = Some(pda::referral(&on.market, &OTHER));
    let place = |id, kind, cancels| of::place_order(on, it, who, tokens, id, terms(kind, cancels));
    let open = OpenPositionArgs { id: 0, side: Side::Long, size: 1, margin: 1, acceptable_price: 1 };
    let open = || of::open_position(on, who, tokens, referral, open);
    let created = CreatePositionArgs { id: 0, side: Side::Long };
    let close = of::close_position(on, it, who, tokens, referral, ClosePositionArgs { acceptable_price: 1 });
    let bytes = |instructions: &[Instruction]| {
        let mut all = budget();
        all.push(create(&MINT));
        all.extend_from_slice(instructions);
        transaction_bytes(&all, &FEE_PAYER)
    };
    vec![
        ("a position opened, with a stop-loss", bytes(&[open(), place(0, OrderKind::StopLoss, None)])),
        (
            "a position created, with a delayed order that opens it",
            bytes(&[of::create_position(on, who, referral, created), place(0, OrderKind::Delayed, None)]),
        ),
        ("a position closed, and another opened", bytes(&[close, open()])),
        (
            "a position opened, with a take-profit and a stop-loss",
            bytes(&[
                open(),
                place(0, OrderKind::TakeProfit, Some(1)),
                place(1, OrderKind::StopLoss, Some(0)),
            ]),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use ringfence_client::AccountMeta;

    use super::*;

    /// A transfer, whose size is well known: one signature, three keys, 12 bytes of data.
    #[test]
    fn sizes_are_counted_as_the_wire_has_them() {
        let accounts = vec![AccountMeta::new(SIGNER, true), AccountMeta::new(OTHER, false)];
        let transfer = Instruction { program_id: Pubkey::default(), accounts, data: vec![0; 12] };
        // 1 + 64, 3, 1 + 3 × 32, 32, 1 + (1 + 1 + 2 + 1 + 12)
        assert_eq!(transaction_bytes(&[transfer], &SIGNER), 215);
    }
}
