//! What the client puts together for `ringfence-math`, against the program's
//! own methods, over random states: sound ones, and bytes that mean nothing.

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use ringfence::oracle::{PriceReading as ProgramReading, Validity as ProgramValidity};
use ringfence::state as program;
use ringfence_client::oracle::{PriceReading, validity};
use ringfence_client::state::{Market, MarketParams, Position, U128};
use ringfence_client::{Pubkey, health};
use ringfence_math::{self as math, PoolAction, Price};

/// As text, with an error's code in place of the error: the two sides have
/// types of their own.
fn text<T: std::fmt::Debug>(result: Result<T, impl Into<u32>>) -> Result<String, u32> {
    result.map(|value| format!("{value:?}")).map_err(Into::into)
}

pub struct State {
    pub market: Market,
    pub position: Position,
    pub reading: PriceReading,
    pub now: i64,
}

impl State {
    /// A market and a position that could be.
    pub fn sound(random: &mut StdRng) -> Self {
        let mut market: Market = bytemuck::Zeroable::zeroed();
        market.status = [0, 0, 1, 2, 3][random.random_range(0..5)];
        market.notional_divisor = 10u64.pow(random.random_range(4..=14));
        market.params = MarketParams {
            skew_scale: random.random_range(1..1 << 50),
            min_keeper_reward: random.random_range(1..1_000_000),
            initial_margin_ppm: random.random_range(2_000..200_000),
            maintenance_margin_ppm: random.random_range(1_000..100_000),
            liquidation_fee_ppm: random.random_range(1..100_000),
            borrow_base_ppm: random.random_range(0..1_000_000),
            borrow_kink_ppm: random.random_range(1..1_000_000),
            borrow_slope1_ppm: random.random_range(0..1_000_000),
            borrow_slope2_ppm: random.random_range(0..5_000_000),
            max_funding_rate_ppm: random.random_range(0..100_000),
            max_funding_velocity_ppm: random.random_range(0..1_000_000),
            ..MarketParams::default()
        };
        market.oracle.max_confidence_ppm = random.random_range(1..100_000);
        market.accrued_at = 1_700_000_000;
        market.settlement_price = random.random_range(1..1 << 45);
        market.funding_rate = random.random_range(-1_000_000_000_000_000..1_000_000_000_000_000);
        market.funding_index.set(random.random_range(-(1i128 << 70)..1 << 70));
        market.borrow_index.set(random.random_range(0..1u128 << 58));
        for book in [&mut market.long, &mut market.short] {
            book.open_interest = random.random_range(0..1 << 44);
            book.entry_notional = random.random_range(0..1 << 42);
            book.positions = random.random_range(0..1_000);
            book.funding_basis.set(random.random_range(-(1i128 << 100)..1 << 100));
        }
        market.liquidity = random.random_range(0..1 << 50);
        market.reserved = random.random_range(0..=market.liquidity);
        market.borrow_basis.set(random.random_range(0..1u128 << 100));
        market.accepted.publish_time = 1_700_000_000;

        let mut position: Position = bytemuck::Zeroable::zeroed();
        position.side = random.random_range(0..2);
        position.size = random.random_range(0..1 << 40);
        position.entry_notional = random.random_range(0..1 << 40);
        position.margin = random.random_range(0..1 << 38);
        position.reserve = random.random_range(0..=position.entry_notional);
        position.entry_funding_index.set(random.random_range(-(1i128 << 70)..1 << 70));
        position.entry_borrow_index = U128::new(random.random_range(0..=market.borrow_index.get()));
        let reading = PriceReading {
            price: Price(random.random_range(1..1 << 45)),
            confidence: Price(random.random_range(0..1 << 40)),
            ema: Price(random.random_range(1..1 << 45)),
            publish_time: 1_700_000_000 + random.random_range(-10..100),
            previous_publish_time: 1_700_000_000 + random.random_range(-20..90),
            slot: random.random_range(0..100),
        };
        let now = market.accrued_at + random.random_range(-100..10_000_000);
        Self { market, position, reading, now }
    }

    /// Whatever bytes.
    fn wild(random: &mut StdRng) -> Self {
        let mut state = Self::sound(random);
        let mut bytes = vec![0; size_of::<Market>()];
        random.fill_bytes(&mut bytes);
        state.market = bytemuck::pod_read_unaligned(&bytes);
        state.market.status = random.random_range(0..6);
        bytes.truncate(size_of::<Position>());
        random.fill_bytes(&mut bytes);
        state.position = bytemuck::pod_read_unaligned(&bytes);
        state.position.side = random.random_range(0..4);
        state.reading.price = Price(random.random());
        state.now = random.random();
        state
    }

    /// Compares everything; the number of results that were no errors.
    fn check(&self) -> usize {
        let Self { market, position, reading, now } = *self;
        let (market, position): (&Market, &Position) = (&market, &position);
        let (their_market, their_position): (&program::Market, &program::Position) =
            (bytemuck::cast_ref(market), bytemuck::cast_ref(position));
        let PriceReading { price, confidence, ema, publish_time, previous_publish_time, slot } = reading;
        let their_reading =
            ProgramReading { price, confidence, ema, publish_time, previous_publish_time, slot };
        let mut succeeded = 0;
        let mut same = |what: &str, ours: Result<String, u32>, theirs: Result<String, u32>| {
            assert_eq!(ours, theirs, "{what}: {market:?} {position:?} {reading:?} {now}");
            succeeded += usize::from(ours.is_ok());
        };

        same("terms", text(position.terms(market)), text(their_position.terms(their_market)));
        same(
            "health",
            text(health::health(market, position, price)),
            text(their_position.health(their_market, price)),
        );
        same(
            "liquidation mark",
            text(health::liquidation_mark(market, position, price, confidence)),
            text(their_position.liquidation_mark(their_market, &their_reading)),
        );
        let their_liquidation_price = || {
            if their_position.is_empty() {
                return Ok(None);
            }
            let (terms, scale) = (their_position.terms(their_market)?, their_market.scale()?);
            let rates = their_market.params.margin_rates();
            Ok::<_, ringfence::errors::RingfenceError>(math::liquidation_price(&terms, &rates, scale)?)
        };
        same(
            "liquidation price",
            text(health::liquidation_price(market, position)),
            text(their_liquidation_price()),
        );
        let mut advanced = *their_market;
        let their_accrued = advanced.accrue(now, price).map(|()| advanced);
        same("accrual", text(health::accrued(market, now, price)), text(their_accrued));
        for action in [PoolAction::Deposit, PoolAction::Withdraw] {
            same(
                "pool value",
                text(market.pool_value(&reading, action)),
                text(their_market.pool_value(&their_reading, action)),
            );
        }
        same("status", text(market.status()), text(their_market.status()));
        same("open positions", text(market.open_positions()), text(their_market.open_positions()));
        same(
            "settlement",
            Ok(format!("{:?}", market.settlement_reading())),
            Ok(format!("{:?}", their_market.settlement_reading())),
        );
        same("skew", Ok(format!("{:?}", market.skew())), Ok(format!("{:?}", their_market.skew())));
        for key in [position.owner, position.delegate, Pubkey::default(), market.lp_mint] {
            assert_eq!(position.may_trade(&key), their_position.may_trade(&key));
            assert_eq!(position.refers(&key), their_position.refers(&key));
        }
        let judged = ProgramValidity::assess(
            &their_reading,
            &their_market.oracle,
            their_market.accepted.publish_time,
            now,
            50,
        );
        let ours = validity(market, &reading, now, 50);
        assert_eq!(format!("{ours:?}"), format!("{judged:?}"));
        succeeded
    }
}

#[test]
fn sound_states_are_judged_as_the_program_judges_them() {
    let mut random = StdRng::seed_from_u64(4);
    let rounds = 20_000;
    let succeeded: usize = (0..rounds).map(|_| State::sound(&mut random).check()).sum();
    assert!(succeeded > rounds * 9, "most of the eleven results are no errors: {succeeded}");
}

#[test]
fn wild_states_fail_as_in_the_program() {
    let mut random = StdRng::seed_from_u64(5);
    let rounds = 20_000;
    let succeeded: usize = (0..rounds).map(|_| State::wild(&mut random).check()).sum();
    assert!(succeeded < rounds * 9, "{succeeded}");
}
