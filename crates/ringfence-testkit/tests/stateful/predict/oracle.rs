//! Design §6: which price is good enough for what (invariant 11).

use ringfence_client::RingfenceError;
use ringfence_client::accounts::Market;
use ringfence_client::state::OracleKind;
use ringfence_testkit::Feed;

use super::{Model, Verdict, ensure};
use crate::action::Fault;
use crate::model;

/// What a price is wanted for: adding risk, reducing it by an order, reducing
/// it, liquidating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    Risk,
    /// As fresh as for adding risk, as wide as for reducing it.
    OrderedExit,
    Exit,
    Liquidation,
}

impl Model<'_> {
    /// The price of the moment, as far as it may be used; nothing is written.
    pub fn read(&self, place: usize, market: &Market, wanted: For) -> Verdict<Feed> {
        self.decoded(place)?;
        self.judged(place, market, market.accepted.publish_time, wanted)
    }

    /// Whether the account says anything at all.
    fn decoded(&self, place: usize) -> Verdict {
        use RingfenceError::*;
        let push = self.run.world.markets[place].kind == OracleKind::PythPush;
        match self.state.quoted[place].fault {
            Fault::None => Ok(()),
            Fault::NotPositive => Err(OraclePriceOutOfRange.into()),
            Fault::WrongFeed if push => Err(OracleNotTrading.into()),
            Fault::WrongFeed => Err(OracleWrongFeed.into()),
        }
    }

    /// The price, where it is good enough and not older than `newest`.
    fn judged(&self, place: usize, market: &Market, newest: i64, wanted: For) -> Verdict<Feed> {
        use RingfenceError::*;
        let quoted = self.state.quoted[place];
        let (feed, limits) = (quoted.feed, &market.oracle);
        let age = self.state.now - feed.publish_time;
        ensure(age >= -2, OracleFromTheFuture)?;
        ensure(quoted.slot >= self.state.restart_slot, OracleBeforeRestart)?;
        ensure(feed.publish_time >= newest, OracleOlderThanAccepted)?;
        let [price, confidence, ema] = [feed.price, feed.confidence, feed.ema].map(i128::from);
        let within = |part: i128, whole: i128, limit: u32| part * 1_000_000 <= whole * i128::from(limit);
        ensure(within((price - ema).abs(), ema, limits.max_divergence_ppm), OracleDiverged)?;
        // from the laxest use to the strictest; each also has to pass all laxer ones
        let uses = [
            (For::Liquidation, limits.max_age_liquidate, limits.max_confidence_liquidate_ppm),
            (For::Exit, limits.max_age_reduce, limits.max_confidence_ppm),
            (For::Risk, limits.max_age_open, limits.max_confidence_open_ppm),
        ];
        for (used, oldest, widest) in uses {
            ensure(age <= i64::from(oldest), OracleStale)?;
            if used == For::Risk && wanted == For::OrderedExit {
                break;
            }
            ensure(within(confidence, price, widest), OracleConfidenceTooWide)?;
            if used == wanted {
                break;
            }
        }
        Ok(feed)
    }

    /// Takes the price in: the indices advance first. In a settling market
    /// every price is the settlement price.
    pub fn observe(&self, place: usize, market: &mut Market, wanted: For) -> Verdict<Feed> {
        if model::is_settling(market) {
            let price = market.settlement_price;
            return Ok(Feed { price, confidence: 0, ema: price, publish_time: market.accepted.publish_time });
        }
        let feed = self.read(place, market, wanted)?;
        *market = model::accrued(market, self.state.now, feed.price);
        let accepted = &mut market.accepted;
        (accepted.price, accepted.confidence, accepted.ema) = (feed.price, feed.confidence, feed.ema);
        accepted.publish_time = feed.publish_time;
        Ok(feed)
    }

    /// Decision 16: the first price published at `since` or later, which says
    /// itself that the one before it was published earlier. Older than the
    /// accepted one it may be; that one then stays, and is what accrues.
    pub fn observe_first(&self, place: usize, market: &mut Market, since: i64) -> Verdict<Feed> {
        use RingfenceError::*;
        self.decoded(place)?;
        let quoted = self.state.quoted[place];
        ensure(quoted.feed.publish_time >= since, PriceBeforeOrder)?;
        ensure(quoted.feed.publish_time - quoted.gap < since, NotFirstPrice)?;
        let older = quoted.feed.publish_time < market.accepted.publish_time;
        if !older {
            return self.observe(place, market, For::Risk);
        }
        let feed = self.judged(place, market, quoted.feed.publish_time, For::Risk)?;
        *market = model::accrued(market, self.state.now, market.accepted.price);
        Ok(feed)
    }

    pub fn accrue(&mut self, place: usize) -> Verdict {
        let mut market = self.current_market(place)?;
        self.observe(place, &mut market, For::Exit)?;
        self.put_market(place, market);
        Ok(())
    }
}
