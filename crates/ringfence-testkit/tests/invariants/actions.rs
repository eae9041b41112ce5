//! What people do, at random.

use anchor_lang::prelude::Pubkey;
use rand::Rng;
use ringfence_client::instructions::open_position;
use ringfence_client::state::Side;
use ringfence_client::{OpenPositionArgs, pda};
use ringfence_testkit::trade::any_price;
use ringfence_testkit::{Failure, Feed, Receipt, price, quote};

use crate::model;
use crate::support::{IDS, PEOPLE, REFERRERS, Run, Snapshot, Spot};

#[derive(Clone, Debug)]
pub enum Action {
    Open {
        at: Spot,
        side: Side,
        size: u64,
        margin: u64,
        referrer: Option<usize>,
    },
    Increase {
        at: Spot,
        size: u64,
        margin: u64,
    },
    Decrease {
        at: Spot,
        size: u64,
    },
    Close {
        at: Spot,
    },
    AddMargin {
        at: Spot,
        payer: usize,
        amount: u64,
    },
    RemoveMargin {
        at: Spot,
        amount: u64,
    },
    Liquidate {
        at: Spot,
        keeper: usize,
    },
    CloseAtCap {
        at: Spot,
        caller: usize,
    },
    Accrue {
        market: usize,
    },
    AddLiquidity {
        market: usize,
        who: usize,
        amount: u64,
    },
    RemoveLiquidity {
        market: usize,
        who: usize,
        shares: u64,
    },
    FundInsurance {
        market: usize,
        who: usize,
        amount: u64,
    },
    CollectFees {
        market: usize,
    },
    ClaimReferral {
        market: usize,
        who: usize,
    },
    /// Atoms of a mint's authority, into a vault past the program.
    Donate {
        market: usize,
        vault: Pubkey,
        amount: u64,
    },
    Price {
        market: usize,
        price: u64,
        confidence: u64,
    },
    Clock {
        seconds: i64,
    },
}

impl Action {
    /// The market it is about; none for the clock.
    pub fn market(&self) -> Option<usize> {
        use Action::*;
        match *self {
            Open { at, .. } | Increase { at, .. } | Decrease { at, .. } | Close { at } => Some(at.market),
            AddMargin { at, .. } | RemoveMargin { at, .. } => Some(at.market),
            Liquidate { at, .. } | CloseAtCap { at, .. } => Some(at.market),
            Accrue { market } | AddLiquidity { market, .. } | RemoveLiquidity { market, .. } => Some(market),
            FundInsurance { market, .. } | CollectFees { market } | ClaimReferral { market, .. } => {
                Some(market)
            }
            Donate { market, .. } | Price { market, .. } => Some(market),
            Clock { .. } => None,
        }
    }

    /// The position it is about.
    pub fn spot(&self) -> Option<Spot> {
        use Action::*;
        match *self {
            Open { at, .. } | Increase { at, .. } | Decrease { at, .. } | Close { at } => Some(at),
            AddMargin { at, .. } | RemoveMargin { at, .. } => Some(at),
            Liquidate { at, .. } | CloseAtCap { at, .. } => Some(at),
            _ => None,
        }
    }
}

fn nothing_happened() -> Receipt {
    Receipt { compute_units: 0, events: Vec::new(), logs: Vec::new() }
}

impl Run {
    /// One of the actions that make sense now.
    pub fn any_action(&mut self, now: &Snapshot) -> Action {
        let market = self.rng.random_range(0..self.markets.len());
        match self.rng.random_range(0..100) {
            0..=11 => self.any_price(market),
            12..=17 => {
                let most = if self.rng.random_bool(0.2) { 200_000 } else { 2_000 };
                Action::Clock { seconds: self.rng.random_range(1..=most) }
            }
            18..=20 => Action::Accrue { market },
            21..=27 => self.any_liquidity(market),
            28..=29 => {
                let (who, amount) = (self.anyone(), self.rng.random_range(1..=quote("50")));
                Action::FundInsurance { market, who, amount }
            }
            30 if now.pools[market].state.protocol_fees > 0 => Action::CollectFees { market },
            31 => Action::ClaimReferral { market, who: self.rng.random_range(0..REFERRERS) },
            30..=33 => self.any_donation(market, now),
            _ => self.any_trade(now),
        }
    }

    fn anyone(&mut self) -> usize {
        self.rng.random_range(0..PEOPLE)
    }

    /// Mostly a few percent; now and then a crash or a jump of up to a third.
    pub fn any_price(&mut self, market: usize) -> Action {
        let most = if self.rng.random_bool(0.25) { 330_000 } else { 40_000 };
        let factor = 1_000_000 + self.rng.random_range(-most..=most);
        let old = i128::from(self.feed(market).price);
        let low = i128::from(price("0.5"));
        let new = (old * i128::from(factor) / 1_000_000).clamp(low, low * 20_000) as u64;
        // up to the narrowest limit, 0.5 %
        let confidence = if self.rng.random() { 0 } else { self.rng.random_range(0..=new / 201) };
        Action::Price { market, price: new, confidence }
    }

    fn any_liquidity(&mut self, market: usize) -> Action {
        let who = self.anyone();
        let account = self.world.shares_of(self.markets[market], &self.people[who]);
        let shares = self.world.balance(&account);
        if shares == 0 || self.rng.random() {
            return Action::AddLiquidity { market, who, amount: self.rng.random_range(1..=quote("100000")) };
        }
        let shares = if self.rng.random_bool(0.2) { shares } else { self.rng.random_range(1..=shares) };
        Action::RemoveLiquidity { market, who, shares }
    }

    fn any_donation(&mut self, market: usize, now: &Snapshot) -> Action {
        let vaults: Vec<Pubkey> =
            now.of(market).map(|held| held.state.vault).chain([now.pools[market].state.pool_vault]).collect();
        let vault = vaults[self.rng.random_range(0..vaults.len())];
        Action::Donate { market, vault, amount: self.rng.random_range(1..=quote("10")) }
    }

    fn any_trade(&mut self, now: &Snapshot) -> Action {
        let at = Spot {
            market: self.rng.random_range(0..self.markets.len()),
            who: self.anyone(),
            id: self.rng.random_range(0..IDS),
        };
        // what is liquidatable or capped is mostly dealt with at once
        if self.rng.random_bool(0.4)
            && let Some(action) = self.keepers_work(now)
        {
            return action;
        }
        let Some(held) = now.positions.get(&at) else {
            return self.any_opening(at);
        };
        if held.state.size == 0 {
            return match (held.state.margin, self.rng.random_bool(0.3)) {
                (1.., true) => {
                    Action::RemoveMargin { at, amount: self.rng.random_range(1..=held.state.margin) }
                }
                _ => Action::Close { at },
            };
        }
        let open = held.state.size;
        match self.rng.random_range(0..100) {
            0..=14 => {
                let size = self.rng.random_range(1..=open);
                let margin = self.margin_for(at.market, size) * self.rng.random_range(0..=1);
                Action::Increase { at, size, margin }
            }
            15..=34 => Action::Decrease { at, size: self.rng.random_range(1..=open) },
            35..=36 => Action::Decrease { at, size: open },
            37..=56 => Action::Close { at },
            57..=67 => {
                let (payer, amount) = (self.anyone(), self.rng.random_range(1..=quote("200")));
                Action::AddMargin { at, payer, amount }
            }
            68..=84 => {
                let most = if self.rng.random() { held.state.margin } else { held.state.margin / 10 + 1 };
                Action::RemoveMargin { at, amount: self.rng.random_range(1..=most.max(1)) }
            }
            85..=92 => Action::Liquidate { at, keeper: self.anyone() },
            _ => Action::CloseAtCap { at, caller: self.anyone() },
        }
    }

    /// Something for a keeper to do, by the model.
    fn keepers_work(&mut self, now: &Snapshot) -> Option<Action> {
        let caller = self.anyone();
        now.positions.iter().find_map(|(&at, held)| {
            if held.state.size == 0 {
                return None;
            }
            let (market, feed) = (&now.pools[at.market].state, &now.pools[at.market].feed);
            let market = model::accrued(market, now.now, feed.price);
            let (low, high) = model::edges(feed);
            let against = if model::is_long(&held.state) { low } else { high };
            if model::liquidation(&market, feed, &held.state).is_some() {
                Some(Action::Liquidate { at, keeper: caller })
            } else if model::health(&market, &held.state, against).gain == i128::from(held.state.reserve) {
                Some(Action::CloseAtCap { at, caller })
            } else {
                None
            }
        })
    }

    pub fn any_opening(&mut self, at: Spot) -> Action {
        let index = self.feed(at.market).price;
        // 20 to 20,000 of notional: size × price ÷ 10^13 in atoms
        let notional = quote("1") * self.rng.random_range(20..=20_000);
        let size = (u128::from(notional) * 10_000_000_000_000 / u128::from(index)) as u64;
        let referrer = self.rng.random_bool(0.4).then(|| self.rng.random_range(0..REFERRERS));
        Action::Open { at, side: self.any_side(), size, margin: self.margin_for(at.market, size), referrer }
    }

    /// From just over the initial margin, fee and spread included, to all of
    /// the notional; mostly little.
    fn margin_for(&mut self, market: usize, size: u64) -> u64 {
        let state = self.world.market_state(self.markets[market]);
        let notional = u128::from(size) * u128::from(self.feed(market).price) / 10_000_000_000_000;
        let least = u64::from(state.params.initial_margin_ppm + state.params.open_fee_ppm + 8_000);
        let most = if self.rng.random_bool(0.7) { least * 3 / 2 } else { 1_000_000.max(least) };
        (notional * u128::from(self.rng.random_range(least..=most)) / 1_000_000) as u64 + 1
    }

    pub fn perform(&mut self, action: &Action) -> Result<Receipt, Failure> {
        let spot = action.spot();
        let key = spot.map(|at| self.key(at)).unwrap_or_default();
        let owner = spot.map_or(0, |at| at.who);
        let market = self.markets[action.market().unwrap_or(0)];
        let (world, people) = (&mut self.world, &self.people);
        let owner = &people[owner];
        match *action {
            Action::Open { at, side, size, margin, referrer } => {
                let args = OpenPositionArgs {
                    id: at.id,
                    side,
                    size,
                    margin,
                    acceptable_price: any_price(true, side),
                };
                let accounts = world.markets[market.0].accounts;
                let referral = referrer.map(|who| pda::referral(&accounts.market, &people[who].pubkey()));
                let tokens = world.tokens_of(market, owner);
                let open = open_position(&accounts, owner.pubkey(), tokens, referral, args);
                world.send(&[open], &[&owner.key])
            }
            Action::Increase { size, margin, .. } => world.increase(market, owner, key, size, margin),
            Action::Decrease { size, .. } => world.decrease(market, owner, key, size),
            Action::Close { .. } => world.close(market, owner, key),
            Action::AddMargin { payer, amount, .. } => world.add_margin(market, &people[payer], key, amount),
            Action::RemoveMargin { amount, .. } => world.remove_margin(market, owner, key, amount),
            Action::Liquidate { keeper, .. } => world.liquidate(market, &people[keeper], key),
            Action::CloseAtCap { caller, .. } => world.close_at_cap(market, &people[caller], key),
            Action::Accrue { .. } => world.accrue(market),
            Action::AddLiquidity { who, amount, .. } => world.add_liquidity(market, &people[who], amount),
            Action::RemoveLiquidity { who, shares, .. } => {
                world.remove_liquidity(market, &people[who], shares)
            }
            Action::FundInsurance { who, amount, .. } => world.fund_insurance(market, &people[who], amount),
            Action::ClaimReferral { who, .. } => world.claim_referral_fees(market, &people[who]),
            Action::CollectFees { .. } => world.collect_protocol_fees(market, self.treasury),
            Action::Donate { vault, amount, .. } => {
                world.donate(vault, amount);
                Ok(nothing_happened())
            }
            Action::Price { price, confidence, .. } => {
                let feed = Feed { price, confidence, ema: price, publish_time: world.now() };
                world.set_feed(market, feed);
                Ok(nothing_happened())
            }
            Action::Clock { seconds } => {
                world.advance(seconds);
                Ok(nothing_happened())
            }
        }
    }

    /// The position's own key of its vault; for a spot that may be empty.
    pub fn vault_of(&self, at: Spot) -> Pubkey {
        pda::position_vault(&self.key(at))
    }
}
