//! Errors: the same codes, names and messages.

use ringfence::errors::RingfenceError as Program;
use ringfence_client::RingfenceError;
use ringfence_client::errors::{ALL, from_code};
use ringfence_math::MathError;

/// Name and message of each error, in the order of the program's source.
fn source() -> Vec<(String, String)> {
    let text = include_str!("../../../../programs/ringfence/src/errors.rs");
    let mut found = Vec::new();
    for part in text.split("#[msg(").skip(1) {
        // A long message stands on a line of its own.
        let (message, rest) = part.split_once(")]\n").expect("the end of a message");
        let name = rest.split(',').next().expect("a name").trim();
        found.push((name.to_owned(), message.trim().trim_matches('"').to_owned()));
    }
    found
}

#[test]
fn every_error_is_the_programs() {
    let source = source();
    assert_eq!(ALL.len(), source.len());
    for ((error, (name, message)), code) in ALL.iter().zip(source).zip(6_000..) {
        assert_eq!((error.name(), error.to_string()), (name.as_str(), message), "{code}");
        assert_eq!(u32::from(*error), code);
        assert_eq!(from_code(code), Some(*error));
    }
    let end = 6_000 + u32::try_from(ALL.len()).unwrap();
    assert_eq!((from_code(5_999), from_code(end), from_code(0)), (None, None, None));
}

#[test]
fn ends_and_middle_are_what_anchor_makes_of_them() {
    for (ours, theirs) in [
        (RingfenceError::MathOverflow, Program::MathOverflow),
        (RingfenceError::SlippageExceeded, Program::SlippageExceeded),
        (RingfenceError::NotLiquidatable, Program::NotLiquidatable),
        (RingfenceError::NothingToCollect, Program::NothingToCollect),
    ] {
        assert_eq!((ours.name(), ours.to_string()), (theirs.name().as_str(), theirs.to_string()));
        assert_eq!(u32::from(ours), u32::from(theirs));
    }
}

#[test]
fn arithmetic_fails_as_in_the_program() {
    for error in [MathError::Overflow, MathError::InvalidParameter, MathError::DivisionByZero] {
        assert_eq!(u32::from(RingfenceError::from(error)), u32::from(Program::from(error)));
    }
}
