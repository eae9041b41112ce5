use ringfence_math::{
    BorrowIndex, FundingIndex, LOCKED_SHARES, PoolAction, Quote, SideSums, SignedQuote, accrued_charges,
    amount_for_shares, pool_value, shares_for_deposit, unrealised_pnl_ceil, unrealised_pnl_floor,
};

use crate::page::{Example, INDEX, QUOTE, SIZE, scale};

pub fn accrued(example: &Example) {
    let basis = |key| example.units(key, INDEX + QUOTE);
    let unsigned = |units: i128| u128::try_from(units).unwrap();
    let found = accrued_charges(
        FundingIndex(example.units("funding_index", INDEX + QUOTE - SIZE)),
        (example.size("long_size"), basis("long_basis")),
        (example.size("short_size"), basis("short_basis")),
        BorrowIndex(unsigned(example.units("borrow_index", INDEX))),
        (example.quote("reserved"), unsigned(basis("borrow_basis"))),
    );
    assert_eq!(found, Ok(example.signed("charges")));
}

pub fn value_and_shares(example: &Example) {
    let sums =
        |size, entry| SideSums { open_interest: example.size(size), entry_notional: example.quote(entry) };
    let (long, short) = (sums("long_size", "long_entry"), sums("short_size", "short_entry"));
    let (low, high) = (example.price("low"), example.price("high"));
    for (price, owed) in [(low, "at_low"), (high, "at_high")] {
        assert_eq!(unrealised_pnl_floor(long, short, price, scale()), Ok(example.signed(owed)));
        assert_eq!(unrealised_pnl_ceil(long, short, price, scale()), Ok(example.signed(owed)));
    }

    // As `Market::pool_value` counts the charges.
    let charges = example.signed("charges");
    let value = |counted: SignedQuote, action| {
        let liquidity = SignedQuote::from(example.quote("liquidity")).checked_add(counted).unwrap();
        let liquidity = liquidity.positive_part().unwrap();
        pool_value(liquidity, example.quote("reserved"), long, short, low, high, action, scale()).unwrap()
    };
    let dear = value(charges.max(SignedQuote::ZERO), PoolAction::Deposit);
    assert_eq!(dear, example.quote("deposit_value"));
    let cheap = value(charges.min(SignedQuote::ZERO), PoolAction::Withdraw);
    assert_eq!(cheap, example.quote("withdraw_value"));

    let supply = example.shares("supply");
    let shares = shares_for_deposit(example.quote("amount"), dear, supply);
    assert_eq!(shares, Ok(example.shares("shares")));
    let paid = amount_for_shares(example.shares("burned"), cheap, supply);
    assert_eq!(paid, Ok(example.quote("paid")));
    let free = example.quote("liquidity").checked_sub(example.quote("reserved"));
    assert_eq!(free, Ok(example.quote("free")));
    assert_eq!(paid.unwrap() <= free.unwrap(), example.truth("leaves"));

    assert_eq!(LOCKED_SHARES, example.shares("locked"));
    let first = shares_for_deposit(example.quote("first_deposit"), Quote::ZERO, 0).unwrap();
    assert_eq!(first - LOCKED_SHARES, example.shares("first_shares"));
}
