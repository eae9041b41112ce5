//! The keeper at work on a localnet: a crash, judged from outside, and what
//! may go wrong in the middle of one.

mod chart;
mod closed;
mod crash;
mod faults;
mod keeper;
mod orders;
mod proxy;
mod stage;
