//! What talks to Ringfence from outside: addresses, instruction builders,
//! account and event decoding, position health by the program's own
//! arithmetic. The testkit, the CLI and keepers all go through it.

pub mod accounts;
pub mod compute;
pub mod decimal;
pub mod errors;
pub mod events;
pub mod filters;
pub mod health;
pub mod instructions;
pub mod oracle;
pub mod pda;

pub use anchor_lang::prelude::Pubkey;
pub use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
pub use instructions::MarketAccounts;
pub use ringfence::constants;
pub use ringfence::errors::RingfenceError;
pub use ringfence::events as event;
pub use ringfence::state;
pub use ringfence::{
    AddLiquidityArgs, ClosePositionArgs, CreateMarketArgs, DecreasePositionArgs, ID as PROGRAM_ID,
    IncreasePositionArgs, InitializeExchangeArgs, OpenPositionArgs, ProposeParamsArgs, RemoveLiquidityArgs,
};
