//! 128-bit integer builtins for programs compiled with LLVM's upstream BPF
//! backend. LLVM calls them with each 128-bit value in two registers, a
//! convention that rustc offers only as `extern "unadjusted"`. Memory and
//! floating-point builtins come from `solana-compiler-builtins`.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(sbf_upstream, feature(abi_unadjusted))]
#![allow(internal_features)]

use solana_compiler_builtins as _;

const LOW: u64 = 0xffff_ffff;

#[inline(always)]
fn split(x: u128) -> (u64, u64) {
    (x as u64, (x >> 64) as u64)
}

#[inline(always)]
fn join(lo: u64, hi: u64) -> u128 {
    (hi as u128) << 64 | lo as u128
}

/// The full 128-bit product of two 64-bit integers, as (low, high).
#[inline(always)]
fn widening_mul(a: u64, b: u64) -> (u64, u64) {
    let (a0, a1, b0, b1) = (a & LOW, a >> 32, b & LOW, b >> 32);
    let (p00, p01, p10, p11) = (a0 * b0, a0 * b1, a1 * b0, a1 * b1);
    let mid = (p00 >> 32) + (p01 & LOW) + (p10 & LOW);
    ((p00 & LOW) | mid << 32, p11 + (p01 >> 32) + (p10 >> 32) + (mid >> 32))
}

/// `a * b` modulo 2^128.
#[inline(always)]
pub fn mul(a: u128, b: u128) -> u128 {
    let ((al, ah), (bl, bh)) = (split(a), split(b));
    let (lo, hi) = widening_mul(al, bl);
    join(lo, hi.wrapping_add(al.wrapping_mul(bh)).wrapping_add(ah.wrapping_mul(bl)))
}

/// Divides `hi:lo` by `d`, for `hi < d`: Knuth's algorithm D with 32-bit digits.
#[inline(always)]
fn div_2_by_1(hi: u64, lo: u64, d: u64) -> (u64, u64) {
    let shift = d.leading_zeros();
    let d = d << shift;
    let hi = if shift == 0 { hi } else { hi << shift | lo >> (64 - shift) };
    let lo = lo << shift;
    let (d1, d0) = (d >> 32, d & LOW);

    let digit = |rem: u64, next: u64| {
        let (mut q, mut r) = (rem / d1, rem % d1);
        while q > LOW || q * d0 > (r << 32 | next) {
            q -= 1;
            r += d1;
            if r > LOW {
                break;
            }
        }
        (q, (rem << 32 | next).wrapping_sub(q.wrapping_mul(d)))
    };
    let (q1, rem) = digit(hi, lo >> 32);
    let (q0, rem) = digit(rem, lo & LOW);
    (q1 << 32 | q0, rem >> shift)
}

/// Quotient and remainder; traps where `b` is zero, as the hardware would.
#[inline(always)]
pub fn div_rem(a: u128, b: u128) -> (u128, u128) {
    let ((al, ah), (bl, bh)) = (split(a), split(b));
    if bh == 0 {
        if ah == 0 {
            return (join(al / bl, 0), join(al % bl, 0));
        }
        let (qh, rh) = (ah / bl, ah % bl);
        let (ql, r) = div_2_by_1(rh, al, bl);
        return (join(ql, qh), join(r, 0));
    }
    if a < b {
        return (0, a);
    }
    // The quotient fits 64 - leading_zeros bits of headroom: shift and subtract.
    let mut shift = bh.leading_zeros() - ah.leading_zeros();
    let (mut dl, mut dh) =
        if shift == 0 { (bl, bh) } else { (bl << shift, bh << shift | bl >> (64 - shift)) };
    let (mut rl, mut rh, mut q) = (al, ah, 0u64);
    loop {
        if rh > dh || (rh == dh && rl >= dl) {
            let (low, borrow) = rl.overflowing_sub(dl);
            (rl, rh) = (low, rh.wrapping_sub(dh).wrapping_sub(borrow as u64));
            q |= 1 << shift;
        }
        if shift == 0 {
            return (join(q, 0), join(rl, rh));
        }
        shift -= 1;
        (dl, dh) = (dl >> 1 | dh << 63, dh >> 1);
    }
}

#[inline(always)]
fn negate_if(negative: bool, x: u128) -> i128 {
    (if negative { x.wrapping_neg() } else { x }) as i128
}

/// The quotient towards zero; `i128::MIN / -1` wraps, for rustc checks first.
#[inline(always)]
pub fn signed_div(a: i128, b: i128) -> i128 {
    negate_if((a < 0) != (b < 0), div_rem(a.unsigned_abs(), b.unsigned_abs()).0)
}

/// The remainder, with the sign of the dividend.
#[inline(always)]
pub fn signed_rem(a: i128, b: i128) -> i128 {
    negate_if(a < 0, div_rem(a.unsigned_abs(), b.unsigned_abs()).1)
}

#[cfg(sbf_upstream)]
mod symbols {
    use super::*;

    #[unsafe(no_mangle)]
    extern "unadjusted" fn __multi3(a: u128, b: u128) -> u128 {
        mul(a, b)
    }
    #[unsafe(no_mangle)]
    extern "unadjusted" fn __udivti3(a: u128, b: u128) -> u128 {
        div_rem(a, b).0
    }
    #[unsafe(no_mangle)]
    extern "unadjusted" fn __umodti3(a: u128, b: u128) -> u128 {
        div_rem(a, b).1
    }
    #[unsafe(no_mangle)]
    extern "unadjusted" fn __divti3(a: i128, b: i128) -> i128 {
        signed_div(a, b)
    }
    #[unsafe(no_mangle)]
    extern "unadjusted" fn __modti3(a: i128, b: i128) -> i128 {
        signed_rem(a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that meet every carry and branch: powers of two, their
    /// neighbours, and a fixed pseudo-random walk.
    fn samples() -> Vec<u128> {
        let mut values = vec![0, 1, 2, 3, 10, u64::MAX as u128, u128::MAX];
        for bit in 1..128 {
            let power = 1u128 << bit;
            values.extend([power - 1, power, power + 1]);
        }
        let mut x = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834u128;
        for shift in 0..200 {
            x = x.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(1);
            values.push(x >> (shift % 128));
        }
        values
    }

    #[test]
    fn agrees_with_the_native_operators() {
        let values = samples();
        for &a in &values {
            for &b in &values {
                assert_eq!(mul(a, b), a.wrapping_mul(b), "{a} * {b}");
                if b != 0 {
                    assert_eq!(div_rem(a, b), (a / b, a % b), "{a} / {b}");
                    let (a, b) = (a as i128, b as i128);
                    assert_eq!(signed_div(a, b), a.wrapping_div(b), "{a} / {b}");
                    assert_eq!(signed_rem(a, b), a.wrapping_rem(b), "{a} % {b}");
                }
            }
        }
    }
}
