//! `a × b ÷ d` in both directions, and the ratios built on it.

use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::Zero;
use ringfence_math::{MathError, Ppm, Quote, mul_div_ceil, mul_div_floor};

use crate::edges;

/// All a, b ≤ 160 and d ≤ 160: floor and ceil against plain division.
#[test]
fn every_small_quotient_is_rounded_as_its_name_says() {
    let mut cases = 0u64;
    for a in 0..=160u64 {
        for b in 0..=160u64 {
            assert_eq!(mul_div_floor(a, b, 0), Err(MathError::DivisionByZero));
            assert_eq!(mul_div_ceil(a, b, 0), Err(MathError::DivisionByZero));
            for d in 1..=160u64 {
                let (quotient, rest) = ((a * b) / d, (a * b) % d);
                assert_eq!(mul_div_floor(a, b, d), Ok(quotient), "{a} × {b} ÷ {d}");
                assert_eq!(mul_div_ceil(a, b, d), Ok(quotient + u64::from(rest > 0)), "{a} × {b} ÷ {d}");
                cases += 1;
            }
        }
    }
    println!("{cases} quotients");
}

/// All triples of word edges against big integers: the quotient, or an error
/// just where it does not fit.
#[test]
fn every_quotient_at_the_edges_is_right_or_refused() {
    let edges = edges();
    let mut cases = 0u64;
    for &a in &edges {
        for &b in &edges {
            for &d in edges.iter().filter(|d| **d > 0) {
                let (quotient, rest) = (BigUint::from(a) * b).div_rem(&BigUint::from(d));
                let up = &quotient + u32::from(!rest.is_zero());
                let expected = |value: BigUint| u64::try_from(value).map_err(|_| MathError::Overflow);
                assert_eq!(mul_div_floor(a, b, d), expected(quotient), "{a} × {b} ÷ {d}");
                assert_eq!(mul_div_ceil(a, b, d), expected(up), "{a} × {b} ÷ {d}");
                cases += 1;
            }
        }
    }
    println!("{cases} triples of {} edges", edges.len());
}

/// All amounts ≤ 300 at every whole thousand of ppm and next to it.
#[test]
fn every_small_share_is_within_one_atom_of_the_exact_one() {
    let mut cases = 0u64;
    for amount in 0..=300u64 {
        for thousand in 0..=1_000u32 {
            for rate in [(thousand * 1_000).saturating_sub(1), thousand * 1_000, thousand * 1_000 + 1] {
                let exact = amount * u64::from(rate);
                let (down, up) = (exact / 1_000_000, exact.div_ceil(1_000_000));
                assert_eq!(Quote(amount).ppm_floor(Ppm(rate)), Ok(Quote(down)));
                assert_eq!(Quote(amount).ppm_ceil(Ppm(rate)), Ok(Quote(up)));
                cases += 1;
            }
        }
    }
    println!("{cases} shares");
}
