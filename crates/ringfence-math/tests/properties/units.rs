use proptest::prelude::*;
use ringfence_math::{MathError, Ppm, Price, Quote, Scale, Side, SignedQuote, Size, Skew, TradeDirection};

use crate::{
    big::{big, fit_signed, fit_u64},
    strategies::{signed, word},
};

proptest! {
    #[test]
    fn unsigned_sums_and_differences(a in word(), b in word()) {
        prop_assert_eq!(Quote(a).checked_add(Quote(b)).map(|q| q.0), fit_u64(big(a) + b));
        prop_assert_eq!(Price(a).checked_sub(Price(b)).map(|p| p.0), fit_u64(big(a) - b));
        prop_assert_eq!(Size(a).saturating_sub(Size(b)).0, a.saturating_sub(b));
        prop_assert_eq!(Size(a).saturating_add(Size(b)).0, a.saturating_add(b));
    }

    #[test]
    fn signed_sums_and_parts(a in signed(), b in signed()) {
        prop_assert_eq!(SignedQuote(a).checked_add(SignedQuote(b)), fit_signed(big(a) + b));
        prop_assert_eq!(SignedQuote(a).checked_sub(SignedQuote(b)), fit_signed(big(a) - b));
        prop_assert_eq!(SignedQuote(a).checked_neg(), fit_signed(-big(a)));
        prop_assert_eq!(SignedQuote(a).is_negative(), a < 0);
        let (gain, loss) = (big(a).max(big(0)), (-big(a)).max(big(0)));
        prop_assert_eq!(SignedQuote(a).positive_part().map(|q| q.0), fit_u64(gain));
        prop_assert_eq!(SignedQuote(a).negative_part().map(|q| q.0), fit_u64(loss));
    }

    #[test]
    fn skew_moves_with_the_trade(skew in signed(), size in word()) {
        let bought = Skew(skew).after(TradeDirection::Buy, Size(size)).map(|s| SignedQuote(s.0));
        prop_assert_eq!(bought, fit_signed(big(skew) + size));
        let sold = Skew(skew).after(TradeDirection::Sell, Size(size)).map(|s| SignedQuote(s.0));
        prop_assert_eq!(sold, fit_signed(big(skew) - size));
    }

    #[test]
    fn scale_is_the_power_of_ten(size_decimals in any::<u8>(), quote_decimals in any::<u8>()) {
        let exponent = i32::from(size_decimals) + 10 - i32::from(quote_decimals);
        let expected = if (0..=19).contains(&exponent) && size_decimals <= 245 {
            Ok(10u64.pow(exponent as u32))
        } else {
            Err(MathError::InvalidScale)
        };
        let scale = Scale::new(size_decimals, quote_decimals);
        prop_assert_eq!(scale.map(Scale::divisor), expected);
        if let Ok(scale) = scale {
            prop_assert_eq!(Scale::from_divisor(scale.divisor()), Ok(scale));
        }
    }

    #[test]
    fn from_divisor_takes_powers_of_ten_only(divisor in word()) {
        let mut rest = divisor;
        while rest != 0 && rest % 10 == 0 {
            rest /= 10;
        }
        prop_assert_eq!(Scale::from_divisor(divisor).is_ok(), rest == 1);
    }
}

#[test]
fn sides_and_directions() {
    assert_eq!(Side::Long as u8, 0);
    assert_eq!(Side::Short as u8, 1);
    assert_eq!(Side::try_from(0), Ok(Side::Long));
    assert_eq!(Side::try_from(1), Ok(Side::Short));
    assert_eq!(Side::try_from(2), Err(MathError::InvalidParameter));
    for side in [Side::Long, Side::Short] {
        assert_eq!(side.opposite().opposite(), side);
        assert_eq!(side.sign(), -side.opposite().sign());
        assert_eq!(TradeDirection::from(side), TradeDirection::opening(side));
        assert_ne!(TradeDirection::opening(side), TradeDirection::closing(side));
    }
    assert_eq!(TradeDirection::opening(Side::Long), TradeDirection::Buy);
    assert_eq!(TradeDirection::closing(Side::Short), TradeDirection::Buy);
    assert_eq!(Side::Long.sign(), 1);
}

#[test]
fn zeroes_ends_and_messages() {
    assert!(Quote::ZERO.is_zero() && !Quote::MAX.is_zero());
    assert_eq!(Ppm::ONE, Ppm(1_000_000));
    assert_eq!(Ppm(3).saturating_sub(Ppm(5)), Ppm::ZERO);
    assert_eq!(MathError::Overflow.to_string(), "arithmetic overflow");
    assert_eq!(MathError::DivisionByZero.to_string(), "division by zero");
    assert_eq!(MathError::InvalidParameter.to_string(), "parameter out of range");
    assert_eq!(MathError::InvalidScale.to_string(), "size and quote decimals give no valid scale");
}
