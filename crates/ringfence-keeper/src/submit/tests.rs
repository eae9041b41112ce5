use ringfence_client::state::Side;
use ringfence_client::{MarketAccounts, RingfenceError, instructions};

use super::*;
use crate::chain::fake::{FakeChain, encode};
use crate::config::Config;
use crate::fixtures::{self, NOW, UNIT, price, quote};

/// A long of 1 at 150 with a margin of 8, due at 140, and the order for it.
fn due() -> (Arc<FakeChain>, Order, Pubkey) {
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
    (chain, Order::new(address, vec![liquidate], vec![Step::Liquidate], None), address)
}

/// The verdict on it, sent or only simulated.
async fn verdict(chain: &Arc<FakeChain>, order: &Order, dry_run: bool) -> Verdict {
    let text = "keypair = 'unused'\n[rpc]\nurl = 'http://127.0.0.1:1'\nwebsocket_url = 'ws://127.0.0.1:1'\n\
                [profit]\nnative_price = '150'\n";
    let policy = Config::parse(text).expect("a valid configuration").submit;
    let signer = Arc::new(Keypair::new());
    // Whoever signs is the liquidator.
    let mut order = order.clone();
    order.instructions[0].accounts[0].pubkey = signer.pubkey();
    Submitter::new(chain.clone(), signer, policy, dry_run).run(&order).await.verdict
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_too_small_does_not_hide_why_the_program_refuses() {
    for dry_run in [false, true] {
        let (chain, order, position) = due();
        chain.state().faults.poisoned.insert(position);
        chain.state().faults.units_needed = 200_000;
        let code = u32::from(RingfenceError::InvariantViolated);
        match verdict(&chain, &order, dry_run).await {
            Verdict::Refused(reason) => assert!(reason.contains(&format!("{code:#x}")), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
}

/// Liquidated by another meanwhile, which took more units to say.
#[tokio::test(start_paused = true)]
async fn a_position_that_is_gone_is_gone_whatever_the_limit() {
    let (chain, order, position) = due();
    let mut emptied = chain.position(&position);
    emptied.size = 0;
    chain.put(position, encode(&emptied));
    chain.state().faults.units_needed = 200_000;
    assert_eq!(verdict(&chain, &order, false).await, Verdict::Gone);
    assert!(chain.state().liquidated.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_the_only_reason_is_said_so_and_nothing_is_simulated_into_being() {
    let (chain, order, _) = due();
    chain.state().faults.units_needed = 200_000;
    match verdict(&chain, &order, false).await {
        Verdict::Refused(reason) => assert!(reason.contains("budget exceeded"), "{reason}"),
        other => panic!("{other:?}"),
    }
    assert!(chain.state().liquidated.is_empty());
    chain.state().faults.units_needed = 0;
    assert!(matches!(verdict(&chain, &order, false).await, Verdict::Done { .. }));
    assert_eq!(chain.state().liquidated.len(), 1);
}
