use num_bigint::BigInt;
use proptest::prelude::*;
use ringfence_math::{
    LOCKED_SHARES, MathError, PoolAction, Price, Quote, Scale, SideSums, Size, amount_for_shares, pool_value,
    shares_for_deposit, unrealised_pnl_ceil, unrealised_pnl_floor,
};

use crate::{
    big::{big, ceil, clamp_to_zero, fit_signed, fit_u64, floor},
    strategies::{positive, scale, word},
};

fn sums() -> impl Strategy<Value = SideSums> {
    (word(), word())
        .prop_map(|(size, entry)| SideSums { open_interest: Size(size), entry_notional: Quote(entry) })
}

/// Σ PnL × divisor, exact.
fn exact_pnl(long: SideSums, short: SideSums, price: u64, scale: Scale) -> BigInt {
    let side =
        |sums: SideSums| big(sums.open_interest.0) * price - big(sums.entry_notional.0) * scale.divisor();
    side(long) - side(short)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn unrealised_pnl(long in sums(), short in sums(), price in word(), scale in scale()) {
        let exact = exact_pnl(long, short, price, scale);
        let at = Price(price);
        // the net notional must fit before the entries are taken off
        let net = (big(long.open_interest.0) - short.open_interest.0) * price;
        let fits = |bound: BigInt| bound.bits() <= 127;
        if !(fits(ceil(net.clone(), scale.divisor())) && fits(floor(net, scale.divisor()))) {
            return Ok(());
        }
        prop_assert_eq!(
            unrealised_pnl_ceil(long, short, at, scale),
            fit_signed(ceil(exact.clone(), scale.divisor()))
        );
        prop_assert_eq!(
            unrealised_pnl_floor(long, short, at, scale),
            fit_signed(floor(exact, scale.divisor()))
        );
    }

    #[test]
    fn value(
        liquidity in word(), reserved in word(), long in sums(), short in sums(),
        low in word(), high in word(), scale in scale(),
    ) {
        let most = big(low.max(high)) * long.open_interest.0.max(short.open_interest.0);
        if most >= big(1u128 << 126) {
            return Ok(());
        }
        let of = |action| pool_value(
            Quote(liquidity), Quote(reserved), long, short, Price(low), Price(high), action, scale,
        ).map(|value| value.0);
        let at = |price, round: fn(BigInt, u64) -> BigInt| {
            big(liquidity)
                - round(exact_pnl(long, short, price, scale), scale.divisor()).min(big(reserved))
        };
        let dear = at(low, floor).max(at(high, floor));
        let cheap = at(low, ceil).min(at(high, ceil));
        prop_assert_eq!(of(PoolAction::Deposit), fit_u64(clamp_to_zero(dear)));
        prop_assert_eq!(of(PoolAction::Withdraw), fit_u64(clamp_to_zero(cheap)));
        if let (Ok(dear), Ok(cheap)) = (of(PoolAction::Deposit), of(PoolAction::Withdraw)) {
            prop_assert!(dear >= cheap);
        }
    }

    /// The pool's debt is never understated: no set of positions is worth more,
    /// position by position, than the sums say.
    #[test]
    fn the_sum_bounds_the_positions(
        positions in prop::collection::vec(
            (any::<bool>(), 1u64..1 << 40, 1u64..1 << 40), 1..12,
        ),
        price in 1u64..1 << 40,
        power in 0u32..=14,
    ) {
        let scale = Scale::from_divisor(10u64.pow(power)).unwrap();
        let (mut long, mut short) = (SideSums::default(), SideSums::default());
        let mut each = 0i128;
        for (is_long, size, entry) in positions {
            let side = if is_long { ringfence_math::Side::Long } else { ringfence_math::Side::Short };
            let sums = if is_long { &mut long } else { &mut short };
            sums.open_interest.0 += size;
            sums.entry_notional.0 += entry;
            let Ok(pnl) = ringfence_math::pnl(side, Size(size), Quote(entry), Price(price), scale) else {
                return Ok(());
            };
            each += pnl.0;
        }
        let all = unrealised_pnl_ceil(long, short, Price(price), scale).unwrap().0;
        prop_assert!(each <= all);
    }

    #[test]
    fn shares(amount in word(), value in word(), supply in word()) {
        let actual = shares_for_deposit(Quote(amount), Quote(value), supply);
        let expected = if supply == 0 {
            if amount > LOCKED_SHARES { Ok(amount) } else { Err(MathError::InvalidParameter) }
        } else if value == 0 {
            Err(MathError::DivisionByZero)
        } else {
            fit_u64(floor(big(amount) * supply, value)).and_then(|shares| {
                if shares == 0 { Err(MathError::InvalidParameter) } else { Ok(shares) }
            })
        };
        prop_assert_eq!(actual, expected);
    }

    #[test]
    fn amounts(shares in word(), value in word(), supply in word()) {
        let actual = amount_for_shares(shares, Quote(value), supply);
        let expected = if shares > supply {
            Err(MathError::InvalidParameter)
        } else if supply == 0 {
            Err(MathError::DivisionByZero)
        } else {
            Ok(Quote(fit_u64(floor(big(shares) * value, supply)).unwrap()))
        };
        prop_assert_eq!(actual, expected);
    }

    /// Design invariant 13, compared by cross-multiplication: no deposit or
    /// withdrawal lowers the price of a share, and there and back never gains.
    #[test]
    fn the_price_of_a_share_never_falls(
        value in positive(), supply in positive(), amount in positive(), shares in word(),
    ) {
        if let Ok(minted) = shares_for_deposit(Quote(amount), Quote(value), supply) {
            let (after, total) = (big(value) + amount, big(supply) + minted);
            prop_assert!(after.clone() * supply >= big(value) * total.clone());
            if let (Ok(after), Ok(total)) = (fit_u64(after), fit_u64(total)) {
                let back = amount_for_shares(minted, Quote(after), total).unwrap();
                prop_assert!(back.0 <= amount);
            }
        }
        let shares = shares % supply;
        let paid = amount_for_shares(shares, Quote(value), supply).unwrap();
        let (after, total) = (big(value) - paid.0, big(supply) - shares);
        prop_assert!(after * supply >= big(value) * total);
    }
}

/// The inflation attack on an empty vault (OpenZeppelin, ERC-4626): a first
/// depositor of 1 atom, a donation, a victim whose shares round to nothing.
/// Here one atom is refused, shares worth nothing are refused, and 1,000
/// locked shares make the attacker lose most of what he drives the price with.
#[test]
fn the_first_depositor_cannot_corner_the_pool() {
    let none = Quote::ZERO;
    assert_eq!(shares_for_deposit(Quote(1), none, 0), Err(MathError::InvalidParameter));
    assert_eq!(shares_for_deposit(Quote(LOCKED_SHARES), none, 0), Err(MathError::InvalidParameter));
    let supply = shares_for_deposit(Quote(LOCKED_SHARES + 1), none, 0).unwrap();
    assert_eq!(supply, 1_001);
    // value driven up by 10^9: of 1,001 shares the attacker holds one, and
    // 1,000,001,001 ÷ 1,001 = 999,001.999…
    let driven = Quote(1_001 + 1_000_000_000);
    assert_eq!(amount_for_shares(1, driven, supply), Ok(Quote(999_001)));
    assert_eq!(shares_for_deposit(Quote(999_001), driven, supply), Err(MathError::InvalidParameter));
}
