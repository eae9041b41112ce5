//! Positions, prices and vaults of any size: health and requirements are those
//! of big integers or an error, the liquidation price is one that liquidates,
//! and what is divided sums to what was there.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use num_bigint::BigInt;
use ringfence_math::{
    LiquidationInputs, MarginRates, PositionTerms, Ppm, Price, Quote, Scale, Side, SignedQuote, Size, health,
    is_liquidatable, liquidation_price, liquidation_waterfall, partial_liquidation, settle,
};

#[derive(Arbitrary, Debug)]
struct Input {
    long: bool,
    size: u64,
    price: u64,
    entry_notional: u64,
    margin: u64,
    funding: i128,
    borrow: u64,
    reserve: u64,
    initial: u32,
    maintenance: u32,
    liquidation_fee: u32,
    min_keeper_reward: u64,
    min_position_notional: u64,
    exponent: u8,
    closing_fee: u64,
    keeper_share: u32,
    insurance: u64,
    fee_due: u64,
}

fuzz_target!(|input: Input| {
    let scale = Scale::from_divisor(10u64.pow(u32::from(input.exponent % 20))).expect("a power of ten");
    let terms = PositionTerms {
        side: if input.long { Side::Long } else { Side::Short },
        size: Size(input.size),
        entry_notional: Quote(input.entry_notional),
        margin: Quote(input.margin),
        funding: SignedQuote(input.funding),
        borrow: Quote(input.borrow),
        reserve: Quote(input.reserve),
    };
    let rates = MarginRates {
        initial: Ppm(input.initial),
        maintenance: Ppm(input.maintenance),
        liquidation_fee: Ppm(input.liquidation_fee),
        min_keeper_reward: Quote(input.min_keeper_reward),
    };
    judged_as_big_integers_do(&terms, &rates, Price(input.price), scale);
    // Ratios as no market may have them make the search long, not wrong.
    let tame = u64::from(input.maintenance) + u64::from(input.liquidation_fee) <= 500_000;
    if tame && let Ok(Some(price)) = liquidation_price(&terms, &rates, scale) {
        assert_eq!(is_liquidatable(&terms, &rates, price, scale), Ok(true));
    }
    let minimum = Quote(input.min_position_notional);
    if let Ok(close) = partial_liquidation(&terms, &rates, minimum, Price(input.price), scale) {
        assert!(close.close_size <= terms.size);
        assert!(!close.full || close.close_size == terms.size);
    }
    conserves(&input);
});

fn judged_as_big_integers_do(terms: &PositionTerms, rates: &MarginRates, price: Price, scale: Scale) {
    let liquidates = is_liquidatable(terms, rates, price, scale);
    let Ok(health) = health(terms, rates, price, scale) else {
        return;
    };
    let product = BigInt::from(terms.size.0) * price.0;
    let floor = &product / scale.divisor();
    let ceil = (&product + scale.divisor() - 1u8) / scale.divisor();
    let pnl = match terms.side {
        Side::Long => floor - terms.entry_notional.0,
        Side::Short => BigInt::from(terms.entry_notional.0) - &ceil,
    };
    let gain = (pnl + terms.funding.0 - terms.borrow.0).min(terms.reserve.0.into());
    let equity = gain + terms.margin.0;
    let part = |rate: Ppm| (&ceil * rate.0 + 999_999u32) / 1_000_000u32;
    let maintenance =
        (part(rates.maintenance) + part(rates.liquidation_fee)).max(rates.min_keeper_reward.0.into());
    assert_eq!(BigInt::from(health.notional.0), ceil);
    assert_eq!(BigInt::from(health.initial.0), part(rates.initial));
    assert_eq!(BigInt::from(health.maintenance.0), maintenance);
    assert_eq!(BigInt::from(health.equity.0), equity);
    let below = !terms.size.is_zero() && equity < maintenance;
    assert_eq!(liquidates, Ok(below));
    assert_eq!(health.is_liquidatable(), below);
}

fn conserves(input: &Input) {
    let gain = SignedQuote(input.funding);
    let vault = BigInt::from(input.margin) + input.funding.max(0);
    let sum = |parts: &[Quote]| parts.iter().map(|part| BigInt::from(part.0)).sum::<BigInt>();
    if let Ok(settled) = settle(Quote(input.margin), gain, Quote(input.fee_due)) {
        assert_eq!(sum(&[settled.loss_paid, settled.fee_paid, settled.margin_after]), vault);
        assert_eq!(sum(&[settled.fee_paid, settled.fee_forgiven]), BigInt::from(input.fee_due));
    }
    let inputs = LiquidationInputs {
        margin: Quote(input.margin),
        gain,
        fee_due: Quote(input.fee_due),
        closing_fee: Quote(input.closing_fee),
        keeper_share: Ppm(input.keeper_share % 1_000_001),
        min_keeper_reward: Quote(input.min_keeper_reward),
        insurance: Quote(input.insurance),
    };
    let Ok(outcome) = liquidation_waterfall(&inputs) else {
        return;
    };
    let out = [outcome.loss_paid, outcome.keeper_from_vault, outcome.insurance_fee, outcome.remainder];
    assert_eq!(sum(&out), vault);
    assert_eq!(sum(&[outcome.insurance_cover, outcome.pool_absorbs]), BigInt::from(outcome.bad_debt.0));
    let spent = sum(&[outcome.keeper_from_insurance, outcome.insurance_cover]);
    assert!(spent <= sum(&[inputs.insurance, outcome.insurance_fee]));
}
