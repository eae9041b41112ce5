//! A whole localnet, in process and as a binary.

mod binary;
mod faucet;
mod prices;
mod start;
mod support;
mod trading;
