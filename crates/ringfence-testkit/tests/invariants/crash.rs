//! A fall of 40 % in one bar, traders at 50x: what it costs, and whom.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use rand::Rng;
use rand::seq::SliceRandom;
use ringfence_client::accounts::{Market, Position};
use ringfence_client::pda;
use ringfence_client::state::{MarketParams, Side};
use ringfence_client::{PROGRAM_ID, RingfenceError};
use ringfence_testkit::{Feed, MarketId, Trader, World, price, quote, size};
use solana_account::Account;

use crate::model::{self, Division};
use crate::support::seeded;

/// 50x: initial 2 %, maintenance 0.6 %, liquidation fee 0.5 %, half of it the
/// keeper's and at least 0.50.
fn at_50x(params: &mut MarketParams) {
    (params.initial_margin_ppm, params.maintenance_margin_ppm) = (20_000, 6_000);
    (params.liquidation_fee_ppm, params.keeper_share_ppm) = (5_000, 500_000);
    (params.open_fee_ppm, params.close_fee_ppm) = (500, 500);
    params.min_position_notional = quote("25");
    params.min_keeper_reward = quote("0.5");
    params.skew_scale = size("5000000");
    params.max_utilisation_ppm = 900_000;
}

/// The index falls by 40 % while its average, which lags, stays.
fn crash(world: &mut World, market: MarketId) -> Feed {
    let feed = world.markets[market.0].feed;
    let fallen = Feed { price: feed.price / 10 * 6, publish_time: world.now(), ..feed };
    world.set_feed(market, fallen);
    fallen
}

/// A market at 100 that takes prices 45 % from their average.
fn market_at_50x(world: &mut World, name: &str, liquidity: u64, like: Option<MarketId>) -> MarketId {
    let existing = like.map(|market| {
        (world.markets[market.0].accounts.collateral_mint, world.markets[market.0].mint.clone())
    });
    let mut market = world.market(name).price("100").params(at_50x);
    if let Some((key, kind)) = existing {
        market = market.mint_key(key, kind);
    }
    market.oracle(|oracle| oracle.max_divergence_ppm = 450_000).liquidity(liquidity).build()
}

/// The margin with which an opening has just this leverage at the index.
fn margin_for(market: &Market, feed: &Feed, long: bool, open: u64, leverage: i128) -> u64 {
    let fill = model::fill(market, feed, long, open.into()).expect("a fill");
    let notional = model::notional_ceil(market, open.into(), feed.price.into());
    let impact = if long {
        model::notional_ceil(market, open.into(), fill)
            - model::notional_floor(market, open.into(), feed.price.into())
    } else {
        notional - model::notional_floor(market, open.into(), fill)
    };
    let fee = model::opening(market, feed, long, open.into(), false).expect("a fill").fee;
    u64::try_from(model::ceil(notional, 1, leverage) + impact + fee).expect("a margin")
}

/// Everything but what one liquidation may touch.
fn untouched(world: &World, touched: &[Pubkey]) -> BTreeMap<Pubkey, Account> {
    let programs = [PROGRAM_ID, anchor_spl::token::ID];
    let all = programs.iter().flat_map(|program| world.svm.get_program_accounts(program));
    all.filter(|(key, _)| !touched.contains(key)).collect()
}

/// The market and the position after a liquidation, by the model alone.
fn book(market: &mut Market, position: &mut Position, division: &Division) {
    let closed = model::share(market, position, division.size);
    let (size, entry, reserve) = (closed.size as u64, closed.entry as u64, closed.reserve as u64);
    let side = if closed.long { &mut market.long } else { &mut market.short };
    side.open_interest -= size;
    side.entry_notional -= entry;
    market.reserved -= reserve;
    market.liquidity = add(market.liquidity, division.loss + division.cover - division.gain);
    market.insurance =
        add(market.insurance, division.to_insurance - division.cover - division.keeper_from_insurance);
    market.bad_debt = add(market.bad_debt, division.bad_debt);
    position.size -= size;
    position.entry_notional -= entry;
    position.reserve -= reserve;
    position.margin = division.remainder as u64;
}

fn add(amount: u64, change: i128) -> u64 {
    u64::try_from(i128::from(amount) + change).expect("an amount")
}

/// One trader with a position in the market that crashes and, with the same
/// key, one in the market that does not.
struct Victim {
    trader: Trader,
    position: Pubkey,
    elsewhere: Pubkey,
    deposit: u64,
    long: bool,
    leverage: i128,
}

struct Scene {
    world: World,
    crashing: MarketId,
    calm: MarketId,
    victims: Vec<Victim>,
}

/// Longs and shorts at 50x and less in a market with `insurance`, everybody
/// also long at 5x in a calm one.
fn scene(rng: &mut impl Rng, insurance: u64) -> Scene {
    let mut world = World::quick();
    let crashing = market_at_50x(&mut world, "CRASH-PERP", 4_000_000, None);
    let calm = market_at_50x(&mut world, "CALM-PERP", 4_000_000, Some(crashing));
    let donor = world.trader_of(crashing, insurance.max(1));
    if insurance > 0 {
        world.fund_insurance(crashing, &donor, insurance).expect("insurance");
    }
    let mut leverages = vec![50; 12];
    leverages.extend([40, 40, 25, 25, 10, 10, 5, 3, 2, 2]);
    let mut victims = Vec::new();
    for (number, leverage) in leverages.into_iter().enumerate() {
        let (trader, long) = (world.trader(1_000_000), number % 4 != 3);
        let side = if long { Side::Long } else { Side::Short };
        let open = rng.random_range(size("1")..=size("500"));
        let (state, feed) = (world.market_state(crashing), world.markets[crashing.0].feed);
        let deposit = margin_for(&state, &feed, long, open, leverage);
        let position = world.open(crashing, &trader, 0, side, open, deposit).expect("an opening");
        let health =
            model::health(&world.market_state(crashing), &world.position(position), feed.price.into());
        let (least, most) = ((leverage * 999) * health.equity, leverage * 1_001 * health.equity);
        assert!((least..=most).contains(&(health.notional * 1_000)), "{leverage}x: {health:?}");
        let elsewhere =
            world.open(calm, &trader, 0, Side::Long, size("10"), quote("220")).expect("an opening");
        victims.push(Victim { trader, position, elsewhere, deposit, long, leverage });
    }
    Scene { world, crashing, calm, victims }
}

/// The sums of a crash, in atoms.
#[derive(Debug, Default)]
struct Toll {
    liquidated: usize,
    bad_debt: i128,
    cover: i128,
    insurance_fees: i128,
    top_ups: i128,
    received: i128,
    gains: i128,
}

/// Liquidates whatever is liquidatable, in a random order, each one compared
/// with the model's and every other account with itself.
fn liquidate_all(scene: &mut Scene, rng: &mut impl Rng, feed: &Feed) -> Toll {
    let (world, crashing) = (&mut scene.world, scene.crashing);
    let keeper = world.trader(0);
    let wallet = world.tokens_of(crashing, &keeper);
    let mut expected = model::accrued(&world.market_state(crashing), world.now(), feed.price);
    let key = world.market_key(crashing);
    let mut order: Vec<usize> = (0..scene.victims.len()).collect();
    order.shuffle(rng);
    let mut toll = Toll::default();
    for victim in order.iter().map(|&index| &scene.victims[index]) {
        let mut position = world.position(victim.position);
        let Some(division) = model::liquidation(&expected, feed, &position) else {
            let refused = world.liquidate(crashing, &keeper, victim.position).expect_err("healthy");
            assert!(refused.is(RingfenceError::NotLiquidatable), "{:?}", refused.error);
            continue;
        };
        let vault = pda::position_vault(&victim.position);
        let touched = [key, victim.position, vault, expected.pool_vault, wallet];
        let (before, paid) = (untouched(world, &touched), world.balance(&wallet));
        world.liquidate(crashing, &keeper, victim.position).expect("liquidatable");
        assert!(before == untouched(world, &touched), "another account has changed");

        book(&mut expected, &mut position, &division);
        let (found, state) = (world.market_state(crashing), world.position(victim.position));
        assert_eq!(found.bad_debt, expected.bad_debt, "{division:?}");
        assert_eq!(found.insurance, expected.insurance, "{division:?}");
        assert_eq!(found.liquidity, expected.liquidity, "{division:?}");
        assert_eq!(found.reserved, expected.reserved, "{division:?}");
        assert_eq!((state.size, state.margin), (position.size, position.margin), "{division:?}");
        assert_eq!(world.balance(&vault), position.margin, "the vault");
        let reward = division.keeper_from_vault + division.keeper_from_insurance;
        assert_eq!(i128::from(world.balance(&wallet) - paid), reward, "the keeper");
        // the pool bears a loss only once insurance is empty
        assert!(division.bad_debt == division.cover || found.insurance == 0, "{division:?}");
        toll.liquidated += 1;
        toll.bad_debt += division.bad_debt;
        toll.cover += division.cover;
        toll.insurance_fees += division.to_insurance;
        toll.top_ups += division.keeper_from_insurance;
        toll.received += division.loss + division.cover;
        toll.gains += division.gain;
    }
    toll
}

/// Three sums of insurance: none, some, more than enough.
#[test]
fn a_crash_of_40_percent_at_50x_costs_what_the_arithmetic_says() {
    for (seed, insurance) in [(1, 0), (2, quote("5000")), (3, quote("20000")), (4, quote("3000000"))] {
        let mut rng = seeded(seed);
        let mut scene = scene(&mut rng, insurance);
        let start = scene.world.market_state(scene.crashing);
        let calm_before = calm_side(&scene);
        let feed = crash(&mut scene.world, scene.crashing);
        let toll = liquidate_all(&mut scene, &mut rng, &feed);
        println!("insurance {insurance}: {toll:?}");
        // longs of 3x and more are beyond their margin, or close to it
        let doomed = scene.victims.iter().filter(|victim| victim.long && victim.leverage > 2).count();
        assert_eq!(toll.liquidated, doomed);

        // insurance pays what it has and no more; the pool bears the rest
        let end = scene.world.market_state(scene.crashing);
        let had = i128::from(start.insurance) + toll.insurance_fees;
        assert!(toll.cover + toll.top_ups <= had, "{toll:?} of {had}");
        assert_eq!(i128::from(end.insurance), had - toll.cover - toll.top_ups);
        assert_eq!(i128::from(end.liquidity), i128::from(start.liquidity) + toll.received - toll.gains);
        assert!(toll.bad_debt > i128::from(quote("20000")), "{toll:?}");
        assert_eq!(insurance == quote("3000000"), toll.cover == toll.bad_debt, "{toll:?}");
        assert_eq!(calm_before, calm_side(&scene), "the other market");
        scene.world.check_books().expect("balanced books");
        everyone_leaves(&mut scene);
    }
}

/// Every account of the calm market.
fn calm_side(scene: &Scene) -> Vec<Option<Account>> {
    let accounts = scene.world.markets[scene.calm.0].accounts;
    let positions = scene.victims.iter().map(|victim| victim.elsewhere);
    let vaults = scene.victims.iter().map(|victim| pda::position_vault(&victim.elsewhere));
    let keys =
        [accounts.market, accounts.pool_vault, accounts.lp_mint].into_iter().chain(positions).chain(vaults);
    keys.map(|key| scene.world.svm.get_account(&key)).collect()
}

/// Whoever is left closes: nobody has lost more than his margin, and shorts
/// are paid what they won, to the last one.
fn everyone_leaves(scene: &mut Scene) {
    let crashing = scene.crashing;
    for victim in &scene.victims {
        let world = &mut scene.world;
        let (before, position) = (world.wealth(crashing, &victim.trader), world.position(victim.position));
        let (market, feed) = (world.market_state(crashing), world.markets[crashing.0].feed);
        let expected = match position.size {
            0 => i128::from(position.margin),
            open => {
                model::closing(&market, &feed, &position, open.into(), model::is_referred(&position))
                    .expect("a fill")
                    .remainder
            }
        };
        world.close(crashing, &victim.trader, victim.position).expect("a close");
        let paid = world.wealth(crashing, &victim.trader) - before;
        assert_eq!(i128::from(paid), expected, "{}x", victim.leverage);
        // he started with a million and put up two margins, of which the calm
        // one still stands
        let end = world.wealth(crashing, &victim.trader) + world.vault_balance(victim.elsewhere);
        assert!(end >= quote("1000000") - victim.deposit - quote("1"), "{}x lost {end}", victim.leverage);
        assert!(victim.long || paid > victim.deposit, "a short of {}x has won", victim.leverage);
    }
    let state = scene.world.market_state(crashing);
    assert_eq!((state.reserved, state.long.positions, state.short.positions), (0, 0, 0));
    scene.world.check_books().expect("balanced books");
}

/// One long of 10 at 100, worked by hand. A skew scale of 2^64 − 1 adds one
/// unit of price to a purchase: entry 1,000.000001, and a margin of 20.000001
/// for 50x. At 60 the loss is 400.000001; the keeper's 0.5 goes first, then
/// 19.500001 to the pool; bad debt 380.5, of which 100 is insured and 280.5
/// the pool's.
#[test]
fn one_long_at_50x_by_hand() {
    let mut world = World::quick();
    let market = world
        .market("SOL-PERP")
        .price("100")
        .params(at_50x)
        .params(|params| (params.skew_scale, params.open_fee_ppm) = (u64::MAX, 0))
        .oracle(|oracle| oracle.max_divergence_ppm = 450_000)
        .liquidity(100_000)
        .build();
    let (alice, donor, keeper) = (world.trader(1_000), world.trader(100), world.trader(0));
    world.fund_insurance(market, &donor, quote("100")).expect("insurance");
    let position = world.open(market, &alice, 0, Side::Long, size("10"), quote("20.000001")).expect("50x");
    assert_eq!(world.position(position).entry_notional, quote("1000.000001"));
    crash(&mut world, market);
    world.liquidate(market, &keeper, position).expect("bankrupt");
    let state = world.market_state(market);
    assert_eq!(state.bad_debt, quote("380.5"));
    assert_eq!(state.insurance, 0);
    assert_eq!(state.liquidity, quote("100000") + quote("19.500001") + quote("100"));
    assert_eq!(world.wealth(market, &keeper), quote("0.5"));
    assert_eq!(world.vault_balance(position), 0);
    assert_eq!(world.wealth(market, &alice), quote("1000") - quote("20.000001"));
    assert_eq!(price("60"), world.markets[market.0].feed.price);
    world.check_books().expect("balanced books");
}
