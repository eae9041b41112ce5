//! Both sides are opened until the pool is reserved, so that providers cannot
//! leave.

use ringfence_client::RingfenceError;
use ringfence_testkit::{assert_error, quote, size};

use crate::support::*;

const HOUR: i64 = 3_600;

/// 1,300,000 in the pool, of which 80 % may be reserved: 5,060 long and as
/// many short reserve 506,000 × 1.0253 each, 1,037,600 of 1,040,000.
fn play() -> Row {
    let (mut world, market) = arena(|_| ());
    let (early, late) = (world.trader(100_000), world.trader(200_000));
    world.add_liquidity(market, &early, quote("100000")).expect("deposit");
    world.add_liquidity(market, &late, quote("200000")).expect("deposit");
    let (long, short) = (world.trader(1_000_000), world.trader(1_000_000));
    let wallets = [&long, &short];
    wealth(&mut world, market, &wallets);
    let mut search = Search::default();
    for hours in [0, 1, 24, 7 * 24, 30 * 24] {
        let before = world.market_state(market).liquidity;
        let mut earned = 0;
        let result = gain(&mut world, market, &wallets, |world| {
            let one = world.open(market, &long, 0, Long, size("5060"), quote("500000"))?;
            let two = world.open(market, &short, 0, Short, size("5060"), quote("500000"))?;
            let more = world.open(market, &short, 1, Short, size("200"), quote("50000"));
            assert_error(more, RingfenceError::InsufficientLiquidity);
            // the fifth that cannot be reserved is for who leaves first
            let shares = [&early, &late].map(|provider| shares_held(world, market, provider));
            world.what_if(|world| {
                world.remove_liquidity(market, &early, shares[0]).expect("a fifth stays free");
                let second = world.remove_liquidity(market, &late, shares[1]);
                assert_error(second, RingfenceError::LiquidityReserved);
            });
            world.advance(hours * HOUR);
            world.close(market, &long, one)?;
            world.close(market, &short, two)?;
            // and the door is open again
            earned = world.market_state(market).liquidity - before;
            world.what_if(|world| world.remove_liquidity(market, &late, shares[1]).map(drop))
        });
        let paid = u64::try_from(-result.expect("filled")).expect("it costs");
        // insurance and protocol get a tenth each of the trading fees
        assert!(earned >= paid / 5 * 4, "{earned} of {paid} went to the providers");
        search.tried(result);
    }
    Row {
        attack: "Filling the reserve to lock providers out",
        played: "as much long as short, until 80 % of the pool are reserved, for nothing, an hour, a day, a week, \
                 30 days",
        best: search.best(5),
        bound: 0,
        because: "the price does not move; fees and borrow go to those he locks in",
        stops: "borrow rises with the use of the pool; `max_utilisation` keeps a fifth free for who leaves first",
        test: "reserve_filling::locking_providers_in_pays_them",
    }
}

scenario!(locking_providers_in_pays_them, play, row);
