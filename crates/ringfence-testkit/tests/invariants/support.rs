//! A random life of two markets of one collateral, step by step.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence_client::RingfenceError;
use ringfence_client::accounts::{Market, Position};
use ringfence_client::state::{MarketParams, Side};
use ringfence_testkit::{Failure, Feed, MarketId, Receipt, Trader, World, price, quote, size};

use crate::actions::Action;

/// Who acts at random; one more, the guest, only does what a test says.
pub const PEOPLE: usize = 4;
pub const GUEST: usize = PEOPLE;
pub const IDS: u16 = 2;
/// The first of them bring others, in both markets.
pub const REFERRERS: usize = 2;

/// Whole quote units that everybody starts with.
const FUNDS: u64 = 50_000_000;

/// A place where a position can be: market, owner and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub market: usize,
    pub who: usize,
    pub id: u16,
}

/// A position with the balance of its vault.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub state: Position,
    pub vault: u64,
}

#[derive(Clone, Copy, Debug)]
pub struct Pool {
    pub state: Market,
    pub vault: u64,
    pub feed: Feed,
}

/// All that the invariants speak of, at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub now: i64,
    pub pools: Vec<Pool>,
    pub positions: BTreeMap<Spot, Held>,
    /// Collateral outside of the program, by person.
    pub wallets: Vec<u64>,
    pub treasury: u64,
}

impl Snapshot {
    /// A market's positions, emptied ones included.
    pub fn of(&self, market: usize) -> impl Iterator<Item = &Held> {
        self.positions.iter().filter(move |(spot, _)| spot.market == market).map(|(_, held)| held)
    }

    /// Atoms in all vaults.
    pub fn vaults(&self) -> i128 {
        let pools: i128 = self.pools.iter().map(|pool| i128::from(pool.vault)).sum();
        pools + self.positions.values().map(|held| i128::from(held.vault)).sum::<i128>()
    }
}

/// One action, what it led to, and the state on both sides of it.
#[derive(Debug)]
pub struct Step {
    pub action: Action,
    pub result: Result<Receipt, Failure>,
    pub before: Snapshot,
    pub after: Snapshot,
}

pub struct Run {
    pub world: World,
    pub rng: StdRng,
    pub markets: Vec<MarketId>,
    pub people: Vec<Trader>,
    pub treasury: Pubkey,
    steps: usize,
    accepted: usize,
}

/// The seed of a test: RINGFENCE_SEED, else its own; printed either way.
pub fn seeded(default: u64) -> StdRng {
    let seed = std::env::var("RINGFENCE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    println!("RINGFENCE_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// Steps of a run: RINGFENCE_STEPS, else 800.
pub fn steps() -> usize {
    std::env::var("RINGFENCE_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(800)
}

/// Parameters anywhere within sane bounds: 4x to 50x, every fee and share, a
/// skew that moves the price, reserves from a fifth to all of the notional.
pub fn any_params(rng: &mut StdRng, params: &mut MarketParams) {
    let initial = rng.random_range(20_000..=250_000);
    params.initial_margin_ppm = initial;
    params.maintenance_margin_ppm = rng.random_range(initial / 4..=initial / 2);
    params.liquidation_fee_ppm = rng.random_range(initial / 10..=initial / 3);
    params.keeper_share_ppm = rng.random_range(1..=900_000);
    let kept = u64::from(params.liquidation_fee_ppm) * u64::from(1_000_000 - params.keeper_share_ppm);
    params.close_fee_ppm = rng.random_range(0..=u32::try_from(kept / 1_000_000).unwrap().min(5_000));
    params.open_fee_ppm = rng.random_range(0..=3_000);
    params.insurance_share_ppm = rng.random_range(0..=200_000);
    params.protocol_share_ppm = rng.random_range(0..=200_000);
    params.referrer_share_ppm = rng.random_range(0..=100_000);
    params.skew_scale = size("1") * rng.random_range(2_000..=200_000);
    params.min_position_notional = quote("10") * rng.random_range(1..=10);
    let most = params.min_position_notional / 1_000_000 * u64::from(initial);
    params.min_keeper_reward = rng.random_range(1..=most);
    params.reserve_factor_ppm = rng.random_range(200_000..=1_000_000);
    params.max_utilisation_ppm = rng.random_range(500_000..=1_000_000);
    params.borrow_base_ppm = rng.random_range(0..=500_000);
    params.borrow_kink_ppm = rng.random_range(100_000..=900_000);
    params.borrow_slope1_ppm = rng.random_range(0..=1_000_000);
    params.borrow_slope2_ppm = rng.random_range(0..=5_000_000);
    params.max_funding_rate_ppm = rng.random_range(0..=500_000);
    params.max_funding_velocity_ppm = rng.random_range(0..=5_000_000);
}

impl Run {
    pub fn new(seed: u64) -> Self {
        Self::with(seed, |_| ())
    }

    /// A run whose random parameters are changed once more.
    pub fn with(seed: u64, change: impl Fn(&mut MarketParams)) -> Self {
        let mut rng = seeded(seed);
        let mut world = World::quick();
        let first = price(&rng.random_range(5..=500).to_string());
        let mut markets: Vec<MarketId> = Vec::new();
        for name in ["FIRST-PERP", "SECOND-PERP"] {
            let existing = markets.first().map(|market| {
                let handle = &world.markets[market.0];
                (handle.accounts.collateral_mint, handle.mint.clone())
            });
            let mut market = world.market(name).price("100").params(|params| {
                any_params(&mut rng, params);
                change(params);
            });
            if let Some((key, kind)) = existing {
                market = market.mint_key(key, kind);
            }
            markets.push(market.liquidity(rng.random_range(20_000..=500_000)).build());
        }
        let people: Vec<_> = (0..=GUEST).map(|_| world.trader(FUNDS)).collect();
        for (market, person) in markets.iter().flat_map(|market| people.iter().map(move |who| (market, who)))
        {
            world.tokens_of(*market, person);
            world.shares_of(*market, person);
        }
        for (market, person) in
            markets.iter().flat_map(|market| people[..REFERRERS].iter().map(move |who| (market, who)))
        {
            world.create_referral(*market, person).expect("a referral");
        }
        let treasury = world.treasury_account(markets[0]);
        world.set_price(markets[0], first);
        Self { world, rng, markets, people, treasury, steps: 0, accepted: 0 }
    }

    pub fn spots(&self) -> impl Iterator<Item = Spot> + use<> {
        let markets = self.markets.len();
        (0..markets).flat_map(|market| {
            (0..PEOPLE).flat_map(move |who| (0..IDS).map(move |id| Spot { market, who, id }))
        })
    }

    pub fn key(&self, spot: Spot) -> Pubkey {
        self.world.position_key(self.markets[spot.market], &self.people[spot.who], spot.id)
    }

    pub fn held(&self, spot: Spot) -> Option<Held> {
        let key = self.key(spot);
        let state = self.world.read_position(&key)?;
        Some(Held { state, vault: self.world.balance(&state.vault) })
    }

    pub fn feed(&self, market: usize) -> Feed {
        self.world.markets[self.markets[market].0].feed
    }

    pub fn snapshot(&mut self) -> Snapshot {
        let pools = (0..self.markets.len()).map(|market| {
            let state = self.world.market_state(self.markets[market]);
            Pool { state, vault: self.world.balance(&state.pool_vault), feed: self.feed(market) }
        });
        let pools = pools.collect();
        let positions = self.spots().filter_map(|spot| Some((spot, self.held(spot)?))).collect();
        let market = self.markets[0];
        let wallets = self.people.iter().map(|person| self.world.wealth(market, person)).collect();
        let treasury = self.world.balance(&self.treasury);
        Snapshot { now: self.world.now(), pools, positions, wallets, treasury }
    }

    /// Runs one random action; says on standard output what it did.
    pub fn step(&mut self) -> Step {
        let before = self.snapshot();
        let action = self.any_action(&before);
        self.take(action, before)
    }

    /// Runs this action.
    pub fn act(&mut self, action: Action) -> Step {
        let before = self.snapshot();
        self.take(action, before)
    }

    fn take(&mut self, action: Action, before: Snapshot) -> Step {
        let result = self.perform(&action);
        self.steps += 1;
        self.accepted += usize::from(result.is_ok());
        let outcome = result.as_ref().map(|_| "ok").map_err(|failure| failure.code());
        println!("{:>4} {action:?}: {outcome:?}", self.steps);
        if let Err(failure) = &result {
            assert!(is_expected(failure), "{action:?} failed by {:?}", failure.error);
        }
        let after = self.snapshot();
        Step { action, result, before, after }
    }

    /// Runs `count` random steps, each judged by `check`; the books are
    /// recomputed every so often, and most actions must have gone through.
    #[track_caller]
    pub fn run(&mut self, count: usize, mut check: impl FnMut(&mut Self, &Step)) {
        for _ in 0..count {
            let step = self.step();
            check(self, &step);
            if self.steps.is_multiple_of(20) {
                self.balanced();
            }
        }
        self.balanced();
        assert!(self.accepted * 2 > self.steps, "only {} of {} went through", self.accepted, self.steps);
    }

    #[track_caller]
    pub fn balanced(&self) {
        self.world.check_books().unwrap_or_else(|error| panic!("{error}"));
    }

    /// What `act` leads to; then the world is as it was before.
    pub fn what_if<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = (self.world.svm.clone(), self.world.markets.clone(), self.world.donations.clone());
        let result = act(self);
        (self.world.svm, self.world.markets, self.world.donations) = before;
        result
    }

    pub fn any_side(&mut self) -> Side {
        if self.rng.random() { Side::Long } else { Side::Short }
    }
}

/// A refusal of the program's own, for a reason that a random action may give.
fn is_expected(failure: &Failure) -> bool {
    use RingfenceError::*;
    let refusals = [
        MarginBelowFee,
        BelowInitialMargin,
        WouldBeLiquidatable,
        WorseMarginRatio,
        PositionTooSmall,
        OpenInterestLimit,
        InsufficientLiquidity,
        PositionEmpty,
        AmountExceedsMargin,
        NotLiquidatable,
        DepositTooSmall,
        LiquidityReserved,
        InsufficientShares,
        WithdrawalTooSmall,
        PoolInsolvent,
        GainBelowCap,
        ZeroAmount,
        NothingToCollect,
    ];
    refusals.into_iter().any(|error| failure.is(error))
}
