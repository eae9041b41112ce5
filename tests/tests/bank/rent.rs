//! Lamports as a weapon: accounts that exist before their time, and a wallet
//! that rent would leave with too little to live on.

use ringfence_client::state::{Position, Side};
use ringfence_client::{ClosePositionArgs, Instruction, OpenPositionArgs, compute, instructions, pda};
use ringfence_testkit::market::default_params;
use ringfence_testkit::{quote, size};
use solana_account::{Account, AccountSharedData};
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

use crate::stage::Stage;

fn open(stage: &Stage) -> Instruction {
    let args = OpenPositionArgs {
        id: 7,
        side: Side::Long,
        size: size("1"),
        margin: quote("50"),
        acceptable_price: u64::MAX,
    };
    let alice = &stage.alice;
    instructions::open_position(&stage.accounts, alice.pubkey(), alice.tokens, None, args)
}

async fn set_lamports(stage: &mut Stage, key: anchor_lang::prelude::Pubkey, lamports: u64) {
    let account = Account { lamports, ..Account::default() };
    stage.bank.context.set_account(&key, &AccountSharedData::from(account));
}

/// Anyone can send lamports to the addresses of a position to come. That does not
/// stop it, and its owner gets them.
#[tokio::test]
async fn lamports_sent_ahead_stop_no_opening_and_go_to_the_owner() {
    let mut stage = Stage::new().await;
    stage.set_up_market(default_params()).await;
    stage.fill_pool().await;
    let alice = stage.alice.key.insecure_clone();
    let position = stage.position_key(&stage.alice);
    let (ahead, plenty) = (stage.bank.rent(0).await, 50_000_000);
    set_lamports(&mut stage, position, ahead).await;
    set_lamports(&mut stage, pda::position_vault(&position), plenty).await;
    let before = stage.bank.lamports(alice.pubkey()).await;
    let opening = open(&stage);
    stage.event(opening, &alice).await;
    // The vault has more than its rent already; of the position's that much is there.
    let paid = stage.bank.rent(Position::SIZE).await - ahead;
    assert_eq!(stage.bank.lamports(alice.pubkey()).await, before - paid);

    let args = ClosePositionArgs { acceptable_price: 0 };
    let close = instructions::close_position(
        &stage.accounts,
        position,
        alice.pubkey(),
        stage.alice.tokens,
        None,
        args,
    );
    stage.bank.send(close, &alice).await.expect("it closes");
    assert_eq!(stage.bank.lamports(alice.pubkey()).await, before + ahead + plenty);
}

/// A wallet has to be worth its own rent when it has paid for both accounts: a
/// lamport less, and the bank takes all of it back.
#[tokio::test]
async fn a_wallet_that_rent_would_drain_opens_nothing() {
    let mut stage = Stage::new().await;
    stage.set_up_market(default_params()).await;
    stage.fill_pool().await;
    let alice = stage.alice.key.insecure_clone();
    let position = stage.position_key(&stage.alice);
    // 165 bytes are a token account of SPL Token.
    let rent = stage.bank.rent(Position::SIZE).await + stage.bank.rent(165).await;
    let least = rent + stage.bank.rent(0).await;
    let opening = compute::with_budget(&[open(&stage)], 0);
    let watched = [stage.alice.tokens, stage.accounts.market, position, pda::position_vault(&position)];
    let before = stage.accounts_at(&watched).await;
    set_lamports(&mut stage, alice.pubkey(), least - 1).await;
    let error = stage.bank.transact(&opening, &[&alice], None).await.expect_err("a lamport short");
    assert!(matches!(error, TransactionError::InsufficientFundsForRent { .. }), "{error:?}");
    assert_eq!(stage.accounts_at(&watched).await, before);

    set_lamports(&mut stage, alice.pubkey(), least).await;
    stage.bank.transact(&opening, &[&alice], None).await.expect("just enough");
    assert_eq!(stage.bank.lamports(alice.pubkey()).await, least - rent);
}
