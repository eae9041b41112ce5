//! Bytecode agrees with native code. `toolchain/build toolchain/selftest/program`
//! builds what is tried here; `SELFTEST_SEED` repeats a failure.

use ringfence_selftest::{GROUPS, Group, Reply, operations::Operands};
use ringfence_selftest_host::{Bytecode, Case, compare_group, group, operands};

fn cases_of(group: &Group) -> Vec<Case> {
    let rng = &mut operands::seeded();
    match group.operands {
        Operands::Integers { bits } => operands::integers(bits, rng),
        Operands::Places => operands::places(rng),
        Operands::Seeds => operands::seeds(rng),
        Operands::Traps => operands::traps(rng),
    }
}

fn agrees(name: &str) {
    let (_, group) = group(name);
    let cases = cases_of(group);
    println!("{name}: {} operations on {} cases each", group.operations.len(), cases.len());
    if let Err(disagreement) = compare_group(&mut Bytecode::load(), name, &cases) {
        panic!("{disagreement}");
    }
}

/// A test for each group, named after it.
macro_rules! groups_agree {
    ($($test:ident: $group:literal,)*) => {
        $(
            #[test]
            fn $test() {
                agrees($group);
            }
        )*

        #[test]
        fn no_group_is_left_out() {
            let tried = [$($group),*];
            let all: Vec<&str> = GROUPS.iter().map(|group| group.name).collect();
            assert_eq!(tried.as_slice(), all);
        }
    };
}

groups_agree! {
    arithmetic_of_u8_agrees: "u8",
    arithmetic_of_u16_agrees: "u16",
    arithmetic_of_u32_agrees: "u32",
    arithmetic_of_u64_agrees: "u64",
    arithmetic_of_u128_agrees: "u128",
    arithmetic_of_i8_agrees: "i8",
    arithmetic_of_i16_agrees: "i16",
    arithmetic_of_i32_agrees: "i32",
    arithmetic_of_i64_agrees: "i64",
    arithmetic_of_i128_agrees: "i128",
    wide_products_and_quotients_agree: "wide",
    memory_functions_agree: "memory",
    calls_and_dispatch_agree: "control",
    collections_and_text_agree: "collections",
    overflow_and_bounds_abort: "traps",
}

/// What the program gives for the one operation of that name.
fn answer(operation: &str, (a, b): Case) -> Vec<u8> {
    let id = GROUPS
        .iter()
        .enumerate()
        .find_map(|(group, entry)| {
            let index = entry.operations.iter().position(|own| own.name == operation)?;
            Some([group as u8, index as u8])
        })
        .unwrap_or_else(|| panic!("no operation {operation}"));
    Bytecode::load()
        .run(id, Reply::Output, &[(a, b)])
        .unwrap_or_else(|failure| panic!("{operation}: {failure}"))
}

/// Worked by hand: that both sides are wrong alike is excluded here.
#[test]
fn known_answers() {
    // (2^128 − 1)² = 2^256 − 2^129 + 1, which is 1 modulo 2^128 and overflows.
    let mut square = vec![0]; // checked: none
    square.extend(1u128.to_le_bytes()); // overflowing
    square.push(1);
    square.extend(1u128.to_le_bytes()); // wrapping
    square.extend([0xff; 16]); // saturating
    assert_eq!(answer("u128 *", (u128::MAX, u128::MAX)), square);

    // −7 = −3 · 2 − 1 truncated; the remainder has the dividend's sign.
    let mut quotient = vec![1];
    quotient.extend((-3i64).to_le_bytes());
    quotient.push(1);
    quotient.extend((-1i64).to_le_bytes());
    assert_eq!(answer("i64 / %", (-7i128 as u128, 2)), quotient);

    // The least i128 has no opposite: neither quotient nor remainder.
    assert_eq!(answer("i128 / %", (1 << 127, u128::MAX)), [0, 0]);

    // 2^128 − 1 and 2^64 in decimal, then their difference.
    let digits = [
        "340282366920938463463374607431768211455",
        "18446744073709551616",
        "340282366920938463444927863358058659839",
    ];
    assert_eq!(answer("decimal by division", (u128::MAX, 1 << 64)), digits.concat().as_bytes());
}

#[test]
fn malformed_instructions_are_refused() {
    let mut bytecode = Bytecode::load();
    for data in [
        vec![],                                 // nothing
        vec![0, 0],                             // no index
        vec![2, 0, 0],                          // no such reply
        vec![0, 255, 0],                        // no such group
        vec![0, 0, 255],                        // no such operation
        vec![0, 0, 0, 1],                       // a case cut short
        vec![1, 0, 0],                          // output of no case
        [&[0; 3][..], &[0; 32 * 129]].concat(), // more digests than fit
    ] {
        let length = data.len();
        assert!(bytecode.send(data).is_err(), "{length} bytes were taken");
    }
}
