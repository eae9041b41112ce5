//! Pyth's integers to the program's 10^-10: exponents, roundings, ranges.

use ringfence_client::state::AcceptedPrice;
use ringfence_client::{AddLiquidityArgs, RingfenceError};
use ringfence_testkit::pyth::{self, PythPrice};
use ringfence_testkit::{Failure, MarketId, Trader, World};

use crate::support::*;

struct Scene {
    world: World,
    market: MarketId,
    provider: Trader,
}

/// Markets of both kinds that have nothing open, so that any price will do.
fn scenes() -> [Scene; 2] {
    [false, true].map(|push| {
        let mut world = World::new();
        let market = world.market("SOL-PERP");
        let market = if push { market.push() } else { market }.build();
        let provider = world.trader(10);
        Scene { world, market, provider }
    })
}

impl Scene {
    /// What the market remembers of price, confidence and average × 10^exponent.
    fn read(&mut self, price: i64, confidence: u64, ema: i64, exponent: i32) -> Result<[u64; 3], Failure> {
        let (publish_time, slot) = (self.world.now(), self.world.slot());
        let previous_publish_time = publish_time - 1;
        let feed = PythPrice { price, confidence, ema, exponent, publish_time, previous_publish_time, slot };
        let handle = &self.world.markets[self.market.0];
        let account = pyth::account(handle.kind, &handle.feed_id, &feed);
        self.world.svm.set_account(handle.accounts.oracle, account).expect("oracle account");
        let args = AddLiquidityArgs { id: 0, amount: 2_000, min_shares: 0 };
        let deposit = self.world.add_liquidity_ix(self.market, &self.provider, args);
        let before = self.world.svm.clone();
        let result = self.world.send(&[deposit], &[&self.provider.key]);
        let AcceptedPrice { price, confidence, ema, publish_time } =
            self.world.market_state(self.market).accepted;
        self.world.svm = before;
        result?;
        assert_eq!(publish_time, self.world.now());
        Ok([price, confidence, ema])
    }
}

#[test]
fn exponents_from_minus_twelve_to_zero_are_read() {
    for mut scene in scenes() {
        // 123,400 × 10^exponent in units of 10^-10.
        let rows = [
            (-12, 1_234),
            (-11, 12_340),
            (-10, 123_400),
            (-9, 1_234_000),
            (-8, 12_340_000),
            (-7, 123_400_000),
            (-6, 1_234_000_000),
            (-5, 12_340_000_000),
            (-4, 123_400_000_000),
            (-3, 1_234_000_000_000),
            (-2, 12_340_000_000_000),
            (-1, 123_400_000_000_000),
            (0, 1_234_000_000_000_000),
        ];
        for (exponent, expected) in rows {
            let found = passes(&format!("{exponent}"), scene.read(123_400, 0, 123_400, exponent));
            assert_eq!(found, [expected, 0, expected], "{exponent}");
        }
        for exponent in [-13, 1, 10, i32::MIN, i32::MAX] {
            let result = scene.read(123_400, 0, 123_400, exponent);
            refused(&format!("{exponent}"), result, RingfenceError::OracleExponentOutOfRange);
        }
    }
}

#[test]
fn prices_round_down_and_confidences_up() {
    for mut scene in scenes() {
        let read = scene.read(1_000_000_000_000_099, 4_000_000_000_001, 1_000_000_000_000_199, -12);
        assert_eq!(passes("-12", read), [10_000_000_000_000, 40_000_000_001, 10_000_000_000_001]);
        let read = scene.read(1_000_000_000_009, 11, 1_000_000_000_019, -11);
        assert_eq!(passes("-11", read), [100_000_000_000, 2, 100_000_000_001]);
        let read = scene.read(1_000_000, 4_900, 999_999, -8);
        assert_eq!(passes("-8", read), [100_000_000, 490_000, 99_999_900]);
    }
}

#[test]
fn a_price_has_at_least_one_unit_and_fits_sixty_four_bits() {
    for mut scene in scenes() {
        let out = RingfenceError::OraclePriceOutOfRange;
        assert_eq!(passes("one unit", scene.read(1, 0, 1, -10)), [1, 0, 1]);
        assert_eq!(passes("100 of -12", scene.read(100, 0, 100, -12)), [1, 0, 1]);
        refused("99 of -12", scene.read(99, 0, 100, -12), out);
        let most = i64::MAX.unsigned_abs();
        assert_eq!(passes("the most", scene.read(i64::MAX, 0, i64::MAX, -10)), [most, 0, most]);
        refused("ten times the most", scene.read(i64::MAX, 0, i64::MAX, -8), out);
        // floor((2^64 − 1) ÷ 10^10) = 1,844,674,407
        let most = 18_446_744_070_000_000_000;
        assert_eq!(passes("whole", scene.read(1_844_674_407, 0, 1_844_674_407, 0)), [most, 0, most]);
        refused("price", scene.read(1_844_674_408, 0, 1_844_674_407, 0), out);
        refused("average", scene.read(1_844_674_407, 0, 1_844_674_408, 0), out);
        refused("confidence", scene.read(1_844_674_407, 1_844_674_408, 1_844_674_407, 0), out);
        refused("nothing", scene.read(0, 0, 1, -10), out);
        refused("less than nothing", scene.read(-1, 0, 1, -10), out);
    }
}
