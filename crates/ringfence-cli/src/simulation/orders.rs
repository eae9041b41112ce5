//! A take-profit and a stop-loss with every position, and the keeper who
//! executes them.

use anyhow::Result;
use ringfence_client::event::{OrderCancelled, OrderEnd, OrderExecuted, PositionDecreased};
use ringfence_client::events::Event;
use ringfence_client::oracle::Action;
use ringfence_client::state::{OrderKind, OrderTerms, Side};
use ringfence_math::{PPM, Price};
use ringfence_testkit::trade::any_price;
use serde::Serialize;

use super::actions::find;
use super::audit::hold;
use super::participant::{Life, Waiting};
use super::{Kind, Simulation, program_error};

/// How far from the entry price the orders of a position trigger, ppm of it;
/// none of a kind where that is not placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bracket {
    pub take_profit: Option<u32>,
    pub stop_loss: Option<u32>,
}

/// What became of the orders; the first is the sum of the next four at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OrderCounts {
    pub placed: u64,
    #[serde(rename = "take_profits_executed")]
    pub take_profits: u64,
    #[serde(rename = "stop_losses_executed")]
    pub stop_losses: u64,
    /// Taken back by traders who closed by themselves.
    pub cancelled: u64,
    /// Ended by their partner's execution or by a liquidation.
    pub void: u64,
    /// Paid to the keeper who executed.
    #[serde(rename = "rewards_atoms")]
    pub rewards: u64,
}

impl Bracket {
    /// Orders with each position.
    pub fn count(self) -> u8 {
        [self.take_profit, self.stop_loss].map(|distance| u8::from(distance.is_some())).iter().sum()
    }

    /// Kind and trigger price of what is placed with a position of this entry.
    fn orders(self, side: Side, entry: Price) -> Vec<(OrderKind, Price)> {
        let kinds = [(OrderKind::TakeProfit, self.take_profit), (OrderKind::StopLoss, self.stop_loss)];
        let at = |kind: OrderKind, distance: u32| {
            let share = if kind.triggers_above(side) { PPM + distance } else { PPM - distance };
            let price = u128::from(entry.0) * u128::from(share) / u128::from(PPM);
            Price(u64::try_from(price).unwrap_or(u64::MAX).max(1))
        };
        kinds.into_iter().filter_map(|(kind, distance)| Some((kind, at(kind, distance?)))).collect()
    }
}

impl Simulation {
    pub fn places_orders(&self) -> bool {
        self.bracket != Bracket::default()
    }

    /// Places a participant's orders for the position that he has just opened;
    /// none where he has no money left for the rewards.
    pub(super) fn place_bracket(&mut self, index: usize) -> Result<()> {
        let participant = &self.participants[index];
        let Some(life) = participant.life else {
            return Ok(());
        };
        let side = participant.plan.side;
        let orders = self.bracket.orders(side, life.entry);
        let reward = self.state().params.min_keeper_reward;
        if participant.wallet < reward.saturating_mul(orders.len() as u64) {
            return Ok(());
        }
        let pair = orders.len() == 2;
        for (id, (kind, trigger)) in (0u8..).zip(orders) {
            let terms = OrderTerms {
                kind,
                size: 0,
                margin: 0,
                share_ppm: PPM,
                trigger_price: trigger.0,
                acceptable_price: any_price(false, side),
                reward,
                expires_at: i64::MAX,
                cancels: pair.then_some(1 - id.min(1)),
            };
            let calls = &self.participants[index].calls.orders[usize::from(id)];
            let (key, place) = (calls.order, calls.place(terms));
            self.send(Kind::PlaceOrder, place)?;
            let order = self.world.order(key);
            let participant = &mut self.participants[index];
            participant.wallet -= reward;
            participant.orders.push(Waiting { id, key, order });
            // An order that is placed is noted in its position.
            participant.life = Some(Life { state: self.world.position(life.position), ..life });
            self.orders.placed += 1;
        }
        self.check_untouched(&self.participants[index])
    }

    /// Takes back what a participant's orders hold, whether they stand or are
    /// void.
    pub(super) fn cancel_orders(&mut self, index: usize) -> Result<()> {
        for waiting in std::mem::take(&mut self.participants[index].orders) {
            let cancel = self.participants[index].calls.orders[usize::from(waiting.id)].cancel();
            let receipt = self.send(Kind::CancelOrder, cancel)?;
            let ended: OrderCancelled = find(&receipt, |event| match event {
                Event::OrderCancelled(cancelled) => Some(cancelled.clone()),
                _ => None,
            })?;
            match ended.end {
                OrderEnd::Cancelled => self.orders.cancelled += 1,
                OrderEnd::Void | OrderEnd::Expired | OrderEnd::Failed => self.orders.void += 1,
            }
            self.participants[index].wallet += ended.refund;
            hold(ended.refund == waiting.order.reward, || {
                format!("order {} held {} and gave back {}", waiting.key, waiting.order.reward, ended.refund)
            })?;
        }
        self.check_untouched(&self.participants[index])
    }

    /// Executes all that this moment's price triggers.
    pub(super) fn execute_orders(&mut self) -> Result<()> {
        if !self.places_orders() || !self.accepts_price(Action::ReduceByOrder) {
            return Ok(());
        }
        for index in 0..self.participants.len() {
            let triggered = self.participants[index]
                .orders
                .iter()
                .position(|waiting| waiting.order.is_triggered(self.feed.reading()));
            if let Some(place) = triggered {
                self.execute(index, place)?;
            }
        }
        Ok(())
    }

    /// Executes one order, which closes all of its position. Its reward goes
    /// to the keeper, and nothing else of it to anybody but its position.
    fn execute(&mut self, index: usize, place: usize) -> Result<()> {
        let participant = &self.participants[index];
        let (waiting, Some(life)) = (participant.orders[place], participant.life) else {
            return Ok(());
        };
        if life.state.is_empty() || !life.state.honours(&waiting.order) || !self.can_close(&life.state)? {
            return Ok(());
        }
        let before = self.world.balance(&self.keeper_tokens);
        let execute = participant.calls.orders[usize::from(waiting.id)].execute();
        let receipt = self.send(Kind::ExecuteOrder, execute)?;
        let (decreased, executed): (PositionDecreased, OrderExecuted) = (
            find(&receipt, |event| match event {
                Event::PositionDecreased(decreased) => Some(decreased.clone()),
                _ => None,
            })?,
            find(&receipt, |event| match event {
                Event::OrderExecuted(executed) => Some(executed.clone()),
                _ => None,
            })?,
        );
        self.ledger.decreased(&decreased);
        let paid = self.world.balance(&self.keeper_tokens) - before;
        self.orders.rewards += paid;
        match waiting.order.kind().map_err(program_error)? {
            OrderKind::TakeProfit => self.orders.take_profits += 1,
            _ => self.orders.stop_losses += 1,
        }
        let state = self.world.position(life.position);
        let participant = &mut self.participants[index];
        participant.orders.remove(place);
        participant.life = Some(Life { state, ..life });
        self.fallen.push(index);

        hold(paid == waiting.order.reward && executed.to_vault == 0, || {
            format!("keeper of order {} got {paid} atoms of {}", waiting.key, waiting.order.reward)
        })?;
        hold(state.is_empty() && executed.size == life.state.size, || {
            format!("order {} left {} of position {}", waiting.key, state.size, life.position)
        })?;
        let others = &self.participants[index].orders;
        hold(others.iter().all(|other| !state.honours(&other.order)), || {
            format!("an order of the emptied position {} still stands", life.position)
        })?;
        self.participants.iter().try_for_each(|participant| self.check_untouched(participant))
    }

    /// What waiting orders hold, atoms.
    pub(super) fn escrows(&self) -> u64 {
        let waiting = self.participants.iter().flat_map(|participant| &participant.orders);
        waiting.map(|waiting| self.world.balance(&waiting.order.escrow)).sum()
    }

    /// Every order has come to one end; to be asked once all positions have.
    pub(super) fn audit_orders(&self) -> Result<()> {
        let OrderCounts { placed, take_profits, stop_losses, cancelled, void, .. } = self.orders;
        hold(placed == take_profits + stop_losses + cancelled + void, || {
            format!("{placed} orders were placed, but have other ends: {:?}", self.orders)
        })?;
        hold(self.escrows() == 0, || format!("{} atoms are left in escrows", self.escrows()))
    }
}
