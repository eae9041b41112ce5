//! The collateral mint and who gets some of it.

use ringfence_client::Instruction;
use ringfence_client::Pubkey;
use solana_account::Account;
use solana_keypair::{Keypair, Signature};
use solana_signer::Signer;
use solana_system_interface::instruction as system;
use spl_associated_token_account_interface::address::get_associated_token_address;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;

use crate::error::SendError;
use crate::validator::Chain;

/// Decimals of the collateral.
pub const MINT_DECIMALS: u8 = 6;

/// Lamports that come with every airdrop: rent and fees for some thousand
/// positions.
const AIRDROP_LAMPORTS: u64 = 10_000_000_000;

/// Lamports of the admin, who pays for all of it.
const ADMIN_LAMPORTS: u64 = 100_000_000_000_000_000;

/// Bytes and rent of a mint without extensions.
const MINT_SPACE: u64 = 82;
const MINT_LAMPORTS: u64 = (128 + MINT_SPACE) * 6_960;

/// The account that pays for a localnet, before its first slot.
pub(crate) fn funded() -> Account {
    Account { lamports: ADMIN_LAMPORTS, ..Account::default() }
}

/// Creates the mint at `mint`'s address, `authority` its authority.
pub(crate) fn create_mint(
    chain: &Chain,
    authority: &Keypair,
    mint: &Keypair,
) -> Result<Signature, SendError> {
    let (payer, key) = (authority.pubkey(), mint.pubkey());
    let create = system::create_account(&payer, &key, MINT_LAMPORTS, MINT_SPACE, &spl_token_interface::ID);
    let initialize = spl_token_interface::instruction::initialize_mint2(
        &spl_token_interface::ID,
        &key,
        &payer,
        None,
        MINT_DECIMALS,
    );
    let initialize = initialize.map_err(|error| SendError::NotSent(error.to_string()))?;
    chain.send(&[create, initialize], &[authority, mint])
}

/// Gives `owner` SOL and `atoms` of newly issued collateral, in its associated
/// token account, whose address is returned.
pub(crate) fn airdrop(
    chain: &Chain,
    authority: &Keypair,
    mint: Pubkey,
    owner: Pubkey,
    atoms: u64,
) -> Result<(Pubkey, Signature), SendError> {
    let payer = authority.pubkey();
    let account = get_associated_token_address(&owner, &mint);
    let issue = spl_token_interface::instruction::mint_to(
        &spl_token_interface::ID,
        &mint,
        &account,
        &payer,
        &[],
        atoms,
    );
    let issue = issue.map_err(|error| SendError::NotSent(error.to_string()))?;
    let instructions =
        [system::transfer(&payer, &owner, AIRDROP_LAMPORTS), create_token_account(payer, owner, mint), issue];
    Ok((account, chain.send(&instructions, &[authority])?))
}

/// `owner`'s associated token account, created where there is none.
pub(crate) fn create_token_account(payer: Pubkey, owner: Pubkey, mint: Pubkey) -> Instruction {
    create_associated_token_account_idempotent(&payer, &owner, &mint, &spl_token_interface::ID)
}
