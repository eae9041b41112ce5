//! The market of a simulation, its pool and its people.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use ringfence_math::{PRICE_DECIMALS, Price, Quote, Size};
use ringfence_testkit::{MarketId, Options, Trader, World};

use super::calls::Calls;
use super::feed::PriceFeed;
use super::orders::{Bracket, OrderCounts};
use super::participant::{Participant, Plan};
use super::{FIRST_SLOT, Ledger, Recording, Simulation, Statistics};
use crate::decimal;
use crate::params::{MarketSpec, QUOTE_DECIMALS};

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
    pub spec: MarketSpec,
    /// First deposit into the pool, atoms.
    pub liquidity: Quote,
    /// Put into insurance before anybody trades, atoms; may be zero.
    pub insurance: Quote,
    pub plans: Vec<Plan>,
    /// What every trader places with each position.
    pub bracket: Bracket,
    /// A trader's funds in margins: so often can he lose one before he stays out.
    pub lives: u64,
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
        ensure!(setup.insurance.0 <= u64::MAX / 8, "insurance is too large for a mint");
        let options =
            Options { program: setup.program.clone(), signatures: false, logs: false, ..Options::default() };
        let mut world = World::with(options)?;
        world.set_clock(setup.start, FIRST_SLOT);

        let MarketSpec { size_decimals, params, oracle } = setup.spec;
        let market = world
            .market(setup.market)
            .price(&decimal::format(i128::from(setup.price.0), PRICE_DECIMALS))
            .decimals(size_decimals, QUOTE_DECIMALS)
            .params(|defaults| *defaults = params)
            .oracle(|defaults| *defaults = oracle)
            .try_build()
            .map_err(|failure| anyhow::anyhow!("the market cannot be created: {:?}", failure.error))?;

        let provider = world.trader_of(market, setup.liquidity.0);
        world
            .add_liquidity(market, &provider, setup.liquidity.0)
            .map_err(|failure| anyhow::anyhow!("no liquidity can be added: {:?}", failure.error))?;
        insure(&mut world, market, setup.insurance)?;
        let traders = traders(&mut world, market, setup)?;
        let keeper = world.trader(0);
        let keeper_tokens = world.tokens_of(market, &keeper);
        let mut participants = Vec::with_capacity(traders.len());
        for (plan, (trader, wallet)) in setup.plans.iter().zip(traders) {
            let tokens = world.tokens_of(market, &trader);
            let orders = setup.bracket.count();
            let calls = Calls::new(&mut world, market, [&trader, &keeper], plan.side, orders);
            participants.push(Participant::new(*plan, trader, calls, tokens, wallet));
        }
        let pool_start = world.market_state(market).liquidity;
        Ok(Self {
            world,
            market,
            start: setup.start,
            feed: PriceFeed::new(setup.start, setup.price),
            published: true,
            keeper_tokens,
            participants,
            bracket: setup.bracket,
            orders: OrderCounts::default(),
            fallen: Vec::new(),
            statistics: Statistics::default(),
            ledger: Ledger { insurance_start: setup.insurance.0, ..Ledger::default() },
            deferred: 0,
            uncovered: 0,
            ticks: 0,
            fees: 0,
            keeper_rewards: 0,
            partial_liquidations: 0,
            max_loss_over_margin_ppm: 0,
            pool_start,
            chart: Recording::default(),
        })
    }
}

fn insure(world: &mut World, market: MarketId, amount: Quote) -> Result<()> {
    if amount > Quote::ZERO {
        let payer = world.trader_of(market, amount.0);
        world
            .fund_insurance(market, &payer, amount.0)
            .map_err(|failure| anyhow::anyhow!("insurance cannot be funded: {:?}", failure.error))?;
    }
    Ok(())
}

/// A trader for each plan, and the atoms that he has.
fn traders(world: &mut World, market: MarketId, setup: &Setup) -> Result<Vec<(Trader, u64)>> {
    let count = u64::try_from(setup.plans.len())?.max(1);
    // Half of what a mint can issue is for the pool and insurance.
    let share = u64::MAX / 2 / count;
    setup
        .plans
        .iter()
        .map(|plan| {
            ensure!(plan.margin.0 <= share, "margins are too large for {count} traders");
            let wallet = plan.margin.0.saturating_mul(setup.lives).min(share);
            Ok((world.trader_of(market, wallet), wallet))
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
    fn size_is_margin_times_leverage_over_price() {
        // 1,000 × 5 ÷ 150 = 33.333333333 of 9 decimals.
        let divisor = 10u64.pow(13);
        let size = leveraged_size(Quote(quote("1000")), 5, Price(ringfence_testkit::price("150")), divisor);
        assert_eq!(size.unwrap(), Size(33_333_333_333));
        assert!(leveraged_size(Quote(u64::MAX), 2, Price(1), divisor).is_err());
        assert!(leveraged_size(Quote(u64::MAX), 1, Price(1), divisor).is_err());
    }
}
