//! The world that sequences run in: people, markets of every kind, one of
//! them of layout 1, and whoever signs for what.

use std::collections::HashMap;

use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::{Market, Position};
use ringfence_client::pda;
use ringfence_client::state::{MarketParams, OracleConfig, OracleKind, Side};
use ringfence_testkit::market::MarketHandle;
use ringfence_testkit::pyth::{self, PythPrice, Verification};
use ringfence_testkit::random::Random;
use ringfence_testkit::{Failure, Feed, MarketId, MintKind, Options, Trader, World};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::action::{Actor, Fault, Terms};

pub const PEOPLE: usize = 6;
pub const IDS: u16 = 2;
/// More are not created in one world.
pub const MARKETS: usize = 9;
/// The kind of market whose feed is not pinned, and so takes delayed orders.
const UNPINNED: usize = 1;
/// Whole quote units that everybody starts with.
const FUNDS: u64 = 40_000_000;

/// Addresses that take a search each, found once.
#[derive(Clone)]
pub struct Keys {
    pub positions: Vec<[Pubkey; IDS as usize]>,
    pub vaults: Vec<[Pubkey; IDS as usize]>,
    pub deposits: Vec<[Pubkey; IDS as usize]>,
    pub referrals: Vec<Pubkey>,
    pub proposal: Pubkey,
    /// Collateral and share accounts, by person.
    pub wallets: Vec<Pubkey>,
    pub shares: Vec<Pubkey>,
    pub treasury: Pubkey,
}

/// What an oracle account says.
#[derive(Clone, Copy, Debug)]
pub struct Quoted {
    pub feed: Feed,
    /// How long before it the last price was published.
    pub gap: i64,
    pub fault: Fault,
    pub slot: u64,
}

pub struct Run {
    pub world: World,
    pub people: Vec<Trader>,
    pub keys: Vec<Keys>,
    pub quoted: Vec<Quoted>,
    pub restart_slot: u64,
    /// Collateral of 6 decimals of Token, and of 9 of Token-2022.
    mints: [(Pubkey, MintKind); 2],
    treasuries: HashMap<Pubkey, Pubkey>,
    first_admin: Keypair,
}

/// What `Run::restore` brings back.
pub struct Saved {
    svm: litesvm::LiteSVM,
    markets: Vec<MarketHandle>,
    donations: HashMap<Pubkey, u64>,
    quoted: Vec<Quoted>,
}

/// Parameters anywhere within sane bounds: 4x to 50x, every fee and share, a
/// skew that moves the price, limits that bite; amounts in `unit`s.
pub fn any_terms(
    terms: Terms,
    (unit, size_unit): (u64, u64),
    params: &mut MarketParams,
    oracle: &mut OracleConfig,
) {
    let mut random = Random::new(if let Terms::Any(number) = terms { number } else { 0 });
    let mut pick = |low: u64, high: u64| random.between(low, high);
    let initial = pick(20_000, 250_000);
    params.initial_margin_ppm = initial as u32;
    params.maintenance_margin_ppm = pick(initial / 4, initial / 2) as u32;
    params.liquidation_fee_ppm = pick(initial / 10, (initial / 3).min(100_000)) as u32;
    params.keeper_share_ppm = pick(1, 900_000) as u32;
    let kept = u64::from(params.liquidation_fee_ppm) * (1_000_000 - u64::from(params.keeper_share_ppm));
    params.close_fee_ppm = pick(0, (kept / 1_000_000).min(5_000)) as u32;
    params.open_fee_ppm = pick(0, 3_000) as u32;
    params.insurance_share_ppm = pick(0, 200_000) as u32;
    params.protocol_share_ppm = pick(0, 200_000) as u32;
    params.referrer_share_ppm = pick(0, 100_000) as u32;
    params.skew_scale = size_unit * pick(2_000, 200_000);
    params.max_open_interest_long = unit * pick(20_000, 200_000);
    params.max_open_interest_short = unit * pick(20_000, 200_000);
    params.min_position_notional = unit * pick(10, 100);
    let most = params.min_position_notional / 1_000_000 * initial;
    params.min_keeper_reward = pick(1, most.max(1));
    params.reserve_factor_ppm = pick(50_000, 1_200_000) as u32;
    params.max_utilisation_ppm = pick(500_000, 1_000_000) as u32;
    params.borrow_base_ppm = pick(0, 500_000) as u32;
    params.borrow_kink_ppm = pick(100_000, 900_000) as u32;
    params.borrow_slope1_ppm = pick(0, 1_000_000) as u32;
    params.borrow_slope2_ppm = pick(0, 5_000_000) as u32;
    params.max_funding_rate_ppm = pick(0, 500_000) as u32;
    params.max_funding_velocity_ppm = pick(0, 5_000_000) as u32;
    oracle.max_age_open = pick(20, 90) as u32;
    oracle.max_age_reduce = pick(90, 200) as u32;
    oracle.max_age_liquidate = pick(200, 600) as u32;
    oracle.max_confidence_open_ppm = pick(2_000, 8_000) as u32;
    oracle.max_confidence_ppm = pick(8_000, 15_000) as u32;
    oracle.max_confidence_liquidate_ppm = pick(15_000, 40_000) as u32;
    oracle.max_divergence_ppm = pick(200_000, 900_000) as u32;
    params.liquidity_cooldown_seconds = oracle.max_age_open + 3 + pick(0, 3_600) as u32;
    params.min_order_delay_seconds = pick(0, 20) as u32;
    params.delayed_only = u32::from(pick(0, 5) == 0);
    if terms == Terms::OutOfBounds {
        params.open_fee_ppm = 10_001;
        params.delayed_only = 0;
    }
}

/// The limits of `from`, not its feed.
pub fn set_limits(oracle: &mut OracleConfig, from: &OracleConfig) {
    let OracleConfig { feed_id, account, kind, .. } = *oracle;
    *oracle = OracleConfig { feed_id, account, kind, ..*from };
}

impl Run {
    pub fn new(seed: u64) -> Self {
        let options = Options { signatures: false, logs: false, ..Options::default() };
        let mut world = World::with(options).unwrap_or_else(|error| panic!("{error}"));
        let people = (0..PEOPLE).map(|_| world.trader(FUNDS)).collect();
        let kinds = [(MintKind::Token, 6), (MintKind::Token2022(Vec::new()), 9)];
        let mints = kinds.map(|(kind, decimals)| (world.create_mint(&kind, decimals), kind));
        let treasury = world.treasury.pubkey();
        let accounts = mints.clone().map(|(mint, _)| (mint, world.create_token_account(mint, treasury, 0)));
        let (treasuries, first_admin) = (HashMap::from(accounts), world.admin.insecure_clone());
        let mut run = Self {
            world,
            people,
            keys: Vec::new(),
            quoted: Vec::new(),
            restart_slot: 0,
            mints,
            treasuries,
            first_admin,
        };
        let mut random = Random::new(seed);
        for kind in 0..4 {
            let terms = Terms::Any(random.number());
            let market = run.create(Actor::Admin, kind, terms).expect("a market");
            let amount = run.unit(market) * random.between(20_000, 500_000);
            let id = MarketId(market);
            run.world.add_liquidity(id, &run.people[0], amount).expect("a first deposit");
        }
        run.age(3);
        run
    }

    /// Two positions in a market, and both and the market as layout 1 had them.
    fn age(&mut self, market: usize) {
        let id = MarketId(market);
        let state = self.world.market_state(id);
        let notional = u128::from(self.unit(market) * 500);
        let price = self.quoted[market].feed.price;
        let size = (notional * u128::from(state.notional_divisor) / u128::from(price)) as u64;
        for (who, side) in [(0, Side::Long), (1, Side::Short)] {
            let margin = self.unit(market) * 400;
            self.world.open(id, &self.people[who], 0, side, size, margin).expect("a position");
            let key = self.keys[market].positions[who][0];
            self.world.edit::<Position>(&key, |position| position.version = 1);
        }
        let key = self.world.market_key(id);
        self.world.edit::<Market>(&key, |market| {
            market.version = 1;
            market.position_accounts = 0;
        });
    }

    /// Creates a market of this kind; its place, or the refusal.
    pub fn create(&mut self, by: Actor, kind: u8, terms: Terms) -> Result<usize, Failure> {
        let place = usize::from(kind % 4);
        let (mint, size_decimals) = [(0, 9), (1, 6), (0, 8), (1, 9)][place];
        let (mint_key, mint_kind) = self.mints[mint].clone();
        let decimals: u8 = [6, 9][mint];
        let units = (10u64.pow(decimals.into()), 10u64.pow(u32::from(size_decimals)));
        let signer = self.keypair(by);
        let admin = std::mem::replace(&mut self.world.admin, signer);
        let builder = self.world.market("ANY-PERP").price(["150", "60000", "3", "20"][place]);
        let builder = builder.mint_key(mint_key, mint_kind).decimals(size_decimals, decimals);
        let builder = match place {
            0 => builder,
            UNPINNED => builder.unpinned(),
            _ => builder.push(),
        };
        let mut limits = OracleConfig::default();
        let builder = builder.params(|params| {
            any_terms(terms, units, params, &mut limits);
            // the other feeds forget their first price
            params.delayed_only *= u32::from(place == UNPINNED);
        });
        let made = builder.oracle(|oracle| set_limits(oracle, &limits)).try_build();
        self.world.admin = admin;
        let id = made?;
        let handle = &self.world.markets[id.0];
        let (accounts, feed) = (handle.accounts, handle.feed);
        self.quoted.push(Quoted { feed, gap: 1, fault: Fault::None, slot: self.world.slot() });
        let people: Vec<Pubkey> = self.people.iter().map(Trader::pubkey).collect();
        let both = |of: &dyn Fn(&Pubkey, u16) -> Pubkey| -> Vec<[Pubkey; IDS as usize]> {
            people.iter().map(|who| std::array::from_fn(|id| of(who, id as u16))).collect()
        };
        let positions = both(&|who, id| pda::position(&accounts.market, who, id));
        let vault_row = |row: &[Pubkey; IDS as usize]| row.map(|key| pda::position_vault(&key));
        let vaults = positions.iter().map(vault_row).collect();
        let deposits = both(&|who, id| pda::liquidity_deposit(&accounts.market, who, id));
        self.keys.push(Keys {
            positions,
            vaults,
            deposits,
            referrals: people.iter().map(|who| pda::referral(&accounts.market, who)).collect(),
            proposal: pda::params_proposal(&accounts.market),
            wallets: self.people.iter().map(|who| self.world.tokens_of(id, who)).collect(),
            shares: self.people.iter().map(|who| self.world.shares_of(id, who)).collect(),
            treasury: self.treasuries[&accounts.collateral_mint],
        });
        Ok(id.0)
    }

    /// One whole unit of a market's collateral, in atoms.
    pub fn unit(&self, market: usize) -> u64 {
        let mint = self.world.markets[market].accounts.collateral_mint;
        if mint == self.mints[0].0 { 1_000_000 } else { 1_000_000_000 }
    }

    /// Who that is at the moment.
    pub fn keypair(&self, actor: Actor) -> Keypair {
        match actor {
            Actor::Guardian => self.world.guardian.insecure_clone(),
            Actor::Person(who) => self.people[who % PEOPLE].key.insecure_clone(),
            Actor::Admin => {
                let admin = self.world.exchange().admin;
                let person = self.people.iter().find(|person| person.pubkey() == admin);
                person.map_or(&self.first_admin, |person| &person.key).insecure_clone()
            }
        }
    }

    pub fn signer(&self, actor: Actor) -> Pubkey {
        self.keypair(actor).pubkey()
    }

    /// The nominee of a nomination; nobody in particular is the first admin.
    pub fn nominee(&self, nominee: Option<usize>) -> Pubkey {
        nominee.map_or(self.first_admin.pubkey(), |who| self.people[who].pubkey())
    }

    /// Writes the oracle account of a market.
    pub fn publish(&mut self, market: usize, feed: Feed, gap: i64, fault: Fault) {
        let slot = self.world.slot();
        let handle = &mut self.world.markets[market];
        handle.feed = feed;
        let signed = |value: u64| i64::try_from(value).expect("a price that Pyth can hold");
        let price = PythPrice {
            price: if fault == Fault::NotPositive { -signed(feed.price % 3) } else { signed(feed.price) },
            confidence: feed.confidence,
            ema: signed(feed.ema),
            exponent: -10,
            publish_time: feed.publish_time,
            previous_publish_time: feed.publish_time - gap,
            slot,
        };
        let account = match (fault, handle.kind) {
            (Fault::WrongFeed, OracleKind::PythPull) => {
                let data = pyth::pull_update(&[9; 32], Verification::Full, &price);
                pyth::account_of(pyth::RECEIVER, data)
            }
            (Fault::WrongFeed, OracleKind::PythPush) => {
                pyth::account_of(pyth::PUSH_PROGRAM, pyth::push_account(0, &price))
            }
            _ => pyth::account(handle.kind, &handle.feed_id, &price),
        };
        let key = handle.accounts.oracle;
        self.world.svm.set_account(key, account).expect("an oracle account");
        self.quoted[market] = Quoted { feed, gap, fault, slot };
    }

    /// What `ask` finds out; then the world is as it was before.
    pub fn what_if<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        let world = &self.world;
        let saved = Saved {
            svm: world.svm.clone(),
            markets: world.markets.clone(),
            donations: world.donations.clone(),
            quoted: self.quoted.clone(),
        };
        let found = ask(self);
        let Saved { svm, markets, donations, quoted } = saved;
        (self.world.svm, self.world.markets, self.world.donations) = (svm, markets, donations);
        self.quoted = quoted;
        found
    }
}
