//! Examples that others have published, with their source, and a few by hand.
//! Each is computed in the units of a market with 9 size and 6 quote decimals
//! unless it says otherwise.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::panic, missing_docs)]

use ringfence_math::*;

const BASE: u64 = 1_000_000_000;
const QUOTE: u64 = 1_000_000;
/// One quote per base.
const ONE: u64 = 10_000_000_000;

fn scale() -> Scale {
    Scale::new(9, 6).unwrap()
}

fn maintenance(ppm: u32) -> MarginRates {
    MarginRates { maintenance: Ppm(ppm), ..MarginRates::default() }
}

/// A position opened at `entry`, both prices and amounts in their units.
fn position(side: Side, size: u64, entry: u64, margin: u64) -> PositionTerms {
    let entry_notional = entry_notional(side, Size(size), Price(entry), scale()).unwrap();
    PositionTerms {
        side,
        size: Size(size),
        entry_notional,
        margin: Quote(margin),
        reserve: entry_notional,
        ..PositionTerms::default()
    }
}

fn decimal(text: &str, decimals: usize) -> u64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<decimals$}").parse().unwrap()
}

mod fill_price {
    use super::*;

    /// Synthetix v3, markets/perps-market/contracts/storage/PerpsMarket.sol,
    /// comment in `computeFillPrice` (SIP-279): price 1,200, size 100, skew 0,
    /// skew scale 1,000,000 → 1,200.06.
    #[test]
    fn synthetix_premium() {
        let fill = |direction, skew| {
            ringfence_math::fill_price(
                Price(1_200 * ONE),
                Price(0),
                direction,
                Size(100 * BASE),
                Skew(skew),
                Size(1_000_000 * BASE),
            )
        };
        assert_eq!(fill(TradeDirection::Buy, 0), Ok(Price(decimal("1200.06", 10))));
        // and back, from the skew that the buy left: the same
        let skew = 100 * i128::from(BASE);
        assert_eq!(fill(TradeDirection::Sell, skew), Ok(Price(decimal("1200.06", 10))));
        assert_eq!(fill(TradeDirection::Sell, 0), Ok(Price(decimal("1199.94", 10))));
    }
}

mod funding {
    use super::*;

    /// Synthetix v3, PerpsMarket.sol, comment in `currentFundingRate`: from a
    /// rate of 0 at a velocity of 0.0025 a day², after 29,000 s the rate is
    /// 0.0025 × 0.33564815 = 0.00083912. (0.0025 is a tenth of the maximum
    /// 0.025 that it names.) By `unrecordedFunding` the index then holds the
    /// mean of both rates × elapsed days × price: 0.000419560185 × 0.33564814…
    /// = 0.000140824… of the price.
    #[test]
    fn synthetix_velocity() {
        let params = FundingParams {
            skew_scale: Size(10_000 * BASE),
            max_velocity: Ppm(25_000),
            max_rate: Ppm(1_000_000),
        };
        let after = advance_funding(
            FundingState::default(),
            &params,
            Skew(1_000 * i128::from(BASE)),
            Price(1_000 * ONE),
            29_000,
            scale(),
        )
        .unwrap();
        // 0.0025 × 29,000 ÷ 86,400 = 0.000839120370370370…
        assert_eq!(after.rate, FundingRate(839_120_370_370_370));
        assert_eq!((after.rate.0 + 5_000_000_000) / 10_000_000_000, 83_912);

        // 10 base: 10,000 quote × 0.0025 × (29,000 ÷ 86,400)² ÷ 2 = 1.40824598…
        let owed = |side| funding_owed(side, Size(10 * BASE), after.index, FundingIndex::ZERO).unwrap();
        assert_eq!(owed(Side::Long), SignedQuote(-1_408_246));
        assert_eq!(owed(Side::Short), SignedQuote(1_408_245));
    }

    /// By hand: 1 % a day², clamped at 2 %, from 1 %: one day of ramp (mean
    /// 1.5 %), then two at 2 %: 5.5 % of 100 quote = 5.5 quote a base.
    #[test]
    fn ramp_then_clamp() {
        let params =
            FundingParams { skew_scale: Size(BASE), max_velocity: Ppm(10_000), max_rate: Ppm(20_000) };
        let start = FundingState { rate: FundingRate(10_000_000_000_000_000), index: FundingIndex::ZERO };
        let after = advance_funding(
            start,
            &params,
            Skew(5 * i128::from(BASE)),
            Price(100 * ONE),
            3 * SECONDS_PER_DAY,
            scale(),
        )
        .unwrap();
        assert_eq!(after.rate, FundingRate(20_000_000_000_000_000));
        // 5.5 × 10^6 atoms ÷ 10^9 size units × 10^18
        assert_eq!(after.index, FundingIndex(5_500_000_000_000_000));
    }
}

mod liquidation_price {
    use super::*;

    /// The first price at which the engine acts is the venue's price within
    /// the atoms of the roundings: three atoms of equity, less a factor of at
    /// most two for 1 ∓ m, over the size.
    fn assert_at(terms: &PositionTerms, ppm: u32, published: u64) {
        let rates = maintenance(ppm);
        let found = ringfence_math::liquidation_price(terms, &rates, scale()).unwrap().unwrap();
        let atoms = 8 * scale().divisor() / terms.size.0 + 1;
        // published to eight decimals, of ten
        assert!(found.0.abs_diff(published) <= atoms + 100, "{} against {published}", found.0);
        assert!(is_liquidatable(terms, &rates, found, scale()).unwrap());
    }

    /// dYdX chain documentation, concepts/trading/liquidations, "Isolated
    /// Liquidation Price": 1,000 of margin, 3 ETH short at 3,000, 5 %:
    /// 10,000 ÷ 3.15 ≈ 3,174.60, where 476.2 of equity is left.
    #[test]
    fn dydx_short() {
        let terms = position(Side::Short, 3 * BASE, 3_000 * ONE, 1_000 * QUOTE);
        let rates = maintenance(50_000);
        let price = ringfence_math::liquidation_price(&terms, &rates, scale()).unwrap().unwrap();
        // 10,000 ÷ 3.15 = 3,174.603174603…: the first tick whose notional in
        // atoms is over 9,523.809523 and leaves less than its 5 %
        assert_eq!(price.0 / (ONE / 100), 317_460);
        assert_at(&terms, 50_000, decimal("3174.6031746", 10));
        let equity = terms.equity(price, scale()).unwrap();
        assert_eq!(equity.0 / 100_000, 4_761);
    }

    /// dYdX chain documentation, concepts/trading/contract-loss-mechanism: B,
    /// short 500 at 1 with 100, has its bankruptcy price at 1.2; A, long with
    /// the same, at 0.801 has a PnL of −99.5, an equity of 0.5 and is below
    /// the 3 % of maintenance.
    #[test]
    fn dydx_bankruptcy() {
        let b = position(Side::Short, 500 * BASE, ONE, 100 * QUOTE);
        // equity is negative from the first price unit above
        let price = bankruptcy_price(&b, scale()).unwrap().unwrap();
        assert_eq!(price, Price(decimal("1.2", 10) + 1));

        let a = position(Side::Long, 500 * BASE, ONE, 100 * QUOTE);
        let health = health(&a, &maintenance(30_000), Price(decimal("0.801", 10)), scale()).unwrap();
        assert_eq!(health.pnl, SignedQuote(-99_500_000));
        assert_eq!(health.equity, SignedQuote(500_000));
        assert!(health.is_liquidatable());
    }

    /// Hyperliquid API documentation, info endpoint, `clearinghouseState`: ETH
    /// long of 0.0335 with rawUsd −95.059824 (margin less entry notional), at
    /// 50x (1 % maintenance): liquidationPx 2866.26936529.
    #[test]
    fn hyperliquid_clearinghouse_state() {
        let mut terms = position(Side::Long, decimal("0.0335", 9), decimal("2986.3", 10), 0);
        terms.margin = Quote(terms.entry_notional.0 - decimal("95.059824", 6));
        assert_at(&terms, 10_000, decimal("2866.26936529", 10));
    }

    /// Positions of Hyperliquid accounts as its API reported them, collected
    /// in freqtrade, tests/exchange/test_hyperliquid.py,
    /// `test_hyperliquid_dry_run_liquidation_price`; maintenance is half the
    /// initial margin at the largest leverage (BTC, ETH 50x: 1 %; SOL, DOGE
    /// 20x: 2.5 %; HIP-3 10x: 5 %).
    #[test]
    fn hyperliquid_positions() {
        use Side::{Long, Short};
        for (side, entry, size, margin, ppm, published) in [
            (Long, "2458.5", "0.015", "36.864593", 10_000, "0.86915825"),
            (Long, "145.83", "0.33", "24.045107", 25_000, "74.83696193"),
            (Long, "2459.5", "0.0199", "24.454895", 10_000, "1243.0411908"),
            (Long, "62739", "0.00077", "24.137992", 10_000, "31708.03843631"),
            (Long, "0.11586", "437", "25.29769", 25_000, "0.05945697"),
            (Long, "173.06", "0.6", "20.735658", 25_000, "142.05186667"),
            (Long, "66930", "0.0015", "20.043862", 10_000, "54108.51043771"),
            (Long, "250", "0.5", "25", 50_000, "210.52631578"),
            (Long, "350", "1", "50", 50_000, "315.78947368"),
            (Short, "2642.8", "0.019", "25.091876", 10_000, "3924.18322043"),
            (Short, "155.89", "0.32", "24.924941", 25_000, "228.07847866"),
            (Short, "0.14333", "351", "25.136807", 25_000, "0.20970228"),
            (Short, "68595", "0.00069", "23.64871", 10_000, "101849.99354283"),
            (Short, "65536", "0.00099", "21.604172", 10_000, "86493.46174617"),
            (Short, "178.29", "0.11", "19.605036", 25_000, "347.82205322"),
            (Short, "190", "0.5", "9.5", 50_000, "199.04761904"),
        ] {
            let terms = position(side, decimal(size, 9), decimal(entry, 10), decimal(margin, 6));
            assert_at(&terms, ppm, decimal(published, 10));
        }
    }
}

mod equity {
    use super::*;

    /// Flipster, "Margin Trading Explained" (support.flipster.io, article
    /// 7352962731663): 0.1 BTC long at 30,000, 10x, 1 % maintenance. At 36,000
    /// the margin is 900; at 28,000 it is 100 and safe; at 26,000 it is −100
    /// and the position is liquidated.
    #[test]
    fn flipster_long() {
        let terms = position(Side::Long, BASE / 10, 30_000 * ONE, 300 * QUOTE);
        for (price, pnl, equity, liquidatable) in
            [(36_000, 600, 900, false), (28_000, -200, 100, false), (26_000, -400, -100, true)]
        {
            let health = health(&terms, &maintenance(10_000), Price(price * ONE), scale()).unwrap();
            assert_eq!(health.pnl, SignedQuote(pnl * i128::from(QUOTE)));
            assert_eq!(health.equity, SignedQuote(equity * i128::from(QUOTE)));
            assert_eq!(health.is_liquidatable(), liquidatable);
        }
    }

    /// By hand: 300 of equity under 3,000 is 10 % and 10x; 301 is 10.0333… %
    /// down and 9.966777… up.
    #[test]
    fn ratio_and_leverage() {
        let at = |margin| {
            let terms = position(Side::Long, BASE / 10, 30_000 * ONE, margin);
            let health = health(&terms, &maintenance(0), Price(30_000 * ONE), scale()).unwrap();
            (health.margin_ratio_ppm().unwrap(), health.leverage_ppm().unwrap())
        };
        assert_eq!(at(300 * QUOTE), (100_000, 10_000_000));
        assert_eq!(at(301 * QUOTE), (100_333, 9_966_778));
    }

    /// By hand: a gain stops at the reserve, charges come off before it does.
    #[test]
    fn gain_is_capped_at_the_reserve() {
        let mut terms = position(Side::Long, BASE, 100 * ONE, 10 * QUOTE);
        let gain = |terms: &PositionTerms| terms.gain(Price(250 * ONE), scale()).unwrap().0;
        assert_eq!(gain(&terms), 100 * i128::from(QUOTE));
        terms.funding = SignedQuote(-30 * i128::from(QUOTE));
        terms.borrow = Quote(40 * QUOTE);
        assert_eq!(gain(&terms), 80 * i128::from(QUOTE));
    }
}

mod partial_liquidation {
    use super::*;

    /// A long marked at 100 whose equity is 10 short of 10 % of its 1,000.
    fn ten_short() -> PositionTerms {
        PositionTerms { margin: Quote(90 * QUOTE), ..position(Side::Long, 10 * BASE, 100 * ONE, 0) }
    }

    fn close(fee: u32) -> PartialLiquidation {
        let rates =
            MarginRates { initial: Ppm(100_000), liquidation_fee: Ppm(fee), ..MarginRates::default() };
        ringfence_math::partial_liquidation(&ten_short(), &rates, Quote(0), Price(100 * ONE), scale())
            .unwrap()
    }

    /// Drift, protocol-v2, programs/drift/src/math/liquidation/tests.rs,
    /// `calculate_base_asset_amount_to_cover_margin_shortage`: a shortage of
    /// 10 at a price of 100 and a margin ratio of 10 % takes 1 base without a
    /// fee, 10 ÷ 9 with 1 %, 1.25 with 1 % + 1 % for insurance. Drift rounds
    /// its 10 ÷ 9 down to 1.111111111; here the notional, 111.111112, and the
    /// size are rounded up.
    #[test]
    fn drift_shortage_of_ten() {
        assert_eq!(close(0).close_size, Size(BASE));
        assert_eq!(close(10_000).close_size, Size(1_111_111_120));
        assert_eq!(close(10_000).close_size.0.div_ceil(100), (BASE * 10 / 9).div_ceil(100));
        assert_eq!(close(20_000).close_size, Size(1_250_000_000));
    }

    /// By hand, of the last: 125 closed costs 2.5, leaves 87.5 on 875: 10 %.
    #[test]
    fn what_is_left_is_at_the_target() {
        let step = close(20_000);
        assert_eq!(step.close_notional, Quote(125 * QUOTE));
        assert_eq!(step.fee, Quote(2_500_000));
        assert!(!step.full);
    }

    /// By hand: 875 would be left, so a minimum of 875.000001 closes all.
    #[test]
    fn a_rest_below_the_minimum_is_closed_too() {
        let rates =
            MarginRates { initial: Ppm(100_000), liquidation_fee: Ppm(20_000), ..MarginRates::default() };
        let close = |minimum| {
            ringfence_math::partial_liquidation(
                &ten_short(),
                &rates,
                Quote(minimum),
                Price(100 * ONE),
                scale(),
            )
            .unwrap()
        };
        assert!(!close(875 * QUOTE).full);
        let all = close(875 * QUOTE + 1);
        assert_eq!((all.close_size, all.full), (Size(10 * BASE), true));
        assert_eq!(all.fee, Quote(20 * QUOTE));
    }
}

mod borrow {
    use super::*;

    fn rate(params: &BorrowParams, utilisation_percent: u64) -> u128 {
        borrow_rate(params, Quote(utilisation_percent), Quote(100)).unwrap()
    }

    const PERCENT: u128 = 10_000_000_000_000_000;

    /// Derive documentation, docs.derive.xyz/interest-rate-model: a kink at
    /// 80 %, 4.8 % there and 104.8 % at full utilisation; slopes 6 % and 500 %.
    #[test]
    fn derive_curve() {
        let params =
            BorrowParams { base: Ppm(0), kink: Ppm(800_000), slope1: Ppm(60_000), slope2: Ppm(5_000_000) };
        assert_eq!(rate(&params, 0), 0);
        assert_eq!(rate(&params, 80), 48 * PERCENT / 10);
        assert_eq!(rate(&params, 100), 1_048 * PERCENT / 10);
    }

    /// DeepBook Margin documentation, docs.sui.io, "Interest Rates", the row
    /// of SUI: base 3 %, base slope 20 %, optimal utilisation 80 %, excess
    /// slope 500 %. By its formula 13 % at half use, 19 % at the kink and
    /// 19 % + 10 % × 5 = 69 % at the 90 % that may be borrowed.
    #[test]
    fn deepbook_curve() {
        let params = BorrowParams {
            base: Ppm(30_000),
            kink: Ppm(800_000),
            slope1: Ppm(200_000),
            slope2: Ppm(5_000_000),
        };
        assert_eq!(rate(&params, 50), 13 * PERCENT);
        assert_eq!(rate(&params, 80), 19 * PERCENT);
        assert_eq!(rate(&params, 90), 69 * PERCENT);
    }

    /// By hand: a year at 69 % on a reserve of 1,000 is 690; half a year 345.
    #[test]
    fn a_year_of_it() {
        let params = BorrowParams { base: Ppm(690_000), kink: Ppm::ONE, ..BorrowParams::default() };
        for (seconds, owed) in [(SECONDS_PER_YEAR, 690), (SECONDS_PER_YEAR / 2, 345)] {
            let index = advance_borrow(BorrowIndex::ZERO, &params, Quote(1), Quote(2), seconds).unwrap();
            assert_eq!(borrow_owed(Quote(1_000), index, BorrowIndex::ZERO), Ok(Quote(owed)));
        }
    }
}

mod pool {
    use super::*;

    /// By hand: 1,000 of liquidity; longs of 3 base for 300, shorts of 1 for
    /// 100. At 90 the longs lose 30, the shorts win 10: the pool is worth
    /// 1,020. At 110 it is worth 980. With only 15 reserved it owes no more.
    #[test]
    fn value_at_both_edges() {
        let long = SideSums { open_interest: Size(3 * BASE), entry_notional: Quote(300 * QUOTE) };
        let short = SideSums { open_interest: Size(BASE), entry_notional: Quote(100 * QUOTE) };
        let value = |reserved, action| {
            pool_value(
                Quote(1_000 * QUOTE),
                Quote(reserved * QUOTE),
                long,
                short,
                Price(90 * ONE),
                Price(110 * ONE),
                action,
                scale(),
            )
        };
        assert_eq!(value(400, PoolAction::Deposit), Ok(Quote(1_020 * QUOTE)));
        assert_eq!(value(400, PoolAction::Withdraw), Ok(Quote(980 * QUOTE)));
        assert_eq!(value(15, PoolAction::Withdraw), Ok(Quote(985 * QUOTE)));
    }
}
