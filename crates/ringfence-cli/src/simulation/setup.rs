//! The market of a simulation, its pool and its people.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use ringfence::state::MarketParams;
use ringfence_math::{PPM, PRICE_DECIMALS, Price, Quote, Size};
use ringfence_testkit::{Options, World, market::default_params};

use super::feed::PriceFeed;
use super::participant::{Participant, Plan};
use super::{FIRST_SLOT, Recording, Simulation, Statistics, Watch};
use crate::decimal;

/// Decimals of the collateral.
pub const QUOTE_DECIMALS: u8 = 6;
/// Most decimals that sizes get; markets of cheap assets get fewer.
const MAX_SIZE_DECIMALS: u8 = 9;
/// Notional that moves the price by 100 %: the testkit's 10,000,000 at 150.
const SKEW_SCALE_NOTIONAL: u64 = 1_500_000_000_000_000;
/// What to simulate.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The compiled program.
    pub program: PathBuf,
    /// At most 16 ASCII characters.
    pub market: &'static str,
    /// Unix seconds of the first price.
    pub start: i64,
    pub price: Price,
    /// First deposit into the pool, atoms.
    pub liquidity: Quote,
    pub plans: Vec<Plan>,
    /// A trader's funds in margins: so often can he lose one before he stays out.
    pub lives: u64,
}

/// Initial, maintenance and liquidation-fee ratios under which a position can
/// be opened at `leverage`: the initial ratio stays a quarter under its
/// inverse, so that fee, impact and confidence fit in between, and is at most
/// the testkit's 5 %; the others keep their proportion to it.
fn margin_ratios(leverage: u32) -> (u32, u32, u32) {
    let initial = (PPM / 4 * 3 / leverage).min(default_params().initial_margin_ppm);
    (initial, initial / 2, initial / 5)
}

/// The least notional that a position may have where the highest leverage is
/// `leverage`: its initial margin can pay a keeper twice over.
pub fn minimum_notional(leverage: u32) -> Quote {
    let defaults = default_params();
    let reward = u64::from(PPM) * defaults.min_keeper_reward * 2 / u64::from(margin_ratios(leverage).0);
    Quote(reward.max(defaults.min_position_notional))
}

/// The testkit's market, its ratios and its skew scale fitted.
fn params(highest_leverage: u32, skew_scale: Size) -> MarketParams {
    let (initial, maintenance, fee) = margin_ratios(highest_leverage);
    MarketParams {
        skew_scale: skew_scale.0,
        initial_margin_ppm: initial,
        maintenance_margin_ppm: maintenance,
        liquidation_fee_ppm: fee,
        min_position_notional: minimum_notional(highest_leverage).0,
        ..default_params()
    }
}

/// Size decimals, and the skew scale in them: as many as fit, so that a cheap
/// asset's sizes stay within 64 bits.
fn size_scale(price: Price) -> Result<(u8, Size)> {
    let scale_at = |decimals: u8| {
        let exponent = u32::from(decimals + PRICE_DECIMALS - QUOTE_DECIMALS);
        let size = u128::from(SKEW_SCALE_NOTIONAL) * 10u128.pow(exponent) / u128::from(price.0);
        u64::try_from(size).ok().filter(|size| (1..=u64::MAX / 64).contains(size)).map(Size)
    };
    let fitting = (0..=MAX_SIZE_DECIMALS).rev().find_map(|decimals| Some((decimals, scale_at(decimals)?)));
    fitting.context("no size decimals fit a market at this price")
}

impl Simulation {
    /// Loads the program, creates market and pool, issues the traders' funds.
    ///
    /// Errors: a program that cannot be loaded, amounts too large for a mint.
    pub fn new(setup: &Setup) -> Result<Self> {
        ensure!(
            setup.program.is_file(),
            "no compiled program at {}; build it with: toolchain/build programs/ringfence",
            setup.program.display()
        );
        ensure!(setup.liquidity.0 <= u64::MAX / 4, "liquidity is too large for a mint");
        let options =
            Options { program: setup.program.clone(), signatures: false, logs: false, ..Options::default() };
        let mut world = World::with(options)?;
        world.set_clock(setup.start, FIRST_SLOT);

        let highest = setup.plans.iter().map(|plan| plan.leverage).max().unwrap_or(1);
        let (size_decimals, skew_scale) = size_scale(setup.price)?;
        let market = world
            .market(setup.market)
            .price(&decimal::format(i128::from(setup.price.0), PRICE_DECIMALS))
            .decimals(size_decimals, QUOTE_DECIMALS)
            .params(|defaults| *defaults = params(highest, skew_scale))
            .try_build()
            .map_err(|failure| anyhow::anyhow!("the market cannot be created: {:?}", failure.error))?;

        let provider = world.trader_of(market, setup.liquidity.0);
        world
            .add_liquidity(market, &provider, setup.liquidity.0)
            .map_err(|failure| anyhow::anyhow!("no liquidity can be added: {:?}", failure.error))?;
        let participants = participants(&mut world, market, setup)?;
        let keeper = world.trader(0);
        let keeper_tokens = world.tokens_of(market, &keeper);
        let pool_start = world.market_state(market).liquidity;
        Ok(Self {
            world,
            market,
            start: setup.start,
            feed: PriceFeed::new(setup.start, setup.price),
            keeper,
            keeper_tokens,
            participants,
            watch: Watch::default(),
            fallen: Vec::new(),
            statistics: Statistics::default(),
            deferred: 0,
            ticks: 0,
            fees: 0,
            keeper_rewards: 0,
            partial_liquidations: 0,
            funding: 0,
            borrow: 0,
            max_loss_over_margin_ppm: 0,
            pool_start,
            chart: Recording::default(),
        })
    }
}

fn participants(
    world: &mut World,
    market: ringfence_testkit::MarketId,
    setup: &Setup,
) -> Result<Vec<Participant>> {
    let count = u64::try_from(setup.plans.len())?.max(1);
    // Half of what a mint can issue is for the pool and its like.
    let share = u64::MAX / 2 / count;
    setup
        .plans
        .iter()
        .map(|plan| {
            ensure!(plan.margin.0 <= share, "margins are too large for {count} traders");
            let wallet = plan.margin.0.saturating_mul(setup.lives).min(share);
            let trader = world.trader_of(market, wallet);
            let tokens = world.tokens_of(market, &trader);
            Ok(Participant { plan: *plan, trader, tokens, wallet, life: None, outcome: None })
        })
        .collect()
}

/// The size that `margin` buys at `leverage`, rounded down.
pub fn leveraged_size(margin: Quote, leverage: u32, price: Price, divisor: u64) -> Result<Size> {
    let notional = margin.0.checked_mul(u64::from(leverage)).context("margin × leverage is too large")?;
    let size = ringfence_math::mul_div_floor(notional, divisor, price.0);
    Ok(Size(size.context("a position's size is too large at this price")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfence_testkit::quote;

    #[test]
    fn the_market_leaves_room_for_its_highest_leverage() {
        // 5 % at 15x and below; 0.75 ÷ leverage above.
        assert_eq!(margin_ratios(2), (50_000, 25_000, 10_000));
        assert_eq!(margin_ratios(15), (50_000, 25_000, 10_000));
        assert_eq!(margin_ratios(20), (37_500, 18_750, 7_500));
        assert_eq!(margin_ratios(100), (7_500, 3_750, 1_500));
        for leverage in 1..=100 {
            assert!(params(leverage, Size(1)).validate().is_ok(), "{leverage}x");
        }
        // Twice 0.10 at 0.75 % margin.
        assert_eq!(minimum_notional(100), Quote(26_666_666));
        assert_eq!(minimum_notional(2), Quote(10_000_000));
    }

    #[test]
    fn cheap_assets_get_fewer_size_decimals() {
        let scale = |text: &str| size_scale(Price(ringfence_testkit::price(text))).unwrap();
        assert_eq!(scale("150"), (9, Size(10_000_000_000_000_000)));
        // 1.5e9 ÷ 0.00002 = 7.5e13 base: three decimals fit 2^64 ÷ 64.
        assert_eq!(scale("0.00002"), (3, Size(75_000_000_000_000_000)));
        assert_eq!(scale("0.00000001"), (0, Size(150_000_000_000_000_000)));
        assert!(size_scale(Price(1)).is_err(), "1.5e19 base are too many for 64 bits");
    }

    #[test]
    fn size_is_margin_times_leverage_over_price() {
        // 1,000 × 5 ÷ 150 = 33.333333333 of 9 decimals.
        let divisor = 10u64.pow(13);
        let size = leveraged_size(Quote(quote("1000")), 5, Price(ringfence_testkit::price("150")), divisor);
        assert_eq!(size.unwrap(), Size(33_333_333_333));
        assert!(leveraged_size(Quote(u64::MAX), 2, Price(1), divisor).is_err());
        assert!(leveraged_size(Quote(u64::MAX), 1, Price(1), divisor).is_err());
    }
}
