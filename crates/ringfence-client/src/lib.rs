//! What talks to Ringfence from outside: addresses, instruction builders,
//! account and event decoding, position health by the program's own
//! arithmetic. The testkit, the CLI and keepers all go through it.
//!
//! It needs neither Anchor nor the program's crate: [`generated`] follows from
//! the IDL, the rest is written on top of it.

pub mod accounts;
pub mod compute;
pub mod decimal;
pub mod errors;
pub mod events;
pub mod filters;
pub mod generated;
pub mod health;
pub mod instructions;
pub mod oracle;
pub mod pda;
pub mod state;

pub use errors::RingfenceError;
pub use generated::types::{
    AddLiquidityArgs, ClosePositionArgs, CreateMarketArgs, CreatePositionArgs, DecreasePositionArgs,
    IncreasePositionArgs, InitializeExchangeArgs, OpenPositionArgs, PlaceOrderArgs, ProposeParamsArgs,
    RemoveLiquidityArgs,
};
pub use generated::{ID as PROGRAM_ID, constants};
pub use instructions::MarketAccounts;
pub use solana_instruction::{AccountMeta, Instruction};
pub use solana_pubkey::Pubkey;

/// Every event, and what they are made of.
pub mod event {
    pub use crate::generated::events::*;
    pub use crate::generated::types::{FeeParts, OrderEnd};
}

/// The bytes that say what an account, an event or an instruction is.
pub trait Discriminator {
    const DISCRIMINATOR: &'static [u8];
}
