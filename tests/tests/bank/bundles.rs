//! Several instructions in one transaction: all of them or none; and more
//! liquidations than fit without a lookup table.

use ringfence_client::events::Event;
use ringfence_client::state::Side;
use ringfence_client::{Instruction, OpenPositionArgs, RingfenceError, compute, instructions, pda};
use ringfence_testkit::market::default_params;
use ringfence_testkit::{quote, size};
use ringfence_tests::bank::{MAX_TRANSACTION_SIZE, is, message, transaction_size};
use solana_signer::Signer;
use solana_transaction_error::TransactionError::InstructionError;

use crate::stage::{FUNDS, Stage};

async fn stage() -> Stage {
    let mut stage = Stage::new().await;
    stage.set_up_market(default_params()).await;
    stage.fill_pool().await;
    stage
}

fn opening(id: u16, side: Side, margin: u64) -> OpenPositionArgs {
    let acceptable_price = if side == Side::Long { u64::MAX } else { 0 };
    OpenPositionArgs { id, side, size: size("1"), margin, acceptable_price }
}

#[tokio::test]
async fn a_position_is_opened_topped_up_and_delegated_in_one_transaction_or_not_at_all() {
    let mut stage = stage().await;
    let (alice, delegate) = (stage.alice.key.insecure_clone(), stage.bob.pubkey());
    let (accounts, tokens) = (stage.accounts, stage.alice.tokens);
    let position = stage.position_key(&stage.alice);
    let mut bundle = vec![
        instructions::open_position(
            &accounts,
            alice.pubkey(),
            tokens,
            None,
            opening(7, Side::Long, quote("20")),
        ),
        instructions::add_margin(accounts.token_program, position, alice.pubkey(), tokens, quote("5")),
        instructions::set_delegate(position, alice.pubkey(), delegate),
    ];
    // Of 24.9 nothing near 24 can leave a position of 100; the budget's instructions are the first two.
    bundle.push(instructions::remove_margin(&accounts, position, alice.pubkey(), tokens, quote("24")));
    let watched = [
        alice.pubkey(),
        tokens,
        accounts.market,
        accounts.pool_vault,
        position,
        pda::position_vault(&position),
    ];
    let before = stage.accounts_at(&watched).await;
    let failed = stage.bank.transact(&compute::with_budget(&bundle, 0), &[&alice], None).await;
    let error = failed.expect_err("the last one fails");
    assert!(
        matches!(error, InstructionError(5, _)) && is(&error, RingfenceError::BelowInitialMargin),
        "{error:?}"
    );
    assert_eq!(stage.accounts_at(&watched).await, before, "and undoes all");

    bundle.pop();
    let done = stage.bank.transact(&compute::with_budget(&bundle, 0), &[&alice], None).await;
    let done = done.expect("without it they go through");
    assert_eq!(done.events.len(), 3, "{:?}", done.events);
    assert!(done.compute_units <= u64::from(compute::limit(&bundle)), "{}", done.compute_units);
    assert!(done.size <= MAX_TRANSACTION_SIZE, "{}", done.size);
    let state = stage.position(&stage.alice).await;
    // 20 + 5 less the fee of 5 bp on 100.000005, up to 0.050001.
    assert_eq!((state.margin, state.delegate), (24_949_999, delegate));
    assert_eq!(stage.bank.tokens(tokens).await, FUNDS - quote("25"));
}

/// Twelve shorts of Bob at 20x; the price jumps by 10 %, and one keeper takes
/// all of them in one transaction.
#[tokio::test]
async fn a_keeper_liquidates_twelve_positions_at_once_with_a_lookup_table() {
    let mut stage = stage().await;
    let (bob, keeper) = (stage.bob.key.insecure_clone(), stage.keeper.key.insecure_clone());
    let accounts = stage.accounts;
    for id in 0..12 {
        let args = opening(id, Side::Short, quote("6"));
        let open = instructions::open_position(&accounts, bob.pubkey(), stage.bob.tokens, None, args);
        stage.event(open, &bob).await;
    }
    let positions: Vec<_> = (0..12).map(|id| pda::position(&accounts.market, &bob.pubkey(), id)).collect();
    let liquidate =
        |position| instructions::liquidate(&accounts, position, keeper.pubkey(), stage.keeper.tokens);
    let bundle: Vec<Instruction> = positions.iter().map(|position| liquidate(*position)).collect();
    let bundle = compute::with_budget(&bundle, 1);
    let payer = stage.bank.context.payer.pubkey();
    let without = transaction_size(&message(&payer, &bundle, None));
    assert!(without > MAX_TRANSACTION_SIZE, "{without} bytes fit without a table");
    let four = compute::with_budget(&positions[..4].iter().map(|it| liquidate(*it)).collect::<Vec<_>>(), 1);
    let of_four = transaction_size(&message(&payer, &four, None));
    assert!(of_four <= MAX_TRANSACTION_SIZE, "{of_four} bytes for four");

    let mut listed: Vec<_> = bundle[3..].iter().flat_map(|it| &it.accounts).map(|meta| meta.pubkey).collect();
    listed.sort_unstable();
    listed.dedup();
    let table = stage.bank.lookup_table(listed).await;
    stage.bank.warp(10).await;
    stage.publish("110").await;
    let done = stage.bank.transact(&bundle, &[&keeper], Some(&table)).await.expect("all twelve");
    println!(
        "12 liquidations: {without} bytes without a table, {} with it, {} units",
        done.size, done.compute_units
    );
    assert!(done.size <= MAX_TRANSACTION_SIZE, "{}", done.size);
    assert!(done.compute_units <= u64::from(compute::limit(&bundle[3..])), "{}", done.compute_units);
    assert_eq!(done.events.len(), 12);
    let mut rewards = 0;
    for event in done.events {
        let event = expect_event!(event, PositionLiquidated);
        assert!(event.keeper_from_vault + event.keeper_from_insurance >= quote("0.1"));
        rewards += event.keeper_from_vault + event.keeper_from_insurance;
    }
    assert_eq!(stage.bank.tokens(stage.keeper.tokens).await, rewards);
    assert_eq!(stage.market().await.short.open_interest, 0);
}
