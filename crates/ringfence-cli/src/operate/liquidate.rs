//! `ringfence liquidate`

use anyhow::Result;
use clap::Args;
use ringfence_client::{Pubkey, instructions};
use solana_signer::Signer;

use super::{ConnectionArgs, Session, lookup, submit};

/// Liquidate a position whose equity is below maintenance, for the reward
#[derive(Args, Debug)]
pub struct LiquidateArgs {
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Address, or MARKET/ID with --owner
    position: String,
    /// Whose MARKET/ID it is
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Pubkey>,
    /// Price account, where the market's feed is not pinned to one
    #[arg(long, value_name = "ADDRESS")]
    oracle: Option<Pubkey>,
}

pub fn run(session: &Session, args: &LiquidateArgs) -> Result<()> {
    let connection = &session.connection;
    let liquidator = connection.keypair()?;
    let owner = args.owner.unwrap_or_else(|| liquidator.pubkey());
    let (key, _, listed) = lookup::position(connection, &args.position, || Ok(owner))?;
    let accounts = listed.accounts(args.oracle)?;
    let (tokens, create) = lookup::with_token_account(
        &liquidator.pubkey(),
        &liquidator.pubkey(),
        &accounts.collateral_mint,
        &accounts.token_program,
    );
    let liquidate = instructions::liquidate(&accounts, key, liquidator.pubkey(), tokens);
    let action = format!("liquidate {} in {}", key, listed.name());
    submit::run(session, &liquidator, &action, Some(listed.units()), &[create, liquidate])
}
