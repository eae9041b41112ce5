use ringfence_client::state::Side;
use ringfence_client::{MarketAccounts, RingfenceError, instructions};

use super::*;
use crate::chain::fake::{FakeChain, encode};
use crate::config::Config;
use crate::fixtures::{self, NOW, UNIT, price, quote};

/// A long of 1 at 150 with a margin of 8, due at 140, and the job for it.
fn due() -> (Arc<FakeChain>, Job, Pubkey) {
    let chain = Arc::new(FakeChain::default());
    chain.state().now = NOW;
    let (key, mut market) = fixtures::market(0);
    let (address, position) = fixtures::position(key, &mut market, Side::Long, UNIT, price(150), quote(8));
    chain.put(address, encode(&position));
    chain.put(key, encode(&market));
    chain.step(0);
    chain.publish(market.oracle.account, &market.oracle.feed_id, price(140));
    let accounts = MarketAccounts::new(key, &market, market.oracle.account);
    let liquidate = instructions::liquidate(&accounts, address, Pubkey::default(), Pubkey::default());
    (chain, Job::new(vec![address], vec![liquidate], vec![Step::Liquidate]), address)
}

/// The verdict on it, sent or only simulated.
async fn verdict(chain: &Arc<FakeChain>, job: &Job, dry_run: bool) -> Verdict {
    let text = "keypair = 'unused'\n[rpc]\nurl = 'http://127.0.0.1:1'\nwebsocket_url = 'ws://127.0.0.1:1'\n\
                [profit]\nnative_price = '150'\n";
    let policy = Config::parse(text).expect("a valid configuration").submit;
    let signer = Arc::new(Keypair::new());
    // Whoever signs is the liquidator.
    let mut job = job.clone();
    job.instructions[0].accounts[0].pubkey = signer.pubkey();
    Submitter::new(chain.clone(), signer, policy, dry_run).run(&job).await.verdict
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_too_small_does_not_hide_why_the_program_refuses() {
    for dry_run in [false, true] {
        let (chain, job, position) = due();
        chain.state().faults.poisoned.insert(position);
        chain.state().faults.units_needed = 200_000;
        let code = u32::from(RingfenceError::InvariantViolated);
        match verdict(&chain, &job, dry_run).await {
            Verdict::Refused(reason) => assert!(reason.contains(&format!("{code:#x}")), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
}

/// Liquidated by another meanwhile, which took more units to say.
#[tokio::test(start_paused = true)]
async fn a_position_that_is_gone_is_gone_whatever_the_limit() {
    let (chain, job, position) = due();
    let mut emptied = chain.position(&position);
    emptied.size = 0;
    chain.put(position, encode(&emptied));
    chain.state().faults.units_needed = 200_000;
    assert_eq!(verdict(&chain, &job, false).await, Verdict::Gone);
    assert!(chain.state().liquidated.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_the_only_reason_is_said_so_and_nothing_is_simulated_into_being() {
    let (chain, job, _) = due();
    chain.state().faults.units_needed = 200_000;
    match verdict(&chain, &job, false).await {
        Verdict::Refused(reason) => assert!(reason.contains("budget exceeded"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert!(chain.state().liquidated.is_empty());
    chain.state().faults.units_needed = 0;
    assert!(matches!(verdict(&chain, &job, false).await, Verdict::Done { .. }));
    assert_eq!(chain.state().liquidated.len(), 1);
}

/// A program that has been upgraded to more than the limit has room for: the
/// keeper goes on without one.
#[tokio::test(start_paused = true)]
async fn a_program_that_has_outgrown_the_limit_of_loaded_data_stops_nothing() {
    for dry_run in [false, true] {
        let (chain, job, _) = due();
        chain.state().faults.loaded = 5_000_000;
        let verdict = verdict(&chain, &job, dry_run).await;
        assert!(matches!(verdict, Verdict::Done { .. } | Verdict::WouldSucceed), "{verdict:?}");
        assert_eq!(chain.state().liquidated.len(), usize::from(!dry_run));
    }
}
