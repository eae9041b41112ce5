//! Every instruction, by itself behind its compute budget with a price, fits into
//! a transaction without a lookup table.

use ringfence_client::state::{MarketStatus, Order, OrderKind, OrderTerms, Side};
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, CreateMarketArgs, CreatePositionArgs, DecreasePositionArgs,
    IncreasePositionArgs, InitializeExchangeArgs, Instruction, MarketAccounts, OpenPositionArgs,
    ProposeParamsArgs, Pubkey, RemoveLiquidityArgs, compute, instructions as of, pda,
};
use ringfence_testkit::MintKind;
use ringfence_testkit::market::{default_oracle, default_params};
use ringfence_tests::bank::{MAX_TRANSACTION_SIZE, key, message, transaction_size};
use solana_signer::Signer;

fn market(mint: Pubkey, oracle: Pubkey) -> MarketAccounts {
    let market = pda::market(0);
    MarketAccounts {
        market,
        collateral_mint: mint,
        pool_vault: pda::pool_vault(&market),
        lp_mint: pda::lp_mint(&market),
        token_program: MintKind::Token.program(),
        oracle,
    }
}

fn terms(kind: OrderKind, cancels: Option<u8>) -> OrderTerms {
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

/// All of the builders, with every optional account.
fn all() -> Vec<(&'static str, Instruction)> {
    let [who, tokens, shares, oracle, mint] = [1, 2, 3, 4, 5].map(|number| key(number).pubkey());
    let (market, on) = (pda::market(0), market(mint, oracle));
    let it = pda::position(&market, &who, 0);
    let referral = Some(pda::referral(&market, &tokens));
    let (oracle, params, acceptable_price) = (default_oracle(), default_params(), 1);
    let exchange =
        InitializeExchangeArgs { admin: who, guardian: who, treasury: who, timelock_seconds: 86_400 };
    let create = CreateMarketArgs { name: [1; 16], size_decimals: 9, oracle, params };
    let open = OpenPositionArgs { id: 0, side: Side::Long, size: 1, margin: 1, acceptable_price };
    let increase = IncreasePositionArgs { size: 1, margin: 1, acceptable_price };
    let decrease = DecreasePositionArgs { size: 1, acceptable_price };
    let close = ClosePositionArgs { acceptable_price };
    let add = AddLiquidityArgs { id: 0, amount: 1, min_shares: 1 };
    let remove = RemoveLiquidityArgs { shares: 1, min_amount: 1 };
    let create_position = CreatePositionArgs { id: 0, side: Side::Long };
    // Placed by the delegate: cancelled and executed by others than the trader.
    let (key, bracket) = (pda::order(&it, 0), terms(OrderKind::StopLoss, Some(1)));
    let mut order: Order = bytemuck::Zeroable::zeroed();
    (order.trader, order.position, order.escrow) = (shares, it, pda::order_escrow(&key));
    vec![
        ("initialize_exchange", of::initialize_exchange(who, exchange)),
        ("create_market", of::create_market(who, 0, mint, on.token_program, create)),
        ("set_status", of::set_status(who, market, MarketStatus::Paused)),
        ("add_liquidity", of::add_liquidity(&on, who, tokens, add)),
        ("claim_shares", of::claim_shares(&on, who, 0, shares)),
        ("remove_liquidity", of::remove_liquidity(&on, who, tokens, shares, remove)),
        ("open_position", of::open_position(&on, who, tokens, referral, open)),
        ("create_position", of::create_position(&on, who, referral, create_position)),
        ("place_order", of::place_order(&on, it, who, tokens, 0, bracket)),
        ("cancel_order", of::cancel_order(on.token_program, key, &order, who, tokens)),
        ("execute_order", of::execute_order(&on, key, &order, who, tokens, referral)),
        ("increase_position", of::increase_position(&on, it, who, tokens, referral, increase)),
        ("decrease_position", of::decrease_position(&on, it, who, referral, decrease)),
        ("close_position", of::close_position(&on, it, who, tokens, referral, close)),
        ("add_margin", of::add_margin(on.token_program, it, who, tokens, 1)),
        ("remove_margin", of::remove_margin(&on, it, who, tokens, 1)),
        ("set_delegate", of::set_delegate(it, who, tokens)),
        ("liquidate", of::liquidate(&on, it, who, tokens)),
        ("close_at_cap", of::close_at_cap(&on, it, who)),
        ("accrue", of::accrue(&on)),
        ("fund_insurance", of::fund_insurance(&on, who, tokens, 1)),
        ("collect_protocol_fees", of::collect_protocol_fees(&on, tokens)),
        ("create_referral", of::create_referral(market, who)),
        ("claim_referral_fees", of::claim_referral_fees(&on, who, tokens)),
        ("propose_params", of::propose_params(who, market, ProposeParamsArgs { oracle, params })),
        ("apply_params", of::apply_params(who, market)),
        ("cancel_params", of::cancel_params(who, tokens, market)),
        ("nominate_admin", of::nominate_admin(who, tokens)),
        ("accept_admin", of::accept_admin(who)),
        ("announce_settlement", of::announce_settlement(who, market, 1)),
        ("settle_market", of::settle_market(&on)),
        ("close_settled", of::close_settled(&on, it, who, tokens)),
        ("close_market", of::close_market(&on, who, tokens)),
        ("migrate_market", of::migrate_market(market)),
        ("migrate_position", of::migrate_position(market, it)),
    ]
}

#[test]
fn every_instruction_fits_without_a_lookup_table() {
    let payer = key(9).pubkey();
    let mut largest = (0, "");
    for (name, instruction) in all() {
        assert!(compute::instruction_limit(name).is_some(), "{name} has a documented limit");
        let size = transaction_size(&message(&payer, &compute::with_budget(&[instruction], 1), None));
        assert!(size <= MAX_TRANSACTION_SIZE, "{name}: {size} bytes");
        println!("{name}: {size} bytes");
        largest = largest.max((size, name));
    }
    println!("largest: {} with {} bytes", largest.1, largest.0);
}

/// A position is opened, at once or by a delayed order, with a take-profit and
/// a stop-loss in the same transaction, which its owner alone signs and pays for.
#[test]
fn a_position_and_both_its_ends_fit_without_a_lookup_table() {
    let [who, tokens, oracle, mint, referrer] = [1, 2, 3, 4, 5].map(|number| key(number).pubkey());
    let on = market(mint, oracle);
    let it = pda::position(&on.market, &who, 0);
    let referral = Some(pda::referral(&on.market, &referrer));
    let place = |id, kind, cancels| of::place_order(&on, it, who, tokens, id, terms(kind, cancels));
    let open = OpenPositionArgs { id: 0, side: Side::Long, size: 1, margin: 1, acceptable_price: 1 };
    let at_once = [
        of::open_position(&on, who, tokens, referral, open),
        place(0, OrderKind::TakeProfit, Some(1)),
        place(1, OrderKind::StopLoss, Some(0)),
    ];
    let delayed = [
        of::create_position(&on, who, referral, CreatePositionArgs { id: 0, side: Side::Long }),
        place(0, OrderKind::Delayed, None),
        place(1, OrderKind::TakeProfit, Some(2)),
        place(2, OrderKind::StopLoss, Some(1)),
    ];
    for (name, instructions) in [("at once", &at_once[..]), ("delayed", &delayed[..])] {
        let size = transaction_size(&message(&who, &compute::with_budget(instructions, 1), None));
        println!("{name}: {size} bytes");
        assert!(size <= MAX_TRANSACTION_SIZE, "{name}: {size} bytes");
    }
}

/// A transfer, whose size is well known: one signature, three keys, 12 bytes of data.
#[test]
fn sizes_are_counted_as_the_wire_has_them() {
    let [from, to, program] = [1, 2, 3].map(|number| key(number).pubkey());
    let accounts =
        vec![ringfence_client::AccountMeta::new(from, true), ringfence_client::AccountMeta::new(to, false)];
    let transfer = Instruction { program_id: program, accounts, data: vec![0; 12] };
    // 1 + 64, 3, 1 + 3 × 32, 32, 1 + (1 + 1 + 2 + 1 + 12)
    assert_eq!(transaction_size(&message(&from, &[transfer], None)), 215);
}
