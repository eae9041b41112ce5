//! Design §6: which price is good enough for what (invariant 11).

use ringfence_client::RingfenceError;
use ringfence_client::accounts::Market;
use ringfence_client::state::OracleKind;
use ringfence_testkit::Feed;

use super::{Model, Verdict, ensure};
use crate::action::Fault;
use crate::model;

/// What a price is wanted for: adding risk, reducing it, liquidating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    Risk,
    Exit,
    Liquidation,
}

impl Model<'_> {
    /// The price of the moment, as far as it may be used; nothing is written.
    pub fn read(&self, place: usize, market: &Market, wanted: For) -> Verdict<Feed> {
        use RingfenceError::*;
        let quoted = self.state.quoted[place];
        let (feed, limits) = (quoted.feed, &market.oracle);
        let push = self.run.world.markets[place].kind == OracleKind::PythPush;
        match quoted.fault {
            Fault::None => {}
            Fault::NotPositive => return Err(OraclePriceOutOfRange.into()),
            Fault::WrongFeed if push => return Err(OracleNotTrading.into()),
            Fault::WrongFeed => return Err(OracleWrongFeed.into()),
        }
        let age = self.state.now - feed.publish_time;
        ensure(age >= -2, OracleFromTheFuture)?;
        ensure(quoted.slot >= self.state.restart_slot, OracleBeforeRestart)?;
        ensure(feed.publish_time >= market.accepted.publish_time, OracleOlderThanAccepted)?;
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

    pub fn accrue(&mut self, place: usize) -> Verdict {
        let mut market = self.current_market(place)?;
        self.observe(place, &mut market, For::Exit)?;
        self.put_market(place, market);
        Ok(())
    }
}
