use std::sync::Mutex;

use async_trait::async_trait;
use ringfence_client::state::OrderKind;

use super::*;
use crate::prices::{FeedId, PriceUpdate};

/// A price service that has one price, and may be down.
#[derive(Default)]
struct Service {
    price: Mutex<Option<u64>>,
    asked: Mutex<u64>,
    /// Price and time of what it says is the first; the one before it was a
    /// second earlier.
    first: Mutex<Option<(u64, i64)>>,
    asked_since: Mutex<Vec<i64>>,
    chain: Mutex<Option<Arc<FakeChain>>>,
}

#[async_trait]
impl PriceSource for Service {
    async fn latest(&self, feeds: &[FeedId]) -> Result<Vec<PriceUpdate>, String> {
        *self.asked.lock().unwrap() += 1;
        let price = self.price.lock().unwrap().ok_or("down")?;
        let now = self.chain.lock().unwrap().as_ref().map_or(NOW, |chain| chain.state().now);
        let exponent_8 = (price / 100) as i64;
        let encode = |feed: &FeedId| crate::prices::tests::transfer_format(*feed, exponent_8, now);
        Ok(feeds.iter().flat_map(|feed| PriceUpdate::decode_all(&encode(feed)).expect("valid")).collect())
    }

    async fn first(&self, feed: &FeedId, since: i64) -> Result<Option<PriceUpdate>, String> {
        self.asked_since.lock().unwrap().push(since);
        let published = *self.first.lock().unwrap();
        let Some((price, published)) = published else { return Ok(None) };
        let bytes = crate::prices::tests::transfer_format(*feed, (price / 100) as i64, published);
        Ok(PriceUpdate::decode_all(&bytes).expect("valid").pop())
    }
}

/// The fixture's market without its pin, so that nobody publishes for it.
pub fn unpin(stage: &Stage) {
    let mut market = stage.market();
    market.oracle.account = Pubkey::default();
    stage.chain.put(stage.market, encode(&market));
}

/// The price goes on chain with the first liquidation; the others follow by it.
#[tokio::test(start_paused = true)]
async fn a_price_is_posted_with_the_liquidation_that_needs_it() {
    let stage = Stage::new(10);
    unpin(&stage);
    let service = Arc::new(Service::default());
    *service.chain.lock().unwrap() = Some(stage.chain.clone());
    *service.price.lock().unwrap() = Some(price(149));
    let keeper = stage.keeper_from(stage.config(), |keeper| keeper.with_prices(service.clone()));
    seconds(20).await;
    assert_eq!(stage.chain.calls("send"), 0, "nothing pays for a price of 149");
    assert!((10..=25).contains(&*service.asked.lock().unwrap()), "once a second");
    // The confidence of the update is 2.5: a long is judged at 142.4 (1 % of 141).
    *service.price.lock().unwrap() = Some(price(141));
    seconds(20).await;
    assert_eq!(stage.liquidated(), stage.due(141.0 * 1.01));
    assert!(stage.chain.state().posted >= 1);
    let liquidated = stage.chain.state().liquidated.clone();
    assert_eq!(liquidated.iter().filter(|(key, _, _)| *key == stage.positions[0]).count(), 1);
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_is_asked_less_and_less() {
    let stage = Stage::new(1);
    unpin(&stage);
    let service = Arc::new(Service::default());
    let keeper = stage.keeper_from(stage.config(), |keeper| keeper.with_prices(service.clone()));
    seconds(300).await;
    let asked = *service.asked.lock().unwrap();
    assert!((55..=130).contains(&asked), "{asked}: every 2.5 to 5 s in the end");
    keeper.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_market_with_a_usable_price_needs_no_service() {
    let stage = Stage::new(1);
    let service = Arc::new(Service::default());
    let keeper = stage.keeper_from(stage.config(), |keeper| keeper.with_prices(service.clone()));
    seconds(60).await;
    assert!(*service.asked.lock().unwrap() <= 2, "only until the first sample");
    keeper.stop().await;
}

/// The chain has a usable price of 150 all the while; the service knows better.
/// The confidence of its prices is 2.5, too wide to open by (0.5 %), and wide
/// enough to close by (1 % of 300).
#[tokio::test(start_paused = true)]
async fn a_newer_price_is_posted_with_the_order_that_it_triggers() {
    let stage = Stage::new(1);
    unpin(&stage);
    let mut market = stage.market();
    market.oracle.max_confidence_ppm = 20_000;
    stage.chain.put(stage.market, encode(&market));
    let service = Arc::new(Service::default());
    *service.chain.lock().unwrap() = Some(stage.chain.clone());
    *service.price.lock().unwrap() = Some(price(150));
    let mut config = stage.config();
    config.oracles.insert("0".into(), stage.oracle.to_string());
    let keeper = stage.keeper_from(config, |keeper| keeper.with_prices(service.clone()));
    seconds(3).await;
    stage.ticker.abort();
    let order = stage.place(0, 0, OrderKind::StopLoss, price(148));
    for _ in 0..5 {
        stage.chain.step(2);
        seconds(2).await;
    }
    assert!(*service.asked.lock().unwrap() >= 5, "while an order waits");
    assert_eq!(stage.chain.calls("send"), 0);
    *service.price.lock().unwrap() = Some(price(147));
    for _ in 0..10 {
        stage.chain.step(2);
        seconds(2).await;
    }
    assert_eq!(stage.executed(), [(order, price(147))]);
    assert_eq!(stage.chain.state().posted, 1);
    keeper.stop().await;
}

/// Asked for the moment it is due; an answer that is not the first since then
/// is not believed.
#[tokio::test(start_paused = true)]
async fn the_first_price_is_asked_for_and_posted_with_the_delayed_order() {
    let stage = Stage::new(1);
    unpin(&stage);
    let mut market = stage.market();
    market.oracle.max_confidence_open_ppm = 20_000;
    market.oracle.max_confidence_ppm = 20_000;
    stage.chain.put(stage.market, encode(&market));
    let service = Arc::new(Service::default());
    *service.chain.lock().unwrap() = Some(stage.chain.clone());
    *service.price.lock().unwrap() = Some(price(150));
    let mut config = stage.config();
    config.oracles.insert("0".into(), stage.oracle.to_string());
    let keeper = stage.keeper_from(config, |keeper| keeper.with_prices(service.clone()));
    seconds(3).await;
    let order = stage.place(0, 0, OrderKind::Delayed, 0);
    let due = stage.chain.order(&order).expect("placed").not_before;
    seconds(1).await;
    assert!(service.asked_since.lock().unwrap().is_empty(), "not due");
    *service.first.lock().unwrap() = Some((price(152), due + 1));
    seconds(8).await;
    assert!(service.asked_since.lock().unwrap().iter().all(|since| *since == due));
    assert!(stage.executed().is_empty(), "the one before it was at the moment itself");
    *service.first.lock().unwrap() = Some((price(151), due));
    seconds(5).await;
    assert_eq!(stage.executed(), [(order, price(151))]);
    assert_eq!(stage.chain.state().posted, 1);
    keeper.stop().await;
}
