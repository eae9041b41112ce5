//! Orders at random: placed, waited for, executed, and cleaned up.

use ringfence_client::accounts::{Order, Position};
use ringfence_client::state::OrderKind;

use crate::action::{Action, Asked, Fault, OrderSpot, Spot};
use crate::generate::Source;
use crate::predict::{adds, stands};
use crate::run::{IDS, PEOPLE, Run};
use crate::state::State;

/// Numbers of orders, at ends of the words of `void_orders`, in pairs that end
/// one another.
const NUMBERS: [u8; 8] = [0, 1, 63, 64, 127, 128, 191, 255];

impl Source<'_> {
    fn number(&mut self) -> u8 {
        NUMBERS[self.random.below(NUMBERS.len() as u64) as usize]
    }

    /// An order of this market, from a random one on; its position's place.
    pub(crate) fn ordered(&mut self, market: usize) -> Option<(OrderSpot, Order)> {
        let key = self.run.world.markets[market].accounts.market;
        let orders: Vec<_> = self.now.orders.values().filter(|order| order.market == key).collect();
        let start = self.random.number() as usize;
        let order = **orders.get(start.checked_rem(orders.len())?)?;
        let positions = &self.run.keys[market].positions;
        let places = (0..PEOPLE).flat_map(|who| (0..IDS).map(move |id| Spot { market, who, id }));
        let at = places.into_iter().find(|at| positions[at.who][usize::from(at.id)] == order.position)?;
        Some((OrderSpot { at, id: order.id }, order))
    }

    pub(crate) fn creation(&mut self, at: Spot) -> Action {
        let (long, referrer) = (self.one_in(2), self.referrer(at));
        Action::CreatePosition { at, long, referrer }
    }

    /// Mostly what could be executed before long.
    pub(crate) fn ordering(&mut self, at: Spot, by: usize, position: &Position) -> Action {
        let (market, unit) = (at.market, self.run.unit(at.market));
        let Some(&state) = self.now.market(self.run, market) else { return Action::Accrue { market } };
        let params = state.params;
        let delegate = self.run.people.iter().position(|one| one.pubkey() == position.delegate);
        let by = delegate.filter(|_| self.one_in(2)).unwrap_or(by);
        let pinned = state.oracle.account != Default::default();
        let delayed = self.one_in(if pinned { 60 } else { 2 });
        let reducing = position.size > 0 && self.one_in(2) || params.delayed_only == 1 && !self.one_in(5);
        let kind = match (delayed, reducing) {
            (true, _) => OrderKind::Delayed as u8,
            (false, true) => self.random.below(2) as u8,
            (false, false) => 2 + self.random.below(2) as u8,
        };
        let mut asked = Asked {
            kind,
            size: 0,
            margin: 0,
            share_ppm: 0,
            trigger: 0,
            acceptable: None,
            reward: self.amount(unit * 5) * self.random.below(2),
            lifetime: None,
            cancels: None,
        };
        let price = self.now.quoted[market].feed.price;
        if adds(kind) {
            let notional = unit * self.random.between(5, 5_000);
            asked.size = self.size_of(market, notional);
            // some for what the price may do meanwhile
            asked.margin = (u128::from(self.margin_for(market, asked.size)) * 11 / 10) as u64;
        } else {
            asked.share_ppm = if self.one_in(3) { 1_000_000 } else { self.amount(999_999).max(1) as u32 };
        }
        if delayed {
            asked.reward = params.min_keeper_reward + asked.reward - u64::from(self.one_in(20));
        } else {
            // half of them are triggered at once
            asked.trigger = price / 1_000 * self.random.between(975, 1_025);
            let most = if self.one_in(3) { 60 } else { 100_000 };
            asked.lifetime = Some(self.random.between(1, most) as i64);
        }
        let place = self.random.below(NUMBERS.len() as u64) as usize;
        let mut place = place;
        let first = self.now.orders.values().find(|order| {
            order.position == self.run.position(at).expect("a place") && stands(order, position)
        });
        if let Some(index) = first.and_then(|order| NUMBERS.iter().position(|number| *number == order.id))
            && self.one_in(2)
        {
            place = index ^ 1;
            asked.cancels = Some(NUMBERS[index]);
        } else if self.one_in(2) {
            asked.cancels = Some(if self.one_in(6) { self.number() } else { NUMBERS[place ^ 1] });
        }
        if self.one_in(12) {
            asked.acceptable = Some(price);
        }
        if self.one_in(25) {
            self.spoil(&mut asked);
        }
        Action::PlaceOrder { of: OrderSpot { at, id: NUMBERS[place] }, by, asked }
    }

    /// What contradicts the kind, or nearly so.
    fn spoil(&mut self, asked: &mut Asked) {
        match self.random.below(8) {
            0 => asked.size = u64::from(asked.size == 0),
            1 => asked.margin += 1,
            2 => asked.share_ppm = u32::from(asked.share_ppm == 0),
            3 => asked.share_ppm = 1_000_001,
            4 => asked.trigger = u64::from(asked.trigger == 0),
            5 => asked.lifetime = Some(-(self.random.below(2) as i64)),
            6 => asked.reward = u64::MAX - asked.margin / 2,
            _ => asked.kind = self.random.below(5) as u8,
        }
    }

    /// What would be done with an order: wait for its time, publish its price,
    /// execute it; or clean up what is left of it.
    pub(crate) fn order_work(&mut self, market: usize) -> Option<Action> {
        let (mut of, mut order) = self.ordered(market)?;
        // whose time is short comes first, mostly
        for _ in 0..4 {
            if order.kind != OrderKind::Delayed as u8 || self.now.now > order.expires_at {
                (of, order) = self.ordered(market)?;
            }
        }
        let by = self.anyone();
        let position = self.now.position(self.run, of.at).copied();
        let stands = position.is_some_and(|position| stands(&order, &position));
        if !stands || self.now.now > order.expires_at {
            let execute = self.one_in(5);
            return Some(if execute {
                Action::ExecuteOrder { of, by }
            } else {
                Action::CancelOrder { of, by }
            });
        }
        let owner = self.run.people[of.at.who].pubkey();
        if order.trader != owner && self.one_in(4) {
            return Some(match self.one_in(2) {
                true => Action::CancelOrder { of, by: of.at.who },
                false => Action::SetDelegate { at: of.at, by: of.at.who, delegate: None },
            });
        }
        match self.random.below(24) {
            0 => return Some(Action::CancelOrder { of, by }),
            1 => {
                let trader = self.run.who(&order.trader);
                return Some(Action::CancelOrder { of, by: if self.one_in(2) { trader } else { of.at.who } });
            }
            // what a pending order may forbid
            2 => return Some(Action::Close { at: of.at, by: of.at.who }),
            3 => return Some(Action::RemoveMargin { at: of.at, by: of.at.who, amount: 1 }),
            4 => {
                let size = position?.size;
                return Some(Action::Decrease { at: of.at, by: of.at.who, size, acceptable: None });
            }
            5 => return Some(Action::ExecuteOrder { of, by }),
            _ => {}
        }
        let wait = order.not_before - 2 - self.now.now;
        if wait > 0 {
            return Some(Action::Clock { seconds: (wait as u64 + self.random.below(8)) as u32 });
        }
        if order.kind == OrderKind::Delayed as u8 && self.one_in(2) {
            // a newer price is accepted meanwhile
            let late = order.not_before + 3;
            let accepted = self.now.market(self.run, market)?.accepted.publish_time;
            if self.now.quoted[market].feed.publish_time > late {
                return Some(Action::Accrue { market });
            }
            if accepted <= late && self.now.now > late + 1 {
                return Some(self.feed(market));
            }
        }
        Some(if self.is_due(market, &order) {
            Action::ExecuteOrder { of, by }
        } else {
            self.price_for(market, &order)
        })
    }

    /// Whether the price of the moment executes it.
    fn is_due(&self, market: usize, order: &Order) -> bool {
        let quoted = self.now.quoted[market];
        let (published, price) = (quoted.feed.publish_time, quoted.feed.price);
        let delayed = order.kind == OrderKind::Delayed as u8;
        let first = !delayed || published - quoted.gap < order.not_before;
        let above = order.trigger_above == 1;
        let reached =
            delayed || if above { price >= order.trigger_price } else { price <= order.trigger_price };
        quoted.fault == Fault::None && published >= order.not_before && first && reached
    }

    /// A price that executes it, near the last one or just past its trigger,
    /// and now and then a second off.
    fn price_for(&mut self, market: usize, order: &Order) -> Action {
        let last = self.now.quoted[market].feed.price;
        let step = last / 1_000 * self.random.below(6);
        let off = i64::from(self.one_in(12));
        if order.kind == OrderKind::Delayed as u8 {
            let latest = (self.now.now + 2 - order.not_before).max(0);
            let late = (self.random.below(3) as i64).min(latest);
            let price = if self.one_in(2) { last + step } else { last - step };
            let age = self.now.now - order.not_before - late + off;
            let gap = late + self.random.between(1, 4) as i64 - 2 * i64::from(self.one_in(6));
            return Action::Feed { market, price, confidence: 0, ema: price, age, gap, fault: Fault::None };
        }
        let rises = order.trigger_above == 1;
        let beyond = if rises {
            order.trigger_price + step
        } else {
            order.trigger_price - step.min(order.trigger_price / 2)
        };
        let price = beyond.clamp(1_000_000_000, 50_000_000_000_000_000);
        let age = (self.now.now - order.not_before).min(0) + off;
        // wide enough, at times, to close only
        let confidence = if self.one_in(4) { price / 140 } else { 0 };
        Action::Feed { market, price, confidence, ema: price, age, gap: 1, fault: Fault::None }
    }
}

/// What a sequence has to have met besides each instruction: how orders end.
pub fn ending(action: &Action, run: &Run, before: &State, after: &State) -> Option<String> {
    let order = before.order(run, action.order()?)?;
    let remains = after.order(run, action.order()?);
    let place = action.market()?;
    let position = before.positions.get(&order.position);
    let stood = position.is_some_and(|position| stands(order, position));
    match *action {
        Action::ExecuteOrder { by, .. } => {
            if remains.is_some() {
                return Some("failed".into());
            }
            let kind = order.kind().expect("a kind");
            let newer = before.market(run, place)?.accepted.publish_time;
            let older = before.quoted[place].feed.publish_time < newer;
            let position = position?;
            let who =
                if run.people[by].pubkey() == position.owner { "by its owner" } else { "by a stranger" };
            let what = if older { " at an older price" } else { "" };
            let new = if position.size == 0 { " of no size" } else { "" };
            Some(format!("executed: {kind:?}{new}{what} {who}"))
        }
        Action::CancelOrder { by, .. } => {
            let who = if run.people[by].pubkey() == order.trader { "its trader" } else { "somebody else" };
            let gone = position.is_none();
            let reopened = position.is_some_and(|it| it.generation != order.generation);
            let why = match (stood, gone, reopened) {
                _ if order.failed == 1 => "failed",
                (true, ..) if before.now > order.expires_at => "expired",
                (true, ..) => "live",
                (_, true, _) => "position gone",
                (_, _, true) => "another generation",
                _ => "void by partner or dismissal",
            };
            Some(format!("cancelled: {why}, by {who}"))
        }
        _ => None,
    }
}
