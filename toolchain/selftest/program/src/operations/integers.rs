//! Integer arithmetic of every width and sign.

use super::{Group, Operands, Operation};

/// The most digests that return data carries, in round numbers.
const BATCH: usize = 120;

/// Operations that signed and unsigned integers share, then those given.
macro_rules! integer_group {
    ($T:ident, $($own:expr),* $(,)?) => {
        Group {
            name: stringify!($T),
            operands: Operands::Integers { bits: $T::BITS },
            batch: BATCH,
            operations: &[
                overflow_family!($T, "+", checked_add, overflowing_add, wrapping_add, saturating_add),
                overflow_family!($T, "-", checked_sub, overflowing_sub, wrapping_sub, saturating_sub),
                overflow_family!($T, "*", checked_mul, overflowing_mul, wrapping_mul, saturating_mul),
                binary!($T, "/ %", |a, b| (a.checked_div(b), a.checked_rem(b))),
                binary!($T, "/ % euclidean", |a, b| (
                    a.checked_div_euclid(b),
                    a.checked_rem_euclid(b)
                )),
                binary!($T, "wrapping and overflowing /", |a, b| match b {
                    0 => None,
                    _ => Some((a.wrapping_div(b), a.overflowing_rem(b))),
                }),
                binary!($T, "<< >>", |a, b| {
                    let by = b as u32 % $T::BITS;
                    (a << by, a >> by)
                }),
                binary!($T, "checked << >>", |a, b| (
                    a.checked_shl(b as u32),
                    a.checked_shr(b as u32)
                )),
                binary!($T, "wrapping << >>", |a, b| (
                    a.wrapping_shl(b as u32),
                    a.wrapping_shr(b as u32)
                )),
                binary!($T, "rotate", |a, b| (
                    a.rotate_left(b as u32 % 256),
                    a.rotate_right(b as u32 % 256)
                )),
                binary!($T, "& | ^ !", |a, b| ((a & b, a | b), (a ^ b, !a))),
                binary!($T, "leading and trailing bits", |a, b| (
                    (a.leading_zeros(), b.trailing_zeros()),
                    (a.leading_ones(), b.trailing_ones())
                )),
                binary!($T, "count and swap bits", |a, b| (
                    (a.count_ones(), b.count_zeros()),
                    (a.swap_bytes(), b.reverse_bits())
                )),
                binary!($T, "compare", |a, b| (a.cmp(&b), ((a < b, a <= b), (a == b, a >= b)))),
                binary!($T, "min max", |a, b| (a.min(b), a.max(b))),
                binary!($T, "absolute difference", |a, b| a.abs_diff(b)),
                binary!($T, "power", |a, b| (
                    a.checked_pow(b as u32 % 9),
                    (a.overflowing_pow(b as u32 % 130), a.saturating_pow(b as u32 % 5))
                )),
                binary!($T, "logarithms", |a, b| (
                    (a.checked_ilog2(), a.checked_ilog10()),
                    a.checked_ilog(b)
                )),
                binary!($T, "cast", |a, b| (
                    ((a as u8, a as i8), (a as u16, a as i16)),
                    (((b as u32, b as i32), (a as u64, a as i64)), (b as u128, a as i128))
                )),
                binary!($T, "convert to unsigned", |a, b| (
                    ((u8::try_from(a).ok(), u16::try_from(a).ok()), u32::try_from(b).ok()),
                    (u64::try_from(b).ok(), u128::try_from(a).ok())
                )),
                binary!($T, "convert to signed", |a, b| (
                    ((i8::try_from(a).ok(), i16::try_from(a).ok()), i32::try_from(b).ok()),
                    (i64::try_from(b).ok(), i128::try_from(a).ok())
                )),
                binary!($T, "bytes", |a, b| (
                    $T::from_be_bytes(a.to_le_bytes()),
                    $T::from_ne_bytes(b.to_be_bytes())
                )),
                $($own),*
            ],
        }
    };
}

macro_rules! binary {
    ($T:ident, $name:literal, |$a:ident, $b:ident| $result:expr) => {
        Operation::new(concat!(stringify!($T), " ", $name), |a, b, output| {
            let ($a, $b) = (a as $T, b as $T);
            output.put($result);
        })
    };
}

macro_rules! overflow_family {
    ($T:ident, $name:literal, $checked:ident, $overflowing:ident, $wrapping:ident, $saturating:ident) => {
        binary!($T, $name, |a, b| ((a.$checked(b), a.$overflowing(b)), (a.$wrapping(b), a.$saturating(b))))
    };
}

macro_rules! unsigned_group {
    ($T:ident, $Signed:ident) => {
        integer_group!(
            $T,
            binary!($T, "square root", |a, b| (a.isqrt(), b.isqrt())),
            binary!($T, "rounded /", |a, b| match b {
                0 => None,
                _ => Some((a.div_ceil(b), a.checked_next_multiple_of(b))),
            }),
            binary!($T, "powers of two", |a, b| (a.checked_next_power_of_two(), b.is_power_of_two())),
            binary!($T, "+ signed", |a, b| {
                let b = b as $Signed;
                (a.checked_add_signed(b), a.saturating_add_signed(b))
            }),
        )
    };
}

macro_rules! signed_group {
    ($T:ident, $Unsigned:ident) => {
        integer_group!(
            $T,
            binary!($T, "negate", |a, b| (
                (a.checked_neg(), a.wrapping_neg()),
                (b.overflowing_neg(), b.saturating_neg())
            )),
            binary!($T, "absolute", |a, b| (
                (a.checked_abs(), a.wrapping_abs()),
                (b.unsigned_abs(), b.saturating_abs())
            )),
            binary!($T, "sign", |a, b| (a.signum(), (a.is_negative(), b.is_positive()))),
            binary!($T, "+ - unsigned", |a, b| {
                let b = b as $Unsigned;
                (a.checked_add_unsigned(b), a.saturating_sub_unsigned(b))
            }),
        )
    };
}

pub const U8: Group = unsigned_group!(u8, i8);
pub const U16: Group = unsigned_group!(u16, i16);
pub const U32: Group = unsigned_group!(u32, i32);
pub const U64: Group = unsigned_group!(u64, i64);
pub const U128: Group = unsigned_group!(u128, i128);
pub const I8: Group = signed_group!(i8, u8);
pub const I16: Group = signed_group!(i16, u16);
pub const I32: Group = signed_group!(i32, u32);
pub const I64: Group = signed_group!(i64, u64);
pub const I128: Group = signed_group!(i128, u128);

/// Products wider than their factors, as the program's arithmetic forms them.
pub const WIDE: Group = Group {
    name: "wide",
    operands: Operands::Integers { bits: 128 },
    batch: BATCH,
    operations: &[
        Operation::new("u64 * u64 -> u128", |a, b, output| {
            output.put(u128::from(a as u64) * u128::from(b as u64));
            output.put(u128::from((a >> 64) as u64) * u128::from(b as u64));
        }),
        Operation::new("i64 * i64 -> i128", |a, b, output| {
            output.put(i128::from(a as i64) * i128::from(b as i64));
            output.put(i128::from(a as i32) * i128::from((b >> 64) as i64));
        }),
        Operation::new("u64 * u64 / u64", |a, b, output| {
            let product = u128::from(a as u64) * u128::from(b as u64);
            let divisor = u128::from((b >> 64) as u64);
            output.put(product.checked_div(divisor));
            output.put(product.checked_rem(divisor));
            output.put((divisor > 0).then(|| product.div_ceil(divisor)));
        }),
        Operation::new("i128 / i64", |a, b, output| {
            let divisor = i128::from(b as i64);
            output.put((a as i128).checked_div(divisor));
            output.put((a as i128).checked_rem(divisor));
            output.put((a as i128).checked_rem_euclid(divisor));
        }),
        Operation::new("u128 / constant", |a, b, output| {
            output.put((a / 10, a % 10));
            output.put((a / 1_000_000, b % 1_000_000));
            output.put((b / 1_000_000_000_000_000_000, a % 10_000_000_000));
        }),
        Operation::new("i128 / constant", |a, b, output| {
            let (a, b) = (a as i128, b as i128);
            output.put((a / 10, a % 10));
            output.put((a / -1_000_000, b % 1_000_000));
            output.put((b.div_euclid(86_400), a.rem_euclid(3_600)));
        }),
    ],
};
