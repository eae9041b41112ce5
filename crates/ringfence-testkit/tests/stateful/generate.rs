//! What happens next, at random: mostly what makes sense, now and then what
//! does not.

use ringfence_client::accounts::Position;
use ringfence_testkit::random::Random;

use crate::action::{Action, Actor, Fault, Probe, Spot, Terms, Vault};
use crate::model;
use crate::run::{IDS, MARKETS, PEOPLE, Run};
use crate::state::State;

const DAY: u64 = 86_400;

pub struct Source<'a> {
    pub random: &'a mut Random,
    pub run: &'a Run,
    pub now: &'a State,
}

impl Source<'_> {
    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.random.below(count) == 0
    }

    pub(crate) fn anyone(&mut self) -> usize {
        self.random.below(PEOPLE as u64) as usize
    }

    fn anywhere(&mut self) -> usize {
        self.random.below(self.run.keys.len() as u64) as usize
    }

    fn actor(&mut self) -> Actor {
        match self.random.below(8) {
            0 => Actor::Person(self.anyone()),
            1..=2 => Actor::Guardian,
            _ => Actor::Admin,
        }
    }

    /// Up to `most`, of any order of magnitude.
    pub(crate) fn amount(&mut self, most: u64) -> u64 {
        let most = most.max(1);
        let shift = self.random.below(12);
        if self.one_in(60) { 0 } else { self.random.between(1, (most >> shift).max(1)) }
    }

    pub fn action(&mut self) -> Action {
        let market = self.anywhere();
        if !self.is_fresh(market) && !self.one_in(5) {
            return self.feed(market);
        }
        let state = self.now.market(self.run, market);
        let (status, version, ending) =
            state.map_or((3, 2, false), |it| (it.status, it.version, it.settles_at > 0));
        // back to work, or to its end, and up to date, before long
        if ending && status < 3 && self.one_in(4) {
            return self.wind_down(market);
        }
        if (1..=2).contains(&status) && !ending && self.one_in(12) {
            return Action::SetStatus { by: Actor::Admin, market, status: 0 };
        }
        if version == 1 && self.one_in(12) {
            return Action::MigrateMarket { market };
        }
        match self.random.below(100) {
            0..=9 => self.feed(market),
            10..=14 => self.clock(),
            15..=17 => self.donation(market),
            18..=19 => Action::Accrue { market },
            20..=29 => self.pool(market),
            30..=34 => self.govern(market),
            35..=39 => self.wind_down(market),
            40..=42 => self.probe(market),
            // once settled, mostly to be emptied
            _ if status == 3 && !self.one_in(4) => self.wind_down(market),
            _ => self.trade(market),
        }
    }

    /// Whether the price is good enough to open with, or none is needed.
    fn is_fresh(&self, place: usize) -> bool {
        let Some(market) = self.now.market(self.run, place) else { return true };
        let quoted = &self.now.quoted[place];
        let age = self.now.now - quoted.feed.publish_time;
        let limit = i64::from(market.oracle.max_age_open);
        market.status == 3 || (quoted.fault == Fault::None && (-2..=limit).contains(&age))
    }

    pub(crate) fn feed(&mut self, market: usize) -> Action {
        let old = self.now.quoted[market].feed;
        let most = if self.one_in(5) { 330_000 } else { 30_000 };
        let factor = 1_000_000 - most + self.random.below(2 * most);
        let start = i128::from(old.price) * i128::from(factor) / 1_000_000;
        // a hundredth of the first price to a hundred times the last
        let price = start.clamp(1_000_000_000, 50_000_000_000_000_000) as u64;
        let (mut confidence, mut ema, mut age, mut fault) = (0, price, 0, Fault::None);
        if !self.one_in(3) {
            confidence = self.random.below(price / 1_000);
        }
        match self.random.below(24) {
            0 => confidence = self.random.below(price / 20),
            1 => ema = (i128::from(price) * i128::from(self.random.between(20, 180)) / 100) as u64,
            2 => age = self.random.below(700) as i64,
            3 => age = -(self.random.below(6) as i64),
            // older than the last one, and so perhaps than the accepted one
            4 => age = self.now.now - old.publish_time + self.random.below(5) as i64,
            5 => fault = Fault::NotPositive,
            6 => fault = Fault::WrongFeed,
            _ => {}
        }
        let gap = self.random.between(1, 6) as i64;
        Action::Feed { market, price, confidence, ema, age, gap, fault }
    }

    fn clock(&mut self) -> Action {
        if self.one_in(40) {
            return Action::Restart;
        }
        let most = match self.random.below(40) {
            0 => 90 * DAY,
            1..=3 => 2 * DAY,
            4..=10 => 4_000,
            _ => 30,
        };
        Action::Clock { seconds: self.random.between(1, most) as u32 }
    }

    fn donation(&mut self, market: usize) -> Action {
        let amount = self.amount(self.run.unit(market) * 20);
        let at = self.held(market, |_| true);
        let mut to = at.filter(|_| !self.one_in(3)).map_or(Vault::Pool(market), Vault::Position);
        if let Some((of, _)) = self.ordered(market).filter(|_| self.one_in(4)) {
            to = Vault::Escrow(of);
        }
        Action::Donate { to, amount }
    }

    fn pool(&mut self, market: usize) -> Action {
        let (mut who, mut id) = (self.anyone(), self.random.below(IDS.into()) as u16);
        let unit = self.run.unit(market);
        let draw = self.random.below(20);
        if draw >= 7 && !self.one_in(4) {
            let waits = |&(who, id): &(usize, u16)| {
                self.run.deposit(market, who, id).is_some_and(|key| self.now.deposits.contains_key(&key))
            };
            let holds = |&(who, _): &(usize, u16)| {
                self.now.tokens.get(&self.run.keys[market].shares[who]).is_some_and(|held| *held > 0)
            };
            let from = who;
            let mut places = (0..PEOPLE).flat_map(|who| (0..IDS).map(move |id| ((who + from) % PEOPLE, id)));
            let found = if draw <= 10 { places.find(waits) } else { places.find(holds) };
            (who, id) = found.unwrap_or((who, id));
        }
        match draw {
            0..=6 => Action::AddLiquidity { market, who, id, amount: self.amount(unit * 100_000) },
            7..=10 => Action::ClaimShares { market, who, id },
            11..=15 => {
                let account = self.run.keys[market].shares[who];
                let held = self.now.tokens.get(&account).copied().unwrap_or(0);
                let some = self.amount(held);
                Action::RemoveLiquidity { market, who, shares: if self.one_in(4) { held + 1 } else { some } }
            }
            16 => Action::FundInsurance { market, who, amount: self.amount(unit * 50) },
            17 => Action::CreateReferral { market, who: who % 3 },
            18 => Action::ClaimReferralFees { market, who: who % 3 },
            _ => Action::CollectProtocolFees { market },
        }
    }

    fn govern(&mut self, market: usize) -> Action {
        let by = self.actor();
        let any = Terms::Any(self.random.number() >> 16);
        let terms = if self.one_in(5) { Terms::OutOfBounds } else { any };
        let status = self.now.market(self.run, market).map_or(0, |market| market.status);
        match self.random.below(20) {
            0 => Action::InitializeExchange { by },
            1 if self.run.keys.len() < MARKETS => {
                Action::CreateMarket { by, kind: self.random.below(4) as u8, terms }
            }
            1..=4 => Action::ProposeParams { by, market, terms },
            5..=7 => Action::ApplyParams { market },
            8 => Action::CancelParams { by, market },
            9 => Action::NominateAdmin { by, nominee: Some(self.anyone()).filter(|who| *who < 3) },
            10..=11 => {
                let nominee =
                    (0..PEOPLE).find(|&who| self.run.people[who].pubkey() == self.now.exchange.pending_admin);
                Action::AcceptAdmin { by: nominee.map_or(by, Actor::Person) }
            }
            // mostly back to work
            _ if status > 0 && !self.one_in(3) => Action::SetStatus { by, market, status: 0 },
            _ => Action::SetStatus { by, market, status: self.random.below(4) as u8 },
        }
    }

    /// The end of a market, step by step; and the migration of an old one.
    fn wind_down(&mut self, place: usize) -> Action {
        let Some(&market) = self.now.market(self.run, place) else { return self.govern(place) };
        if market.version == 1 && !self.one_in(4) {
            return Action::MigrateMarket { market: place };
        }
        if let Some(at) = self.held(place, |position| position.version == 1) {
            return Action::MigratePosition { at };
        }
        if market.status == 3 {
            return self.empty(place);
        }
        if market.settles_at > 0 && !self.one_in(3) {
            let wait = u64::try_from(market.settles_at - self.now.now).unwrap_or(0);
            let seconds = self.random.between(1, wait.max(1) + 10) as u32;
            return if wait > 0 { Action::Clock { seconds } } else { Action::SettleMarket { market: place } };
        }
        match self.random.below(9) {
            0 | 8 if place > 0 => {
                let notice = self.random.between(DAY - 10_000, DAY + 5_000) as u32;
                Action::AnnounceSettlement { by: self.actor(), market: place, notice }
            }
            1 => Action::SettleMarket { market: place },
            2 => Action::CloseMarket { market: place },
            3 => Action::MigrateMarket { market: place },
            4 => Action::MigratePosition { at: self.spot(place) },
            5 => Action::CloseSettled { at: self.spot(place) },
            _ => Action::Accrue { market: place },
        }
    }

    /// Whatever is still in a settled market.
    fn empty(&mut self, market: usize) -> Action {
        if let Some(at) = self.held(market, |_| true) {
            return match self.one_in(4) {
                true => Action::Close { at, by: at.who },
                false => Action::CloseSettled { at },
            };
        }
        let everyone = (0..PEOPLE).flat_map(|who| (0..IDS).map(move |id| (who, id)));
        let claim = everyone.into_iter().find_map(|(who, id)| {
            let key = self.run.deposit(market, who, id)?;
            self.now.deposits.contains_key(&key).then_some(Action::ClaimShares { market, who, id })
        });
        let keys = &self.run.keys[market];
        let referral = || (0..PEOPLE).find(|&who| self.now.referrals.contains_key(&keys.referrals[who]));
        let shares = |who: usize| self.now.tokens.get(&keys.shares[who]).copied().unwrap_or(0);
        let holder = || (0..PEOPLE).find(|&who| shares(who) > 0);
        claim
            .or_else(|| referral().map(|who| Action::ClaimReferralFees { market, who }))
            .or_else(|| holder().map(|who| Action::RemoveLiquidity { market, who, shares: shares(who) }))
            .unwrap_or(match self.now.proposals.contains_key(&keys.proposal) {
                true => Action::CancelParams { by: Actor::Guardian, market },
                false => Action::CloseMarket { market },
            })
    }

    // --- positions -----------------------------------------------------------------

    fn spot(&mut self, market: usize) -> Spot {
        Spot { market, who: self.anyone(), id: self.random.below(IDS.into()) as u16 }
    }

    /// A position of this market, from a random one on.
    fn held(&mut self, market: usize, which: impl Fn(&Position) -> bool) -> Option<Spot> {
        let count = PEOPLE as u64 * u64::from(IDS);
        let start = self.random.below(count);
        (start..start + count).find_map(|number| {
            let (who, id) = ((number % PEOPLE as u64) as usize, (number / PEOPLE as u64) as u16 % IDS);
            let at = Spot { market, who, id };
            self.now.position(self.run, at).is_some_and(&which).then_some(at)
        })
    }

    fn trade(&mut self, market: usize) -> Action {
        if self.one_in(4)
            && let Some(action) = self.keepers_work(market)
        {
            return action;
        }
        if self.one_in(3)
            && let Some(action) = self.order_work(market)
        {
            return action;
        }
        let at = self.spot(market);
        let Some(&position) = self.now.position(self.run, at) else {
            let delayed_only =
                self.now.market(self.run, market).is_some_and(|it| it.params.delayed_only == 1);
            return match self.random.below(30) {
                0 => Action::SetDelegate { at, by: at.who, delegate: None },
                1..=5 => self.creation(at),
                _ if delayed_only && !self.one_in(4) => self.creation(at),
                _ => self.opening(at),
            };
        };
        let by = match self.random.below(8) {
            0 => self.anyone(),
            1 => {
                let delegate = self.run.people.iter().position(|one| one.pubkey() == position.delegate);
                delegate.unwrap_or(at.who)
            }
            _ => at.who,
        };
        // one without size is waiting for an order
        if self.one_in(if position.size == 0 { 2 } else { 4 }) {
            return self.ordering(at, by, &position);
        }
        let (open, unit) = (position.size.max(1), self.run.unit(market));
        match self.random.below(100) {
            0..=12 => {
                let size = self.amount(open);
                let margin = self.margin_for(market, size) * self.random.below(2);
                Action::Increase { at, by, size, margin }
            }
            13..=35 => {
                let size = if self.one_in(6) { open } else { self.random.between(1, open) };
                let price = self.now.quoted[market].feed.price;
                let acceptable = self.one_in(6).then_some(price);
                Action::Decrease { at, by, size: if self.one_in(30) { open + 1 } else { size }, acceptable }
            }
            36..=55 => Action::Close { at, by },
            56..=65 => Action::AddMargin { at, payer: self.anyone(), amount: self.amount(unit * 200) },
            66..=78 => Action::RemoveMargin { at, by, amount: self.amount(position.margin + 1) },
            79..=83 => {
                Action::SetDelegate { at, by, delegate: Some(self.anyone()).filter(|who| *who != at.who) }
            }
            84..=91 => Action::Liquidate { at, keeper: self.anyone() },
            92..=95 => Action::CloseAtCap { at, caller: self.anyone() },
            _ => self.opening(at),
        }
    }

    pub(crate) fn referrer(&mut self, at: Spot) -> Option<usize> {
        let referrer = self.one_in(3).then(|| self.anyone() % 3);
        let keys = &self.run.keys[at.market];
        let there = |who: &usize| self.now.referrals.contains_key(&keys.referrals[*who]);
        referrer.filter(there).or(referrer.filter(|_| self.one_in(10)))
    }

    /// What a keeper would do, by the model.
    fn keepers_work(&mut self, place: usize) -> Option<Action> {
        let keeper = self.anyone();
        let market = *self.now.market(self.run, place)?;
        let feed = self.now.quoted[place].feed;
        if market.status == 3 || self.now.quoted[place].fault != Fault::None {
            return None;
        }
        let market = model::accrued(&market, self.now.now, feed.price);
        let (low, high) = model::edges(&feed);
        let liquidatable =
            |position: &Position| position.size > 0 && model::liquidation(&market, &feed, position).is_some();
        let capped = |position: &Position| {
            let mark = if model::is_long(position) { low } else { high };
            position.size > 0 && model::health(&market, position, mark).gain == i128::from(position.reserve)
        };
        if let Some(at) = self.held(place, liquidatable) {
            return Some(Action::Liquidate { at, keeper });
        }
        Some(Action::CloseAtCap { at: self.held(place, capped)?, caller: keeper })
    }

    pub(crate) fn size_of(&self, market: usize, notional: u64) -> u64 {
        let price = self.now.quoted[market].feed.price.max(1);
        let divisor = self.now.market(self.run, market).map_or(1, |market| market.notional_divisor);
        (u128::from(notional) * u128::from(divisor) / u128::from(price)) as u64
    }

    fn opening(&mut self, at: Spot) -> Action {
        let unit = self.run.unit(at.market);
        let notional = unit * self.random.between(5, 20_000);
        let size = self.size_of(at.market, notional);
        let referrer = self.referrer(at);
        let price = self.now.quoted[at.market].feed.price;
        let acceptable = self.one_in(12).then_some(price);
        let (long, margin) = (self.one_in(2), self.margin_for(at.market, size));
        Action::Open { at, long, size, margin, acceptable, referrer }
    }

    /// From just under the initial margin, fee and spread included, to all of
    /// the notional; mostly little.
    pub(crate) fn margin_for(&mut self, place: usize, size: u64) -> u64 {
        let Some(market) = self.now.market(self.run, place) else { return 1 };
        let price = self.now.quoted[place].feed.price;
        let notional = model::notional_ceil(market, size.into(), price.into()) as u128;
        let least = u64::from(market.params.initial_margin_ppm + market.params.open_fee_ppm);
        let most = if self.one_in(4) { 1_000_000.max(least) } else { least * 3 / 2 };
        (notional * u128::from(self.random.between(least, most)) / 1_000_000) as u64
    }

    fn probe(&mut self, market: usize) -> Action {
        let unit = self.run.unit(market);
        let spot = self.spot(market);
        let at = self.held(market, |position| position.size > 0).unwrap_or(spot);
        let (who, amount) = (self.anyone(), self.amount(unit * 1_000));
        Action::Ask(match self.random.below(8) {
            0 | 1 => {
                let Action::Open { at, long, size, margin, .. } = self.opening(spot) else { unreachable!() };
                Probe::RoundTrip { at, long, size, margin: margin * 2 }
            }
            2 => Probe::MarginTrip { at, amount },
            3 => match self.keepers_work(market) {
                Some(Action::Liquidate { at, .. }) => Probe::SelfLiquidation { at },
                _ => Probe::SelfLiquidation { at },
            },
            4 => Probe::PoolTrip { market, who, amount: amount * 10 },
            5 => {
                let ordered = self.ordered(market).map(|(of, _)| of.at);
                let due = self.keepers_work(market).and_then(|action| action.spot());
                Probe::Blocked { at: due.or(ordered).unwrap_or(at), donation: amount, keeper: who }
            }
            6 => {
                let by = self.random.number() as usize % 1_000;
                Probe::Substituted { action: self.any_instruction(market), slot: by / 7, by }
            }
            _ => Probe::Paused { action: self.any_instruction(market) },
        })
    }

    fn any_instruction(&mut self, market: usize) -> Box<Action> {
        Box::new(match self.random.below(4) {
            0 => self.pool(market),
            1 => self.wind_down(market),
            _ => self.trade(market),
        })
    }
}
