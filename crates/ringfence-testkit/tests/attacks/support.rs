//! The arena, the attacker's wealth, and the row that an attack leaves.

use ringfence_client::state::MarketParams;
pub use ringfence_client::state::Side::{self, Long, Short};
pub use ringfence_testkit::asserts::balanced;
use ringfence_testkit::{Failure, MarketId, Trader, World, size};

/// One attack at its best.
pub struct Row {
    pub attack: &'static str,
    pub played: &'static str,
    /// What the attacker has gained, in atoms.
    pub best: i128,
    /// The most that the design lets him gain.
    pub bound: i128,
    /// What that bound is.
    pub because: &'static str,
    pub stops: &'static str,
    pub test: &'static str,
}

impl Row {
    #[track_caller]
    pub fn check(&self) {
        println!("{}: best {} atoms, bound {}", self.attack, self.best, self.bound);
        assert!(self.best <= self.bound, "{}: {} > {}", self.attack, self.best, self.bound);
    }
}

/// Declares `row()`, played once however many tests ask, and its test.
macro_rules! scenario {
    ($test:ident, $play:path, $row:ident) => {
        pub fn $row() -> &'static $crate::support::Row {
            static ROW: std::sync::OnceLock<$crate::support::Row> = std::sync::OnceLock::new();
            ROW.get_or_init($play)
        }

        #[test]
        fn $test() {
            $row().check();
        }
    };
}
pub(crate) use scenario;

/// An index of 100 and 1,000,000 in the pool; a skew of 1,000 base (100,000 of
/// notional) moves the fill by 1 %; all else as the testkit has it: 20x, fees of
/// 5 bp each way, a reserve of 100 %, funding and borrow.
pub fn arena(change: impl FnOnce(&mut MarketParams)) -> (World, MarketId) {
    let mut world = World::quick();
    let market = world
        .market("SOL-PERP")
        .price("100")
        .liquidity(1_000_000)
        .params(|params| params.skew_scale = size("100000"))
        .params(change)
        .build();
    (world, market)
}

/// Without trading fees, funding and borrow: what an attack gains is then its own.
pub fn free(params: &mut MarketParams) {
    (params.open_fee_ppm, params.close_fee_ppm) = (0, 0);
    still(params);
}

/// Without funding and borrow.
pub fn still(params: &mut MarketParams) {
    (params.borrow_base_ppm, params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (0, 0, 0);
    (params.max_funding_velocity_ppm, params.max_funding_rate_ppm) = (0, 0);
}

/// Atoms in all of these wallets.
pub fn wealth(world: &mut World, market: MarketId, wallets: &[&Trader]) -> i128 {
    wallets.iter().map(|wallet| i128::from(world.wealth(market, wallet))).sum()
}

/// What `act` changes of the wallets' atoms, in a world that is put back
/// afterwards; none where a step of it is refused.
pub fn gain(
    world: &mut World,
    market: MarketId,
    wallets: &[&Trader],
    act: impl FnOnce(&mut World) -> Result<(), Failure>,
) -> Option<i128> {
    let before = wealth(world, market, wallets);
    world.what_if(|world| {
        act(world).ok()?;
        balanced(world);
        Some(wealth(world, market, wallets) - before)
    })
}

/// The best of what an attacker has tried, of which enough must have worked.
#[derive(Default)]
pub struct Search {
    pub best: Option<i128>,
    pub worked: usize,
}

impl Search {
    pub fn tried(&mut self, result: Option<i128>) {
        self.best = self.best.max(result);
        self.worked += usize::from(result.is_some());
    }

    #[track_caller]
    pub fn best(&self, at_least: usize) -> i128 {
        assert!(self.worked >= at_least, "only {} ways worked", self.worked);
        self.best.expect("a way that worked")
    }
}

/// All atoms of the market's LP shares that a wallet holds.
pub fn shares_held(world: &mut World, market: MarketId, wallet: &Trader) -> u64 {
    let account = world.shares_of(market, wallet);
    world.balance(&account)
}

/// Atoms of a size at a price, rounded down: 9 decimals and 10 to 6.
pub fn notional(size: u64, price: u64) -> i128 {
    i128::from(size) * i128::from(price) / 10_000_000_000_000
}

/// This share of an amount in parts per million, rounded down.
pub fn ppm(amount: i128, share: u32) -> i128 {
    amount * i128::from(share) / 1_000_000
}

pub const SIDES: [Side; 2] = [Long, Short];

/// A price that is moved by parts per million.
pub fn moved(price: u64, by_ppm: i64) -> u64 {
    price.checked_add_signed(i64::try_from(price).expect("a price") / 1_000_000 * by_ppm).expect("a price")
}
