//! Notional, fills, fees, funding, borrow, and the pool.

use rand::Rng;
use rand::rngs::StdRng;
use ringfence_math::{
    self as math, BorrowIndex, BorrowParams, FeeShares, FundingIndex, FundingParams, FundingRate,
    FundingState, PoolAction, Ppm, Price, Quote, SideSums, SignedQuote, Size, Skew, TradeDirection,
};

use crate::page::{Page, Row, outcome};
use crate::random::*;
use crate::row;

fn cases(seed: u64, count: usize, case: impl Fn(&mut StdRng) -> Row) -> Vec<Row> {
    let random = &mut seeded(seed);
    (0..count).map(|_| case(random)).collect()
}

#[test]
fn arithmetic() {
    let mut page = Page::default();
    page.group("notional", cases(1, 150, notional));
    page.group("fillPrice", cases(2, 300, fill));
    page.group("edges", cases(3, 80, edges));
    page.group("splitFee", cases(4, 100, split));
    page.group("settle", cases(5, 120, settle));
    page.group("advanceFunding", cases(6, 300, advance_funding));
    page.group("fundingOwed", cases(7, 150, funding_owed));
    page.group("blendFunding", cases(8, 120, blend_funding));
    page.group("borrowRate", cases(9, 150, borrow_rate));
    page.group("advanceBorrow", cases(10, 150, advance_borrow));
    page.group("borrowOwed", cases(11, 120, borrow_owed));
    page.group("blendBorrow", cases(12, 120, blend_borrow));
    page.group("poolValue", cases(13, 200, pool_value));
    page.group("accruedCharges", cases(14, 120, accrued_charges));
    page.group("shares", cases(15, 150, shares));
    page.check("arithmetic.json");
}

fn notional(random: &mut StdRng) -> Row {
    let (size, price, scale) = (Size(wild(random, 64)), Price(wild(random, 64)), scale(random));
    [
        row![size.0, price.0, scale.divisor()],
        outcome(math::notional_floor(size, price, scale), |value| row![value.0]),
        outcome(math::notional_ceil(size, price, scale), |value| row![value.0]),
    ]
    .concat()
}

fn fill(random: &mut StdRng) -> Row {
    let wide = random.random_range(0..3) == 0;
    let bits = if wide { 64 } else { 42 };
    let (index, confidence) = (Price(wild(random, bits)), Price(wild(random, if wide { 64 } else { 32 })));
    let (size, skew) = (Size(wild(random, bits)), Skew(signed(random, if wide { 66 } else { 42 })));
    let skew_scale = Size(wild(random, if wide { 64 } else { 46 }));
    let direction = if random.random() { TradeDirection::Buy } else { TradeDirection::Sell };
    let filled = math::fill_price(index, confidence, direction, size, skew, skew_scale);
    let given = row![
        index.0,
        confidence.0,
        if direction == TradeDirection::Buy { "buy" } else { "sell" },
        size.0,
        skew.0,
        skew_scale.0,
    ];
    [given, outcome(filled, |price| row![price.0])].concat()
}

fn edges(random: &mut StdRng) -> Row {
    let (index, confidence) = (Price(wild(random, 64)), Price(wild(random, 64)));
    let max = Ppm(wild(random, 20) as u32);
    let clamped = math::clamp_confidence(index, confidence, max);
    let edges = row![
        math::confidence_edge_low(index, confidence).0,
        math::confidence_edge_high(index, confidence).0,
    ];
    [row![index.0, confidence.0, max.0], edges, outcome(clamped, |value| row![value.0])].concat()
}

fn split(random: &mut StdRng) -> Row {
    let fee = Quote(wild(random, 64));
    let mut share = || Ppm(random.random_range(0..400_000));
    let shares = FeeShares { insurance: share(), protocol: share(), referrer: share() };
    let parts = outcome(math::split_fee(fee, shares), |split| {
        row![split.liquidity.0, split.insurance.0, split.protocol.0, split.referrer.0]
    });
    [row![fee.0, shares.insurance.0, shares.protocol.0, shares.referrer.0], parts].concat()
}

fn settle(random: &mut StdRng) -> Row {
    let (margin, gain, fee) =
        (Quote(wild(random, 44)), SignedQuote(signed(random, 66)), Quote(wild(random, 40)));
    let settled = outcome(math::settle(margin, gain, fee), |settled| {
        row![
            settled.gain_paid.0,
            settled.loss_paid.0,
            settled.fee_paid.0,
            settled.fee_forgiven.0,
            settled.bad_debt.0,
            settled.margin_after.0,
        ]
    });
    [row![margin.0, gain.0, fee.0], settled].concat()
}

fn advance_funding(random: &mut StdRng) -> Row {
    let wide = random.random_range(0..4) == 0;
    let bits = if wide { 64 } else { 44 };
    let state = FundingState {
        rate: FundingRate(signed(random, if wide { 63 } else { 54 }) as i64),
        index: FundingIndex(signed(random, if wide { 127 } else { 90 })),
    };
    let params = FundingParams {
        skew_scale: Size(wild(random, bits)),
        max_velocity: Ppm(wild(random, if wide { 32 } else { 20 }) as u32),
        max_rate: Ppm(wild(random, if wide { 25 } else { 17 }) as u32),
    };
    let (skew, price) = (Skew(signed(random, bits)), Price(wild(random, bits)));
    let (seconds, scale) = (wild(random, if wide { 50 } else { 26 }), scale(random));
    let given = row![
        state.rate.0,
        state.index.0,
        params.skew_scale.0,
        params.max_velocity.0,
        params.max_rate.0,
        skew.0,
        price.0,
        seconds,
        scale.divisor(),
    ];
    let advanced = math::advance_funding(state, &params, skew, price, seconds, scale);
    [given, outcome(advanced, |state| row![state.rate.0, state.index.0])].concat()
}

fn funding_owed(random: &mut StdRng) -> Row {
    let (side, size) = (side(random), Size(wild(random, 64)));
    let (now, entry) = (FundingIndex(signed(random, 100)), FundingIndex(signed(random, 100)));
    let owed = math::funding_owed(side, size, now, entry);
    [row![side as u8, size.0, now.0, entry.0], outcome(owed, |owed| row![owed.0])].concat()
}

fn blend_funding(random: &mut StdRng) -> Row {
    let (side, now, entry) =
        (side(random), FundingIndex(signed(random, 100)), FundingIndex(signed(random, 100)));
    let old = Size(wild(random, 50));
    let new = Size(old.0 + wild(random, 50));
    let blended = math::blend_funding_index(side, now, entry, old, new);
    [row![side as u8, now.0, entry.0, old.0, new.0], outcome(blended, |index| row![index.0])].concat()
}

fn borrow_params(random: &mut StdRng) -> BorrowParams {
    BorrowParams {
        base: Ppm(wild(random, 24) as u32),
        kink: Ppm(wild(random, 20) as u32),
        slope1: Ppm(wild(random, 24) as u32),
        slope2: Ppm(wild(random, 24) as u32),
    }
}

/// A pool and what of it is reserved: less than all of it, mostly.
fn reserved(random: &mut StdRng) -> (Quote, Quote) {
    let liquidity = wild(random, 60);
    let reserved =
        if random.random_range(0..6) == 0 { wild(random, 62) } else { wild(random, 60) % (liquidity + 1) };
    (Quote(reserved), Quote(liquidity))
}

fn borrow_given(params: &BorrowParams, reserved: Quote, liquidity: Quote) -> Row {
    row![params.base.0, params.kink.0, params.slope1.0, params.slope2.0, reserved.0, liquidity.0]
}

fn borrow_rate(random: &mut StdRng) -> Row {
    let (params, (reserved, liquidity)) = (borrow_params(random), reserved(random));
    [
        borrow_given(&params, reserved, liquidity),
        outcome(math::utilisation(reserved, liquidity), |value| row![value]),
        outcome(math::utilisation_ppm(reserved, liquidity), |value| row![value.0]),
        outcome(math::borrow_rate(&params, reserved, liquidity), |rate| row![rate]),
    ]
    .concat()
}

fn advance_borrow(random: &mut StdRng) -> Row {
    let (params, (reserved, liquidity)) = (borrow_params(random), reserved(random));
    let index = BorrowIndex(signed(random, 100).unsigned_abs());
    let seconds = wild(random, 40);
    let advanced = math::advance_borrow(index, &params, reserved, liquidity, seconds);
    let given = [row![index.0], borrow_given(&params, reserved, liquidity), row![seconds]].concat();
    [given, outcome(advanced, |index| row![index.0])].concat()
}

/// An index and an earlier one; at times the later one has fallen.
fn borrow_indices(random: &mut StdRng) -> (BorrowIndex, BorrowIndex) {
    let now = signed(random, 90).unsigned_abs();
    let part = random.random_range(0..21u32);
    (BorrowIndex(now), BorrowIndex(now / 20 * u128::from(part) + u128::from(part == 20) * 100))
}

fn borrow_owed(random: &mut StdRng) -> Row {
    let (reserve, (now, entry)) = (Quote(wild(random, 64)), borrow_indices(random));
    let owed = math::borrow_owed(reserve, now, entry);
    [row![reserve.0, now.0, entry.0], outcome(owed, |owed| row![owed.0])].concat()
}

fn blend_borrow(random: &mut StdRng) -> Row {
    let (now, entry) = borrow_indices(random);
    let old = Quote(wild(random, 50));
    let new = Quote(old.0 + wild(random, 50));
    let blended = math::blend_borrow_index(now, entry, old, new);
    [row![now.0, entry.0, old.0, new.0], outcome(blended, |index| row![index.0])].concat()
}

fn pool_value(random: &mut StdRng) -> Row {
    let bits = if random.random_range(0..4) == 0 { 64 } else { 44 };
    let mut sums =
        || SideSums { open_interest: Size(wild(random, bits)), entry_notional: Quote(wild(random, bits)) };
    let (long, short) = (sums(), sums());
    let (reserved, liquidity) = reserved(random);
    let low = Price(wild(random, bits));
    let (high, scale) = (low.saturating_add(Price(wild(random, 36))), scale(random));
    let value = |action| math::pool_value(liquidity, reserved, long, short, low, high, action, scale);
    [
        row![
            liquidity.0,
            reserved.0,
            long.open_interest.0,
            long.entry_notional.0,
            short.open_interest.0,
            short.entry_notional.0,
            low.0,
            high.0,
            scale.divisor(),
        ],
        outcome(value(PoolAction::Deposit), |value| row![value.0]),
        outcome(value(PoolAction::Withdraw), |value| row![value.0]),
    ]
    .concat()
}

fn accrued_charges(random: &mut StdRng) -> Row {
    let bits = if random.random_range(0..4) == 0 { 64 } else { 40 };
    let funding = FundingIndex(signed(random, 80));
    let mut book = || (Size(wild(random, bits)), signed(random, 120));
    let (long, short) = (book(), book());
    let (borrow, reserve) = (BorrowIndex(signed(random, 80).unsigned_abs()), Quote(wild(random, bits)));
    let basis = borrow.0.saturating_mul(u128::from(reserve.0)) / u128::from(random.random_range(1..5u32));
    let charges = math::accrued_charges(funding, long, short, borrow, (reserve, basis));
    let given = row![funding.0, long.0.0, long.1, short.0.0, short.1, borrow.0, reserve.0, basis];
    [given, outcome(charges, |owed| row![owed.0])].concat()
}

fn shares(random: &mut StdRng) -> Row {
    let (amount, value) = (Quote(wild(random, 50)), Quote(wild(random, 50)));
    let supply = if random.random_range(0..5) == 0 { 0 } else { wild(random, 50) };
    [
        row![amount.0, value.0, supply],
        outcome(math::shares_for_deposit(amount, value, supply), |shares| row![shares]),
        outcome(math::amount_for_shares(amount.0, value, supply), |amount| row![amount.0]),
    ]
    .concat()
}
