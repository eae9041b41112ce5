//! One market: its books as the chain has them, its positions, its price, and
//! what a tick of that price makes worth doing.

mod execution;

pub use execution::Execution;
use ringfence_client::oracle::{Action, PriceReading, Validity, decode, validity};
use ringfence_client::state::{CloseOut, Market, MarketStatus, Position, Side};
use ringfence_client::{MarketAccounts, Pubkey, RingfenceError, health};
use ringfence_math::{PPM, Price, Quote, edge_against};

use crate::chain::RawAccount;
use crate::index::{MarketIndex, Place, Slot, Stamp};
use crate::orders::OrderIndex;

/// What the keeper may do for one position now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// `liquidate` succeeds.
    Liquidate(Liquidation),
    /// `close_at_cap` succeeds.
    CloseAtCap { position: Pubkey, generation: u64 },
    /// Came within the alert distance of its liquidation price.
    MarginCall(MarginCall),
}

/// A position that the engine liquidates at the price of this tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Liquidation {
    pub position: Pubkey,
    pub generation: u64,
    /// What it is judged by, 10^-10 quote.
    pub mark: u64,
    /// Quote atoms.
    pub equity: i128,
    /// Quote atoms.
    pub maintenance: u64,
    /// What the keeper gets, from vault and insurance, in quote atoms.
    pub reward: u64,
}

/// A position that is about to be liquidated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarginCall {
    pub position: Pubkey,
    pub owner: Pubkey,
    pub side: Side,
    /// 10^-10 quote.
    pub mark: u64,
    /// 10^-10 quote.
    pub liquidation_price: u64,
    /// Quote atoms.
    pub margin: u64,
}

/// When margin calls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertPolicy {
    /// Distance of the mark to the liquidation price that calls, ppm of the mark.
    pub distance_ppm: u32,
    /// How much farther, ppm of the distance, until a call may be made again.
    pub hysteresis_ppm: u32,
}

/// The moment of a tick, by the cluster's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    pub slot: u64,
    pub unix_timestamp: i64,
    pub restart_slot: u64,
}

/// Why a market cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blind {
    /// No price account has been read yet.
    NoPrice,
    /// The price account is not one that the market takes.
    Refused(RingfenceError),
    /// The price is not good enough to liquidate by.
    Invalid(Validity),
}

/// One market as the keeper knows it.
#[derive(Debug)]
pub struct Book {
    pub key: Pubkey,
    /// As on chain, not accrued.
    pub market: Market,
    pub stamp: Stamp,
    /// The account its price is read from.
    pub oracle: Pubkey,
    pub index: MarketIndex,
    pub orders: OrderIndex,
    reading: Option<Result<PriceReading, RingfenceError>>,
    reading_stamp: Stamp,
    scratch: Vec<Slot>,
}

impl Book {
    pub fn new(key: Pubkey, market: Market, oracle: Pubkey, stamp: Stamp) -> Self {
        Self {
            key,
            market,
            stamp,
            oracle,
            index: MarketIndex::new(market),
            orders: OrderIndex::default(),
            reading: None,
            reading_stamp: Stamp::default(),
            scratch: Vec::new(),
        }
    }

    pub fn accounts(&self) -> MarketAccounts {
        MarketAccounts::new(self.key, &self.market, self.oracle)
    }

    pub fn name(&self) -> String {
        let end = self.market.name.iter().position(|&byte| byte == 0).unwrap_or(self.market.name.len());
        String::from_utf8_lossy(&self.market.name[..end]).into_owned()
    }

    /// Takes the market's account in unless something newer is known.
    pub fn set_market(&mut self, market: Market, stamp: Stamp) -> bool {
        if stamp < self.stamp {
            return false;
        }
        self.market = market;
        self.stamp = stamp;
        true
    }

    /// Reads the price from another account from now on; false where it is
    /// the same one.
    pub fn move_oracle(&mut self, oracle: Pubkey) -> bool {
        let moved = self.oracle != oracle;
        if moved {
            self.oracle = oracle;
            self.reading = None;
            self.reading_stamp = Stamp::default();
        }
        moved
    }

    /// Takes the price account in unless something newer is known.
    pub fn set_price(&mut self, account: &RawAccount, stamp: Stamp) -> bool {
        if stamp < self.reading_stamp {
            return false;
        }
        self.reading_stamp = stamp;
        self.reading = Some(decode(&self.market.oracle, &self.oracle, &account.owner, &account.data));
        true
    }

    pub fn reading(&self) -> Option<PriceReading> {
        self.reading.as_ref()?.as_ref().ok().copied()
    }

    /// In a settling market nothing is liquidated and no charges accrue:
    /// positions end by `close_settled`, which pays nobody.
    pub fn is_settling(&self) -> bool {
        self.market.is_settling()
    }

    /// The price on chain, if `liquidate` would take it.
    pub fn usable_reading(&self, moment: &Moment) -> Result<PriceReading, Blind> {
        if let Some(settled) = self.market.settlement_reading() {
            return Ok(settled);
        }
        match &self.reading {
            None => Err(Blind::NoPrice),
            Some(Err(error)) => Err(Blind::Refused(*error)),
            Some(Ok(reading)) => match self.validity(reading, moment) {
                worse if worse > Action::Liquidate.accepts() => Err(Blind::Invalid(worse)),
                _ => Ok(*reading),
            },
        }
    }

    pub fn validity(&self, reading: &PriceReading, moment: &Moment) -> Validity {
        validity(&self.market, reading, moment.unix_timestamp, moment.restart_slot)
    }

    /// Judges what `reading` has reached, worst first: every position that the
    /// program would liquidate or close at its cap now, and no other, up to
    /// `limit` of them. O(log n + hits). Positions in work are not looked at;
    /// one that is found and not parked is found again by the next tick.
    pub fn tick(
        &mut self,
        reading: &PriceReading,
        moment: &Moment,
        alerts: Option<&AlertPolicy>,
        limit: usize,
        findings: &mut Vec<Finding>,
    ) {
        if self.is_settling() {
            return;
        }
        // A market whose indices cannot advance cannot be liquidated in either.
        let accrued =
            health::accrued(&self.market, moment.unix_timestamp, reading.price).unwrap_or(self.market);
        self.index.advance(accrued);
        let may_cap = self.validity(reading, moment) <= Action::ReduceRisk.accepts();
        for side in [Side::Long, Side::Short] {
            let Ok(mark) = mark(&accrued, side, reading) else { continue };
            self.liquidations(side, mark, reading, limit, findings);
            self.caps(side, mark, may_cap.then_some(moment.unix_timestamp), reading, limit, findings);
            if let Some(policy) = alerts {
                self.margin_calls(side, mark, policy, findings);
            }
        }
    }

    fn candidates(&mut self, find: impl FnOnce(&MarketIndex, &mut Vec<Slot>)) -> Vec<Slot> {
        let mut slots = core::mem::take(&mut self.scratch);
        slots.clear();
        find(&self.index, &mut slots);
        slots
    }

    /// Whether the engine liquidates the position at `mark`.
    fn liquidatable(&self, slot: Slot, mark: Price) -> Option<(Position, bool)> {
        let position = self.index.record(slot)?.position();
        let judged = health::health(self.index.market(), &position, mark);
        Some((position, judged.is_ok_and(|health| health.is_liquidatable())))
    }

    fn liquidations(
        &mut self,
        side: Side,
        mark: Price,
        reading: &PriceReading,
        limit: usize,
        findings: &mut Vec<Finding>,
    ) {
        let slots = self.candidates(|index, found| index.liquidation_candidates(side, mark, found));
        for &slot in &slots {
            if findings.len() >= limit {
                break;
            }
            match self.liquidatable(slot, mark) {
                Some((position, true)) => self.found_liquidatable(slot, position, mark, reading, findings),
                Some((_, false)) => self.index.rekey(slot),
                None => {}
            }
        }
        self.scratch = slots;
    }

    fn found_liquidatable(
        &self,
        slot: Slot,
        position: Position,
        mark: Price,
        reading: &PriceReading,
        findings: &mut Vec<Finding>,
    ) {
        let Some(record) = self.index.record(slot) else { return };
        let market = self.index.market();
        let Ok(health) = health::health(market, &position, mark) else { return };
        // What the keeper gets as the program reckons it; where that cannot
        // be told, the least.
        let closed = position.liquidation(market, reading);
        let reward = closed.map_or(market.params.min_keeper_reward, |CloseOut { outcome, .. }| {
            outcome.keeper_from_vault.0.saturating_add(outcome.keeper_from_insurance.0)
        });
        findings.push(Finding::Liquidate(Liquidation {
            position: record.key,
            generation: record.generation,
            mark: mark.0,
            equity: health.equity.0,
            maintenance: health.maintenance.0,
            reward,
        }));
    }

    fn is_active(&self) -> bool {
        self.market.status().is_ok_and(|status| status == MarketStatus::Active)
    }

    /// `may_cap` is the time, where the price is good enough to close by.
    fn caps(
        &mut self,
        side: Side,
        mark: Price,
        may_cap: Option<i64>,
        reading: &PriceReading,
        limit: usize,
        findings: &mut Vec<Finding>,
    ) {
        let slots = self.candidates(|index, found| index.cap_candidates(side, mark, found));
        let edge = edge_against(side.into(), reading.price, reading.confidence);
        for &slot in &slots {
            if findings.len() >= limit {
                break;
            }
            let Some(record) = self.index.record(slot) else { continue };
            let gained = self.gains_reserve(&record.position(), edge);
            // A pending delayed order keeps its position from being closed.
            let free = may_cap.is_some_and(|now| !record.position().is_committed(now) || !self.is_active());
            if gained && free {
                let (position, generation) = (record.key, record.generation);
                findings.push(Finding::CloseAtCap { position, generation });
            } else if let Some((position, true)) = self.liquidatable(slot, mark) {
                // A cut-off gain that no longer covers a grown requirement.
                self.found_liquidatable(slot, position, mark, reading, findings);
            } else if !gained {
                self.index.rekey(slot);
            }
        }
        self.scratch = slots;
    }

    fn gains_reserve(&self, position: &Position, price: Price) -> bool {
        let market = self.index.market();
        health::health(market, position, price)
            .is_ok_and(|health| health.gain == Quote(position.reserve).into())
    }

    fn margin_calls(&mut self, side: Side, mark: Price, policy: &AlertPolicy, findings: &mut Vec<Finding>) {
        let near = shifted(side, mark, u64::from(policy.distance_ppm));
        let slots = self.candidates(|index, found| index.call_candidates(side, near, found));
        for &slot in &slots {
            match self.liquidatable(slot, near) {
                Some((position, true)) => {
                    self.call(slot, side, mark, &position, findings);
                    self.index.place(slot, Place::Called);
                }
                Some((_, false)) => self.index.rekey(slot),
                None => {}
            }
        }
        self.scratch = slots;

        let farther = u64::from(policy.distance_ppm)
            .saturating_mul(u64::from(PPM).saturating_add(u64::from(policy.hysteresis_ppm)))
            / u64::from(PPM);
        let far = shifted(side, mark, farther);
        let slots = self.candidates(|index, found| index.recovered(side, far, found));
        for &slot in &slots {
            self.index.place(slot, Place::Armed);
        }
        self.scratch = slots;
    }

    fn call(&self, slot: Slot, side: Side, mark: Price, position: &Position, findings: &mut Vec<Finding>) {
        let Some(record) = self.index.record(slot) else { return };
        let Ok(Some(price)) = health::liquidation_price(self.index.market(), position) else { return };
        findings.push(Finding::MarginCall(MarginCall {
            position: record.key,
            owner: record.owner,
            side,
            mark: mark.0,
            liquidation_price: price.0,
            margin: record.margin,
        }));
    }
}

/// What `liquidate` judges positions of `side` by.
pub fn mark(market: &Market, side: Side, reading: &PriceReading) -> Result<Price, RingfenceError> {
    let mut position: Position = bytemuck::Zeroable::zeroed();
    position.side = side as u8;
    health::liquidation_mark(market, &position, reading.price, reading.confidence)
}

/// `mark` moved by `ppm` of itself against `side`, rounded away from it.
fn shifted(side: Side, mark: Price, ppm: u64) -> Price {
    let distance = (u128::from(mark.0) * u128::from(ppm)).div_ceil(u128::from(PPM));
    let distance = Price(u64::try_from(distance).unwrap_or(u64::MAX));
    edge_against(side.into(), mark, distance)
}

#[cfg(test)]
mod tests;
