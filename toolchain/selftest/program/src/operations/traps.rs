//! What must abort: overflow checks are on, and no check is optimised away.

use core::{cell::RefCell, hint::black_box};

use super::{Group, Operands, Operation};

/// The plain operators of one type, each with the checked one that says when
/// it must abort.
macro_rules! trap {
    ($T:ident, $name:literal, |$a:ident, $b:ident| $plain:expr, $checked:expr) => {
        Operation {
            name: concat!(stringify!($T), " plain ", $name),
            run: |a, b, output| {
                let ($a, $b) = (black_box(a as $T), black_box(b as $T));
                output.put($plain);
            },
            traps: |a, b| {
                let ($a, $b) = (a as $T, b as $T);
                let _ = ($a, $b); // some depend on one alone
                Option::is_none(&$checked)
            },
        }
    };
}

pub const GROUP: Group = Group {
    name: "traps",
    operands: Operands::Traps,
    batch: 1,
    operations: &[
        trap!(u8, "+", |a, b| a + b, a.checked_add(b)),
        trap!(i8, "*", |a, b| a * b, a.checked_mul(b)),
        trap!(u32, "*", |a, b| a * b, a.checked_mul(b)),
        trap!(i32, "-", |a, b| a - b, a.checked_sub(b)),
        trap!(i32, "/", |a, b| a / b, a.checked_div(b)),
        trap!(u64, "+", |a, b| a + b, a.checked_add(b)),
        trap!(u64, "-", |a, b| a - b, a.checked_sub(b)),
        trap!(u64, "*", |a, b| a * b, a.checked_mul(b)),
        trap!(u64, "/", |a, b| a / b, a.checked_div(b)),
        trap!(u64, "%", |a, b| a % b, a.checked_rem(b)),
        trap!(i64, "+", |a, b| a + b, a.checked_add(b)),
        trap!(i64, "-", |a, b| a - b, a.checked_sub(b)),
        trap!(i64, "*", |a, b| a * b, a.checked_mul(b)),
        trap!(i64, "/", |a, b| a / b, a.checked_div(b)),
        trap!(i64, "%", |a, b| a % b, a.checked_rem(b)),
        trap!(u128, "+", |a, b| a + b, a.checked_add(b)),
        trap!(u128, "-", |a, b| a - b, a.checked_sub(b)),
        trap!(u128, "*", |a, b| a * b, a.checked_mul(b)),
        trap!(u128, "/", |a, b| a / b, a.checked_div(b)),
        trap!(u128, "%", |a, b| a % b, a.checked_rem(b)),
        trap!(i128, "+", |a, b| a + b, a.checked_add(b)),
        trap!(i128, "-", |a, b| a - b, a.checked_sub(b)),
        trap!(i128, "*", |a, b| a * b, a.checked_mul(b)),
        trap!(i128, "/", |a, b| a / b, a.checked_div(b)),
        trap!(i128, "%", |a, b| a % b, a.checked_rem(b)),
        trap!(i64, "-x", |a, b| (-a, b), a.checked_neg()),
        trap!(i128, "abs", |a, b| (a.abs(), b), a.checked_abs()),
        trap!(u64, "<<", |a, b| a << b, a.checked_shl(b.min(64) as u32)),
        trap!(
            i128,
            ">>",
            |a, b| a >> b,
            match b {
                0..128 => Some(a >> b),
                _ => None,
            }
        ),
        trap!(u64, "index", |a, b| (black_box([a; 5])[b as usize], b), (b < 5).then_some(())),
        trap!(u64, "slice", |a, b| black_box(&[a; 9])[b as usize..].len(), (b < 10).then_some(())),
        trap!(i64, "unwrap", |a, b| a.checked_mul(b).unwrap(), a.checked_mul(b)),
        trap!(
            u8,
            "RefCell",
            |a, b| {
                let cell = RefCell::new(a);
                let _held = (b > a).then(|| cell.borrow_mut());
                *cell.borrow()
            },
            (b <= a).then_some(())
        ),
    ],
};
