//! An attacker brings the signed price that suits him. The feed is unpinned and
//! signs a price every second; at any moment those of the last 60 s
//! (`max_age_open`) are good, so he knows 61 prices and may use any two of them,
//! in one transaction: open at one, close at the other.

use ringfence_client::{ClosePositionArgs, MarketAccounts, OpenPositionArgs, RingfenceError, instructions};
use ringfence_testkit::pyth::{self, PythPrice};
use ringfence_testkit::random::Random;
use ringfence_testkit::trade::any_price;
use ringfence_testkit::{Failure, MarketId, Trader, World, price, quote, size};

use crate::support::*;

const SECONDS: usize = 61;
/// 0.02 on 100: half of it against the trader at each fill.
const CONFIDENCE: &str = "0.02";

struct Window {
    world: World,
    market: MarketId,
    attacker: Trader,
    prices: Vec<u64>,
    /// The market with the account of each second's price.
    signed: Vec<MarketAccounts>,
}

impl Window {
    fn new(prices: Vec<u64>) -> Self {
        let mut world = World::quick();
        let market = world
            .market("SOL-PERP")
            .price("100")
            .confidence(CONFIDENCE)
            .liquidity(1_000_000)
            .unpinned()
            .params(|params| params.skew_scale = size("100000"))
            .build();
        let attacker = world.trader(1_000_000);
        world.wealth(market, &attacker);
        world.warp(600);
        let signed =
            (0..).zip(&prices).map(|(second, &price)| sign(&mut world, market, price, second - 60)).collect();
        Self { world, market, attacker, prices, signed }
    }

    /// Opens with one second's price and closes with another's.
    fn trip(&mut self, side: Side, units: u64, first: usize, last: usize) -> Result<i128, Failure> {
        let owner = self.attacker.pubkey();
        let tokens = self.world.tokens_of(self.market, &self.attacker);
        let acceptable_price = any_price(true, side);
        let open = OpenPositionArgs { id: 0, side, size: units, margin: quote("100000"), acceptable_price };
        let close = ClosePositionArgs { acceptable_price: any_price(false, side) };
        let position = self.world.position_key(self.market, &self.attacker, 0);
        let trip = [
            instructions::open_position(&self.signed[first], owner, tokens, None, open),
            instructions::close_position(&self.signed[last], position, owner, tokens, None, close),
        ];
        let (market, attacker) = (self.market, &self.attacker);
        self.world.what_if(|world| {
            let before = wealth(world, market, &[attacker]);
            world.send(&trip, &[&attacker.key])?;
            balanced(world);
            Ok(wealth(world, market, &[attacker]) - before)
        })
    }

    /// The best of all pairs in the order of time, both sides, three sizes.
    fn best(&mut self) -> (i128, Side, usize, usize) {
        let mut best = (i128::MIN, Long, 0, 0);
        for (first, last) in (0..SECONDS).flat_map(|first| (first..SECONDS).map(move |last| (first, last))) {
            // a pair is worth a try only on the side that it favours
            let side = if self.prices[last] >= self.prices[first] { Long } else { Short };
            let result = self.trip(side, size("1000"), first, last).expect("forward in time");
            best = best.max_by(result, side, first, last);
        }
        for units in [size("0.2"), size("10"), size("7000")] {
            let result = self.trip(best.1, units, best.2, best.3).expect("forward in time");
            best = best.max_by(result, best.1, best.2, best.3);
        }
        best
    }
}

trait Best {
    fn max_by(self, result: i128, side: Side, first: usize, last: usize) -> Self;
}

impl Best for (i128, Side, usize, usize) {
    fn max_by(self, result: i128, side: Side, first: usize, last: usize) -> Self {
        if result > self.0 { (result, side, first, last) } else { self }
    }
}

/// A market whose price account holds this, published `second` from now.
fn sign(world: &mut World, market: MarketId, price: u64, second: i64) -> MarketAccounts {
    let handle = world.markets[market.0].clone();
    let signed = i64::try_from(price).expect("a price");
    let update = PythPrice {
        price: signed,
        confidence: ringfence_testkit::price(CONFIDENCE),
        ema: signed,
        exponent: -10,
        publish_time: world.now() + second,
        previous_publish_time: world.now() + second - 1,
        slot: world.slot(),
    };
    let oracle = solana_signer::Signer::pubkey(&world.new_key());
    world.svm.set_account(oracle, pyth::account(handle.kind, &handle.feed_id, &update)).expect("an update");
    MarketAccounts { oracle, ..handle.accounts }
}

/// A walk of up to 1 bp a second that stays within 4 bp of 100.
fn quiet_prices() -> Vec<u64> {
    let mut random = Random::new(61);
    let (low, high) = (price("99.96"), price("100.04"));
    let mut at = price("100");
    (0..SECONDS)
        .map(|_| {
            at = (at + random.below(price("0.02")) - price("0.01")).clamp(low, high);
            at
        })
        .collect()
}

/// Two fees of 5 bp and a spread of 2 bp are more than a move of 8 bp pays.
fn in_a_quiet_window() -> Row {
    let (best, ..) = Window::new(quiet_prices()).best();
    Row {
        attack: "Oracle cherry-picking, usual moves",
        played: "unpinned feed, the best pair of 61 signed prices that move by up to 8 bp: open at one, close at \
                 the other in the same transaction; 4 sizes, both sides",
        best,
        bound: 0,
        because: "fees and spread (12 bp) are more than the window's move",
        stops: "trading fees both ways and half the confidence twice",
        test: "cherry_picking::usual_moves_within_the_age_window_pay_nothing",
    }
}

/// Falls by 50 bp and comes back: the pair that would pay a long most is the
/// bottom for the opening and what came before for the closing.
fn rolled_back() -> Row {
    let path = (0..SECONDS as u64).map(|second| price("100") - second * price("0.5") / 60).collect();
    let mut window = Window::new(path);
    let mut got_through = 0;
    for first in (1..SECONDS).rev() {
        for last in [0, first / 2, first - 1] {
            let refused = window.trip(Long, size("1000"), first, last).expect_err("back in time");
            assert!(refused.is(RingfenceError::OracleOlderThanAccepted), "{:?}", refused.error);
        }
        // somebody else's trade at that second closes the door on what is older
        let other = window.signed[first];
        let (world, market) = (&mut window.world, window.market);
        let older = window.signed[first - 1];
        got_through += world.what_if(|world| {
            world.send(&[instructions::accrue(&other)], &[]).expect("accrue");
            world.markets[market.0].accounts = older;
            i128::from(world.open(market, &window.attacker, 0, Long, size("1"), quote("100")).is_ok())
        });
    }
    Row {
        attack: "Oracle cherry-picking, back in time",
        played: "a price falls for a minute; buy at a late signed price and sell at any earlier one, or trade at \
                 one from before somebody else's trade: 240 pairs",
        best: got_through,
        bound: 0,
        because: "every one of them is refused",
        stops: "publish times that a market accepts never go back",
        test: "cherry_picking::no_price_older_than_the_last_accepted_one_is_good",
    }
}

/// 50 bp up within the window. 7,000 base make a skew whose half is 3.5 % of the
/// scale, so both fills are 1.035 times their index: they win 3,622.5, less 140 of
/// spread and 5 bp of either fill. An honest long of that size wins the same.
fn in_a_moving_window() -> Row {
    let path: Vec<u64> =
        (0..SECONDS as u64).map(|second| price("100") + second * price("0.5") / 60).collect();
    let units = size("7000");
    let (low, high) = (path[0], path[SECONDS - 1]);
    let spread = notional(units, price(CONFIDENCE));
    let filled = |index: u64| ppm(notional(units, index), 1_035_000);
    let fees = ppm(filled(low), 500) + ppm(filled(high), 500);
    let (best, side, first, last) = Window::new(path).best();
    assert_eq!((side, first, last), (Long, 0, SECONDS - 1), "the widest move of the window is the best");
    assert!(best > 0, "known to pay");
    Row {
        attack: "Oracle cherry-picking, a move of 50 bp within the window",
        played: "as above while the price rises by 50 bp in 60 s: 7,000 base from the oldest to the newest",
        best,
        bound: filled(high - low) - spread - fees,
        because: "size × the move within `max_age_open`, less fees and spread",
        stops: "`max_age_open`, the fees and the open-interest limit bound it; a pinned feed ends it",
        test: "cherry_picking::a_move_beyond_the_fees_pays_no_more_than_itself",
    }
}

scenario!(usual_moves_within_the_age_window_pay_nothing, in_a_quiet_window, quiet);
scenario!(no_price_older_than_the_last_accepted_one_is_good, rolled_back, backwards);
scenario!(a_move_beyond_the_fees_pays_no_more_than_itself, in_a_moving_window, moving);
