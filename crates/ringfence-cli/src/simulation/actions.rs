//! What traders and the liquidator do, and what must be true afterwards.

use anyhow::{Context, Result, anyhow, bail};
use ringfence_client::event::{PositionClosed, PositionDecreased, PositionLiquidated, PositionOpened};
use ringfence_client::events::Event;
use ringfence_client::oracle::Action;
use ringfence_client::state::{Market, Position};
use ringfence_client::{Instruction, OpenPositionArgs, health};
use ringfence_math::{self as math, Health, Ppm, Price, Quote, SignedQuote, Size, TradeDirection};
use ringfence_testkit::Receipt;
use ringfence_testkit::trade::any_price;

use super::audit::hold;
use super::opening::Opening;
use super::participant::{Life, Liquidated, Outcome, Plan};
use super::setup::leveraged_size;
use super::{Kind, Simulation, Violation, chart_price, program_error};
use crate::chart::{Marker, Point};

impl Simulation {
    /// Opens a participant's position as planned; false where the pool cannot
    /// back it, the margin is too little at this skew, the price is not good
    /// enough to open at, or he has no money left.
    pub fn open(&mut self, index: usize) -> Result<bool> {
        let plan @ Plan { side, leverage, margin } = self.participants[index].plan;
        if !self.accepts_price(Action::AddRisk) || self.participants[index].wallet < margin.0 {
            return Ok(false);
        }
        let market = self.accrued()?;
        let size = leveraged_size(margin, leverage, self.price(), market.notional_divisor)?;
        let scale = market.scale().map_err(program_error)?;
        let reading = self.feed.reading();
        let opening = Opening::of(&plan, size, &market.params, market.skew(), reading, scale);
        let Some(opening) = opening.ok().filter(|opening| opening.is_covered(&market.params)) else {
            self.uncovered += 1;
            return Ok(false);
        };
        if !self.can_back(&market, side.into(), size, opening.reserve)? {
            self.deferred += 1;
            return Ok(false);
        }
        let participant = &self.participants[index];
        self.check_untouched(participant)?;
        let acceptable_price = any_price(true, side);
        let args = OpenPositionArgs { id: 0, side, size: size.0, margin: margin.0, acceptable_price };
        let call = participant.calls.open(args);
        let receipt = self.send(Kind::OpenPosition, call)?;
        let opened: PositionOpened = find(&receipt, |event| match event {
            Event::PositionOpened(opened) => Some(opened.clone()),
            _ => None,
        })?;
        self.ledger.opened(&opened);
        let participant = &mut self.participants[index];
        participant.wallet -= margin.0;
        participant.life = Some(Life {
            position: participant.calls.position,
            vault: participant.calls.vault,
            state: self.world.position(participant.calls.position),
            entry: Price(opened.fill_price),
            deposited: margin.0,
            withdrawn: 0,
            liquidated: None,
        });
        self.check_untouched(&self.participants[index])?;
        self.place_bracket(index)?;
        Ok(true)
    }

    /// Whether pool and open-interest limit leave room for this position.
    fn can_back(&self, market: &Market, side: math::Side, size: Size, reserve: Quote) -> Result<bool> {
        let scale = market.scale().map_err(program_error)?;
        let usable = Quote(market.liquidity).ppm_floor(Ppm(market.params.max_utilisation_ppm))?;
        let (book, limit) = match side {
            math::Side::Long => (&market.long, market.params.max_open_interest_long),
            math::Side::Short => (&market.short, market.params.max_open_interest_short),
        };
        let open_interest = Size(book.open_interest).checked_add(size)?;
        let notional = math::notional_ceil(open_interest, self.price(), scale);
        Ok(Quote(market.reserved).checked_add(reserve)? <= usable
            && notional.is_ok_and(|notional| notional.0 <= limit))
    }

    /// Adds margin to an open position.
    pub fn add_margin(&mut self, index: usize, amount: u64) -> Result<bool> {
        let participant = &self.participants[index];
        let Some(life) = participant.life.filter(|life| !life.state.is_empty()) else {
            return Ok(false);
        };
        if amount == 0 || amount > participant.wallet {
            return Ok(false);
        }
        self.check_untouched(participant)?;
        let call = participant.calls.add_margin(amount);
        self.send(Kind::AddMargin, call)?;
        let participant = &mut self.participants[index];
        participant.wallet -= amount;
        let state = self.world.position(life.position);
        participant.life = Some(Life { state, deposited: life.deposited + amount, ..life });
        self.check_untouched(&self.participants[index])?;
        Ok(true)
    }

    /// Margin that may be taken out now, atoms: margin and unrealised loss
    /// must cover the initial requirement at the edge that hurts, and the
    /// position must not become liquidatable.
    pub fn removable_margin(&self, index: usize) -> Result<u64> {
        let life = self.participants[index].life.filter(|life| !life.state.is_empty());
        let (Some(life), true) = (life, self.accepts_price(Action::AddRisk)) else {
            return Ok(0);
        };
        let (market, reading) = (self.accrued()?, self.feed.reading());
        let side = life.state.side().map_err(program_error)?;
        let edge = math::edge_against(side.into(), reading.price, reading.confidence);
        let health = health::health(&market, &life.state, edge).map_err(program_error)?;
        let losses = health.gain.min(SignedQuote::ZERO);
        let backing = SignedQuote::from(Quote(life.state.margin)).checked_add(losses)?;
        let above_initial = backing.checked_sub(health.initial.into())?;
        let above_maintenance = health.equity.checked_sub(health.maintenance.into())?;
        Ok(above_initial.min(above_maintenance).positive_part()?.0)
    }

    /// Takes margin out of an open position, at most [`Self::removable_margin`].
    pub fn remove_margin(&mut self, index: usize, amount: u64) -> Result<bool> {
        let participant = &self.participants[index];
        let Some(life) = participant.life.filter(|_| amount > 0) else {
            return Ok(false);
        };
        self.check_untouched(participant)?;
        let call = participant.calls.remove_margin(amount);
        self.send(Kind::RemoveMargin, call)?;
        let participant = &mut self.participants[index];
        participant.wallet += amount;
        let state = self.world.position(life.position);
        participant.life = Some(Life { state, withdrawn: life.withdrawn + amount, ..life });
        self.check_untouched(&self.participants[index])?;
        Ok(true)
    }

    /// Closes a position, or takes out what its liquidation has left. Holds
    /// the result to account: nothing lost but margin, and margin, PnL and
    /// fees make up the payout to the atom.
    pub fn close(&mut self, index: usize) -> Result<bool> {
        let participant = &self.participants[index];
        let Some(life) = participant.life else {
            return Ok(false);
        };
        if !life.state.is_empty() && !self.can_close(&life.state)? {
            return Ok(false);
        }
        self.cancel_orders(index)?;
        let participant = &self.participants[index];
        self.check_untouched(participant)?;
        let call = participant.calls.close();
        let receipt = self.send(Kind::ClosePosition, call)?;
        let closed: PositionClosed = find(&receipt, |event| match event {
            Event::PositionClosed(closed) => Some(closed.clone()),
            _ => None,
        })?;
        if !life.state.is_empty() {
            let settled: PositionDecreased = find(&receipt, |event| match event {
                Event::PositionDecreased(decreased) => Some(decreased.clone()),
                _ => None,
            })?;
            self.ledger.decreased(&settled);
        }
        let outcome = Outcome {
            entry: life.entry,
            deposited: life.deposited,
            withdrawn: life.withdrawn,
            payout: closed.payout,
            pnl: closed.realised_pnl,
            fees: closed.fees_paid,
            liquidated: life.liquidated,
        };
        self.fees = self.fees.saturating_add(outcome.fees);
        self.max_loss_over_margin_ppm = self.max_loss_over_margin_ppm.max(outcome.loss_over_margin_ppm());
        let participant = &mut self.participants[index];
        participant.wallet += outcome.payout;
        participant.life = None;
        participant.outcome = Some(outcome);

        self.check_untouched(&self.participants[index])?;
        hold(outcome.loss() <= outcome.deposited, || {
            format!("position {} lost more than its margin: {outcome:?}", life.position)
        })?;
        hold(outcome.adds_up(), || {
            format!("margin, PnL and fees of position {} are not its payout: {outcome:?}", life.position)
        })?;
        Ok(true)
    }

    /// Whether the price is good enough, and the skew leaves a price at which
    /// all of a position can be closed.
    pub(super) fn can_close(&self, position: &Position) -> Result<bool> {
        let (market, reading) = (self.state(), self.feed.reading());
        let direction = TradeDirection::closing(position.side().map_err(program_error)?.into());
        let (size, scale) = (Size(position.size), Size(market.params.skew_scale));
        let fill = math::fill_price(reading.price, reading.confidence, direction, size, market.skew(), scale);
        Ok(fill.is_ok() && self.accepts_price(Action::ReduceRisk))
    }

    /// Liquidates a position that has reached its liquidation price, in full or
    /// in part. Nothing but its own vault may have moved, the liquidator is
    /// paid, and what is left open is healthy.
    pub(super) fn liquidate(&mut self, index: usize) -> Result<()> {
        let life = self.participants[index].life.context("a position on the liquidator's list")?;
        if !self.is_liquidatable(&life)? {
            return Ok(());
        }
        let before = self.world.balance(&self.keeper_tokens);
        let call = self.participants[index].calls.liquidate();
        let receipt = self.send(Kind::Liquidate, call)?;
        let event: PositionLiquidated = find(&receipt, |event| match event {
            Event::PositionLiquidated(liquidated) => Some(liquidated.clone()),
            _ => None,
        })?;
        let reward = self.world.balance(&self.keeper_tokens) - before;
        self.keeper_rewards += reward;
        self.ledger.liquidated(&event);

        let state = self.world.position(life.position);
        let first = Liquidated { time: self.time(), price: Price(event.price) };
        let liquidated = life.liquidated.or(Some(first));
        self.participants[index].life = Some(Life { state, liquidated, ..life });
        if life.liquidated.is_none() {
            let side = state.side().map_err(program_error)?.into();
            let value = chart_price(self.price());
            self.chart.liquidations.push(Marker { at: Point { time: first.time, value }, side });
        }
        if state.is_empty() {
            self.fallen.push(index);
        } else {
            self.partial_liquidations += 1;
        }

        hold(reward > 0 && reward == event.keeper_from_vault + event.keeper_from_insurance, || {
            format!("liquidator of {} got {reward} atoms", life.position)
        })?;
        let closed = life.state.size.checked_sub(state.size);
        hold(closed == Some(event.size) && event.size > 0 && state.size == event.remaining_size, || {
            format!("liquidating {} of position {} left {}", event.size, life.position, state.size)
        })?;
        hold(state.is_empty() || !self.judge(&state)?.is_liquidatable(), || {
            format!("position {} is liquidatable after its liquidation", life.position)
        })?;
        self.participants.iter().try_for_each(|participant| self.check_untouched(participant))
    }

    /// View and engine agree: what has reached its liquidation price is
    /// liquidatable, a few atoms of rounding aside, within which the engine's
    /// predicate goes back and forth for a long.
    fn is_liquidatable(&self, life: &Life) -> Result<bool> {
        const ROUNDING_ATOMS: i128 = 4;
        let health = self.judge(&life.state)?;
        hold(health.equity.0 - i128::from(health.maintenance.0) < ROUNDING_ATOMS, || {
            format!("position {} has reached its liquidation price, but is healthy", life.position)
        })?;
        Ok(health.is_liquidatable())
    }

    /// Health as `liquidate` would judge it at this moment.
    fn judge(&self, position: &Position) -> Result<Health> {
        let (market, reading) = (self.accrued()?, self.feed.reading());
        let mark = health::liquidation_mark(&market, position, reading.price, reading.confidence)
            .map_err(program_error)?;
        health::health(&market, position, mark).map_err(program_error)
    }

    /// Sends an instruction at the clock and price of this moment, and counts it.
    /// Nobody signs: signatures are not checked. Everything that is sent was
    /// judged beforehand, so a refusal means that judge and program disagree.
    pub(super) fn send(&mut self, kind: Kind, instruction: Instruction) -> Result<Receipt> {
        self.publish();
        match self.world.send(&[instruction], &[]) {
            Ok(receipt) => {
                self.statistics.record(kind, receipt.compute_units);
                Ok(receipt)
            }
            Err(failure) => {
                let (name, time, price) = (kind.name(), self.time(), self.price().0);
                bail!(Violation(format!("{name} at {time}, price {price}: {:?}", failure.error)))
            }
        }
    }
}

/// The event that a transaction must have emitted.
pub(super) fn find<T>(receipt: &Receipt, pick: impl Fn(&Event) -> Option<T>) -> Result<T> {
    receipt.events.iter().find_map(pick).ok_or_else(|| anyhow!(Violation("an event is missing".to_owned())))
}
