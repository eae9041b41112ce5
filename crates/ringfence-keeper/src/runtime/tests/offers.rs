use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::prices::{FeedId, PriceUpdate};

/// A price service that has one price, and may be down.
#[derive(Default)]
struct Service {
    price: Mutex<Option<u64>>,
    asked: Mutex<u64>,
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
}

/// The fixture's market without its pin, so that nobody publishes for it.
fn unpin(stage: &Stage) {
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
