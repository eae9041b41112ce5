use ringfence_math::{
    BorrowIndex, BorrowParams, FundingIndex, FundingParams, FundingRate, FundingState, Side, advance_borrow,
    advance_funding, blend_borrow_index, blend_funding_index, borrow_owed, borrow_rate, funding_owed,
    utilisation,
};

use crate::page::{Example, INDEX, QUOTE, SIZE, scale};

/// A funding index: quote per base on the page, atoms × 10^18 per size unit in
/// the account.
fn funding_index(example: &Example, key: &str) -> FundingIndex {
    FundingIndex(example.units(key, INDEX + QUOTE - SIZE))
}

fn borrow_index(example: &Example, key: &str) -> BorrowIndex {
    BorrowIndex(u128::try_from(example.units(key, INDEX)).unwrap())
}

pub fn funding(example: &Example) {
    let params = FundingParams {
        skew_scale: example.size("skew_scale"),
        max_velocity: example.ppm("max_velocity"),
        max_rate: example.ppm("max_rate"),
    };
    let rate = |key| FundingRate(i64::try_from(example.units(key, INDEX)).unwrap());
    let after = advance_funding(
        FundingState { rate: rate("rate_before"), index: FundingIndex::ZERO },
        &params,
        example.skew("skew"),
        example.price("price"),
        example.seconds("seconds"),
        scale(),
    )
    .unwrap();
    assert_eq!(after.rate, rate("rate_after"));
    assert_eq!(after.index, funding_index(example, "index_growth"));
    for (side, size, owed) in [
        (Side::Long, "size", "long_owed"),
        (Side::Short, "size", "short_owed"),
        (Side::Long, "dust", "long_dust_owed"),
        (Side::Short, "dust", "short_dust_owed"),
    ] {
        let found = funding_owed(side, example.size(size), after.index, FundingIndex::ZERO);
        assert_eq!(found, Ok(example.signed(owed)), "{owed}");
    }
}

pub fn borrow(example: &Example) {
    let params = BorrowParams {
        base: example.ppm("base"),
        kink: example.ppm("kink"),
        slope1: example.ppm("slope1"),
        slope2: example.ppm("slope2"),
    };
    let (reserved, liquidity) = (example.quote("reserved"), example.quote("liquidity"));
    let used = utilisation(reserved, liquidity).unwrap();
    assert_eq!(i128::from(used), example.units("utilisation", INDEX));
    let rate = borrow_rate(&params, reserved, liquidity).unwrap();
    assert_eq!(i128::try_from(rate), Ok(example.units("rate", INDEX)));
    let index =
        advance_borrow(BorrowIndex::ZERO, &params, reserved, liquidity, example.seconds("seconds")).unwrap();
    assert_eq!(index, borrow_index(example, "index_growth"));
    let owed = borrow_owed(example.quote("reserve"), index, BorrowIndex::ZERO);
    assert_eq!(owed, Ok(example.quote("owed")));
}

/// An increase keeps what has accrued.
pub fn increase(example: &Example) {
    let side = example.side();
    let (old, new) = (example.size("old_size"), example.size("new_size"));
    let (now, entry) = (funding_index(example, "funding_now"), funding_index(example, "funding_entry"));
    assert_eq!(funding_owed(side, old, now, entry), Ok(example.signed("owed_before")));
    let blended = blend_funding_index(side, now, entry, old, new).unwrap();
    assert_eq!(blended, funding_index(example, "funding_blended"));
    assert_eq!(funding_owed(side, new, now, blended), Ok(example.signed("owed_after")));

    let (old, new) = (example.quote("old_reserve"), example.quote("new_reserve"));
    let (now, entry) = (borrow_index(example, "borrow_now"), borrow_index(example, "borrow_entry"));
    assert_eq!(borrow_owed(old, now, entry), Ok(example.quote("borrow_before")));
    let blended = blend_borrow_index(now, entry, old, new).unwrap();
    assert_eq!(blended, borrow_index(example, "borrow_blended"));
    assert_eq!(borrow_owed(new, now, blended), Ok(example.quote("borrow_after")));
}
