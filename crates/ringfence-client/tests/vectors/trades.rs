//! Instructions by the program's own state methods: what each would do to a
//! market and its positions, or what it is refused with. A scenario is a market
//! with a handful of positions; its steps follow from each other, refused ones
//! aside, so that whoever recomputes them has to get everything right.

mod step;

use anchor_lang::Discriminator;
use bytemuck::{Zeroable, bytes_of};
use rand::Rng;
use rand::rngs::StdRng;
use ringfence::state::{Market, MarketIdentity, MarketParams, MarketStatus, OracleConfig, Position, Side};
use ringfence_client::Pubkey;
use ringfence_math::Price;

use crate::page::{Page, Row, hex, maybe};
use crate::random::*;
use crate::row;
use step::{Do, Step, perform};

const START: i64 = 1_700_000_000;
const SLOTS: usize = 4;

/// The state of a scenario.
struct World {
    market: Market,
    positions: [Option<Position>; SLOTS],
    price: u64,
    now: i64,
}

/// The test kit's parameters, all of them moved a little.
fn params(random: &mut StdRng) -> MarketParams {
    let maintenance = random.random_range(10_000..30_000);
    let fee = random.random_range(2_000..15_000);
    // Caps that are reached, and caps that are not.
    let widest = [120_000, 2_000_000][random.random_range(0..2)];
    MarketParams {
        skew_scale: 10u64.pow(random.random_range(13..17)),
        max_open_interest_long: 10_000_000_000_000,
        max_open_interest_short: random.random_range(1..100) * 1_000_000_000,
        min_position_notional: 10_000_000,
        min_keeper_reward: random.random_range(1..200_000),
        initial_margin_ppm: maintenance + fee + random.random_range(1..60_000),
        maintenance_margin_ppm: maintenance,
        liquidation_fee_ppm: fee,
        keeper_share_ppm: random.random_range(1..600_000),
        open_fee_ppm: random.random_range(0..1_500),
        close_fee_ppm: random.random_range(0..800),
        insurance_share_ppm: random.random_range(0..200_000),
        protocol_share_ppm: random.random_range(0..200_000),
        referrer_share_ppm: random.random_range(0..100_000),
        reserve_factor_ppm: random.random_range(50_000..widest),
        max_utilisation_ppm: random.random_range(300_000..=1_000_000),
        borrow_base_ppm: 20_000,
        borrow_kink_ppm: 800_000,
        borrow_slope1_ppm: 100_000,
        borrow_slope2_ppm: 1_000_000,
        max_funding_rate_ppm: random.random_range(1_000..500_000),
        max_funding_velocity_ppm: random.random_range(1_000..5_000_000),
        liquidity_cooldown_seconds: 3_600,
        delayed_only: u32::from(random.random_range(0..30) == 0),
        ..Default::default()
    }
}

fn world(random: &mut StdRng) -> World {
    let mut market = Market::zeroed();
    let mut name = [0; 16];
    name[..8].copy_from_slice(b"SOL-PERP");
    let identity = MarketIdentity {
        index: 0,
        bump: 0,
        name,
        collateral_mint: Pubkey::default(),
        token_program: Pubkey::default(),
        pool_vault: Pubkey::default(),
        lp_mint: Pubkey::default(),
        size_decimals: 9,
        quote_decimals: 6,
    };
    let oracle = OracleConfig {
        feed_id: [9; 32],
        max_age_open: 60,
        max_age_reduce: 120,
        max_age_liquidate: 300,
        max_confidence_open_ppm: 5_000,
        max_confidence_ppm: 10_000,
        max_confidence_liquidate_ppm: 20_000,
        max_divergence_ppm: 300_000,
        ..Default::default()
    };
    market.initialize(identity, oracle, params(random), START).expect("a market");
    market.insurance = wild(random, 32);
    World { market, positions: [None; SLOTS], price: 1_500_000_000_000, now: START }
}

impl World {
    /// Lets time pass and the price move: a little, mostly.
    fn pass(&mut self, random: &mut StdRng) {
        let most = if random.random_range(0..4) == 0 { 90_000 } else { 30 };
        self.now += random.random_range(0..most);
        let by = if random.random_range(0..3) == 0 { 150_000 } else { 8_000 };
        self.price = self.price / 1_000_000 * random.random_range(1_000_000 - by..1_000_000 + by);
    }

    /// The price that is passed: good enough, mostly.
    fn reading(&self, random: &mut StdRng) -> ringfence::oracle::PriceReading {
        let wide = [7_000, 15_000, 30_000].get(random.random_range(0..40)).copied().unwrap_or(300);
        let age = match random.random_range(0..80) {
            0 => 61,
            1 => 121,
            2 => 301,
            3 => -3,
            _ => random.random_range(0..3),
        };
        let apart = if random.random_range(0..80) == 0 { 2 } else { 1 };
        ringfence::oracle::PriceReading {
            price: Price(self.price),
            confidence: Price(self.price / 1_000_000 * wide),
            ema: Price(self.price / 100 * random.random_range(95..105) * apart),
            publish_time: self.now - age,
            previous_publish_time: self.now - age - 1,
            slot: 1,
        }
    }

    /// A price that nothing is wrong with.
    fn good_reading(&self) -> ringfence::oracle::PriceReading {
        let (price, publish_time) = (Price(self.price), self.now);
        let previous_publish_time = self.now - 1;
        ringfence::oracle::PriceReading {
            price,
            confidence: Price(self.price / 4_000),
            ema: price,
            publish_time,
            previous_publish_time,
            slot: 1,
        }
    }

    /// What is done next.
    fn choose(&self, random: &mut StdRng) -> Do {
        let slot = random.random_range(0..SLOTS);
        let Some(position) = self.positions[slot] else {
            let margin = random.random_range(1_000_000..2_000_000_000u64);
            let lever = [1, 2, 5, 8, 12, 16, 25, 60][random.random_range(0..8)];
            // atoms × 10^13 ÷ price are size units
            let size = u128::from(margin) * lever * 10_000_000_000_000 / u128::from(self.price);
            let size = if random.random_range(0..30) == 0 { 0 } else { size as u64 };
            let side = if random.random() { Side::Long } else { Side::Short };
            let acceptable = self.acceptable(random, side == Side::Long);
            return Do::Open {
                slot,
                side,
                size,
                margin,
                acceptable,
                referred: random.random_range(0..4) == 0,
            };
        };
        let part = |random: &mut StdRng, whole: u64| match random.random_range(0..12) {
            0 => 0,
            1 => whole + 1,
            2 | 3 => whole,
            _ => u128::from(whole).saturating_mul(random.random_range(1..100)).div_euclid(100) as u64,
        };
        let buys = position.side == Side::Long as u8;
        match random.random_range(0..15) {
            0 | 1 => Do::Increase {
                slot,
                size: part(random, position.size),
                margin: part(random, position.margin),
                acceptable: self.acceptable(random, buys),
            },
            2 | 3 => Do::Decrease {
                slot,
                size: part(random, position.size),
                acceptable: self.acceptable(random, !buys),
            },
            4 => Do::Close { slot, acceptable: self.acceptable(random, !buys) },
            5 | 6 => Do::AddMargin { slot, amount: part(random, position.margin / 8) },
            7 | 8 => Do::RemoveMargin { slot, amount: part(random, position.margin / 3) },
            9..=11 => Do::Liquidate { slot },
            12 => Do::CloseAtCap { slot },
            13 if random.random_range(0..3) == 0 => {
                let status = [MarketStatus::Active, MarketStatus::ReduceOnly, MarketStatus::Paused];
                Do::Status(status[random.random_range(0..3)])
            }
            13 => Do::Commit { slot, until: self.now + random.random_range(0..60) },
            _ => self.choose_liquidity(random),
        }
    }

    fn choose_liquidity(&self, random: &mut StdRng) -> Do {
        if random.random() {
            let amount = if random.random_range(0..6) == 0 { 0 } else { wild(random, 40) };
            return Do::AddLiquidity {
                amount,
                least: if random.random_range(0..4) == 0 { amount } else { 0 },
            };
        }
        let shares = u128::from(self.market.lp_shares) * random.random_range(0..110) / 100;
        let least = if random.random_range(0..4) == 0 { shares as u64 } else { 0 };
        Do::RemoveLiquidity { shares: shares as u64, held: self.market.lp_shares, least }
    }

    /// A bound: none, or near the price.
    fn acceptable(&self, random: &mut StdRng, buys: bool) -> u64 {
        match random.random_range(0..5) {
            0 => self.price / 1_000 * random.random_range(if buys { 998..1_010 } else { 990..1_002 }),
            _ if buys => u64::MAX,
            _ => 0,
        }
    }

    /// Where the money and the sums are.
    fn sums(&self, slot: Option<usize>) -> Row {
        let market = &self.market;
        let position = slot.and_then(|slot| self.positions[slot]);
        row![
            market.liquidity,
            market.reserved,
            market.insurance,
            market.lp_shares,
            market.funding_index.get(),
            market.borrow_index.get(),
            maybe(position.map(|position| position.size)),
            maybe(position.map(|position| position.entry_notional)),
            maybe(position.map(|position| position.margin)),
            maybe(position.map(|position| position.realised_pnl.get())),
        ]
    }
}

fn data(discriminator: &[u8], bytes: &[u8]) -> String {
    hex(&[discriminator, bytes].concat())
}

#[test]
fn trades() {
    let (mut starts, mut steps, mut ends) = (vec![], vec![], vec![]);
    let random = &mut seeded(1);
    for scenario in 0..32 {
        let mut world = world(random);
        starts.push(row![scenario, data(Market::DISCRIMINATOR, bytes_of(&world.market))]);
        for index in 0..30 {
            world.pass(random);
            let act = match index {
                0 => Do::AddLiquidity { amount: 1_000_000_000_000, least: 0 },
                // The market ends in one scenario of eight.
                14 if scenario % 8 == 7 => Do::Settle { price: world.price },
                _ => world.choose(random),
            };
            let mut step = Step { act, reading: world.reading(random), now: world.now };
            if index == 0 {
                step.reading = world.good_reading();
            }
            let done = perform(&mut world.market, &mut world.positions, &step);
            let outcome =
                done.map_or_else(|error| format!("!{error:?}"), |fill| maybe(fill.map(|fill| fill.0)));
            let sums = world.sums(step.act.slot());
            steps.push([row![scenario], step.texts(), row![outcome], sums].concat());
        }
        let positions = world.positions.iter().map(|position| {
            position
                .map_or_else(|| "-".to_owned(), |position| data(Position::DISCRIMINATOR, bytes_of(&position)))
        });
        let market = data(Market::DISCRIMINATOR, bytes_of(&world.market));
        ends.push([row![scenario, market], positions.collect()].concat());
    }
    let mut page = Page::default();
    page.group("scenarios", starts);
    page.group("steps", steps);
    page.group("ends", ends);
    page.check("trades.json");
}
