//! Whole-stack tests of Ringfence: the compiled program on Agave's own bank.

pub mod bank;

pub use bank::Bank;
