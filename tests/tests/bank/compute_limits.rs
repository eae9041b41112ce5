//! A transaction that may use too little does nothing; one that may use just
//! what it needs goes through. `Bank::send` puts every instruction of this suite
//! behind the limit that the client documents.

use ringfence_client::state::Side;
use ringfence_client::{OpenPositionArgs, compute, instructions, pda};
use ringfence_testkit::market::default_params;
use ringfence_testkit::{quote, size};
use solana_instruction::error::InstructionError;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

use crate::stage::{FUNDS, Stage};

#[tokio::test]
async fn too_small_a_limit_fails_without_any_effect() {
    let mut stage = Stage::new().await;
    stage.set_up_market(default_params()).await;
    stage.fill_pool().await;
    let alice = stage.alice.key.insecure_clone();
    let args = OpenPositionArgs {
        id: 7,
        side: Side::Long,
        size: size("1"),
        margin: quote("50"),
        acceptable_price: u64::MAX,
    };
    let open = [instructions::open_position(&stage.accounts, alice.pubkey(), stage.alice.tokens, None, args)];
    let position = stage.position_key(&stage.alice);
    let watched = [
        alice.pubkey(),
        stage.alice.tokens,
        stage.accounts.market,
        stage.accounts.pool_vault,
        position,
        pda::position_vault(&position),
    ];
    let before = stage.accounts_at(&watched).await;

    // The documented limit is enough, and so is what it really uses.
    let documented = compute::limit(&open);
    let used = stage.bank.simulate(&compute::with_budget(&open, 0), &[&alice]).await;
    let suffices = u32::try_from(used.expect("it goes through")).expect("units");
    assert!(suffices <= documented, "{suffices} of {documented}");

    // Wherever it ends: after each tenth of that, and a unit short of it.
    for limit in (1..10).map(|tenths| suffices / 10 * tenths).chain([suffices - 1]) {
        let limited = compute::with_limit(&open, limit, 0);
        let error = stage.bank.transact(&limited, &[&alice], None).await.expect_err("too little");
        let TransactionError::InstructionError(2, cause) = &error else { panic!("{limit}: {error:?}") };
        let exceeded =
            [InstructionError::ComputationalBudgetExceeded, InstructionError::ProgramFailedToComplete];
        assert!(exceeded.contains(cause), "{limit}: {cause:?}");
        assert_eq!(stage.accounts_at(&watched).await, before, "{limit}");
    }

    let enough = compute::with_limit(&open, suffices, 0);
    let done = stage.bank.transact(&enough, &[&alice], None).await.expect("just enough");
    println!("open_position: {} units of the documented {documented}", done.compute_units);
    assert_eq!(done.compute_units, u64::from(suffices));
    assert_eq!(stage.bank.tokens(stage.alice.tokens).await, FUNDS - quote("50"));
}
