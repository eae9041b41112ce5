//! The price of a share: neither a deposit nor a withdrawal ever lowers it,
//! at any price within the confidence interval, whatever traders have open.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence_client::RingfenceError;
use ringfence_client::accounts::Market;
use ringfence_client::state::Side;
use ringfence_testkit::{Feed, MarketId, Trader, World, price, quote, size};

use crate::support::*;

const SEED: u64 = 20_250_101;
const STEPS: usize = 600;

/// 10^(9 + 10 − 6): what one atom is in units of size × price.
const ATOM: i128 = 10_000_000_000_000;

/// Value of the pool at `price`, in atoms × ATOM, so that nothing is rounded:
/// liquidity less what the traders have won, of which the reserve is the most.
fn value_at(market: &Market, price: u64) -> i128 {
    let (long, short) = (&market.long, &market.short);
    let net = i128::from(long.open_interest) - i128::from(short.open_interest);
    let entries = i128::from(short.entry_notional) - i128::from(long.entry_notional);
    let won = net * i128::from(price) + entries * ATOM;
    i128::from(market.liquidity) * ATOM - won.min(i128::from(market.reserved) * ATOM)
}

/// Whether the price of a share is at `price` no lower than it was.
fn no_cheaper(before: &Market, after: &Market, price: u64) -> bool {
    let (old, new) = (value_at(before, price), value_at(after, price));
    // new ÷ new shares ≥ old ÷ old shares
    new.checked_mul(before.lp_shares.into()).expect("in range")
        >= old.checked_mul(after.lp_shares.into()).expect("in range")
}

fn random_feed(rng: &mut StdRng, now: i64) -> Feed {
    let price = rng.random_range(price("120")..=price("180"));
    // Up to the 0.5 % that providers' actions accept.
    let confidence = rng.random_range(0..=price / 200);
    Feed { price, confidence, ema: price, publish_time: now }
}

struct Sequence {
    world: World,
    market: MarketId,
    rng: StdRng,
    provider: Trader,
    deposits: usize,
    withdrawals: usize,
}

impl Sequence {
    fn new() -> Self {
        let mut world = World::new();
        let market = world.market("SOL-PERP").price("150").liquidity(100_000).build();
        let provider = world.trader(1_000_000);
        let rng = StdRng::seed_from_u64(SEED);
        Self { world, market, rng, provider, deposits: 0, withdrawals: 0 }
    }

    /// Somebody opens a position at the price of the moment.
    fn trade(&mut self) {
        let trader = self.world.trader(20_000);
        let side = if self.rng.random() { Side::Long } else { Side::Short };
        let units = self.rng.random_range(size("0.1")..=size("40"));
        let result = self.world.open(self.market, &trader, 0, side, units, quote("5000"));
        if let Err(failure) = result {
            assert!(failure.is(RingfenceError::InsufficientLiquidity), "{failure:?}");
        }
    }

    /// A deposit or a withdrawal of any size, small ones above all.
    fn provide(&mut self) {
        let magnitude = 10u64.pow(self.rng.random_range(0..=10));
        let amount = self.rng.random_range(1..=magnitude);
        let result = if self.rng.random() {
            self.world.add_liquidity(self.market, &self.provider, amount).inspect(|_| self.deposits += 1)
        } else {
            let account = self.world.shares_of(self.market, &self.provider);
            let shares = amount.min(self.world.balance(&account)).max(1);
            let result = self.world.remove_liquidity(self.market, &self.provider, shares);
            result.inspect(|_| self.withdrawals += 1)
        };
        if let Err(failure) = result {
            let expected = [
                RingfenceError::DepositTooSmall,
                RingfenceError::LiquidityReserved,
                RingfenceError::InsufficientShares,
                RingfenceError::WithdrawalTooSmall,
            ];
            assert!(expected.iter().any(|error| failure.is(*error)), "{failure:?}");
        }
    }
}

#[test]
fn no_deposit_and_no_withdrawal_lowers_it() {
    println!("seed {SEED}");
    let mut run = Sequence::new();
    for step in 0..STEPS {
        run.world.warp(1);
        let feed = random_feed(&mut run.rng, run.world.now());
        run.world.set_feed(run.market, feed);
        if step % 20 == 5 {
            run.trade();
        }
        let before = run.world.market_state(run.market);
        run.provide();
        let after = run.world.market_state(run.market);
        for price in [feed.price - feed.confidence, feed.price, feed.price + feed.confidence] {
            assert!(no_cheaper(&before, &after, price), "step {step} at {price}: {before:?} {after:?}");
        }
        run.world.check_books().unwrap();
    }
    assert!(run.deposits > STEPS / 4 && run.withdrawals > STEPS / 4, "{} {}", run.deposits, run.withdrawals);
    let state = run.world.market_state(run.market);
    assert!(state.long.positions > 0 && state.short.positions > 0);
}

#[test]
fn a_deposit_taken_out_again_at_once_is_never_more() {
    println!("seed {SEED}");
    let mut run = Sequence::new();
    for step in 0..STEPS / 4 {
        run.world.warp(1);
        let feed = random_feed(&mut run.rng, run.world.now());
        run.world.set_feed(run.market, feed);
        if step % 10 == 0 {
            run.trade();
        }
        let amount = run.rng.random_range(1_000..=quote("1000"));
        let visitor = run.world.trader_of(run.market, amount);
        passes("deposit", run.world.add_liquidity(run.market, &visitor, amount));
        let account = run.world.shares_of(run.market, &visitor);
        let shares = run.world.balance(&account);
        passes("withdraw", run.world.remove_liquidity(run.market, &visitor, shares));
        let left = run.world.wealth(run.market, &visitor);
        assert!(left <= amount, "step {step}: {amount} became {left}");
        run.world.check_books().unwrap();
    }
}
