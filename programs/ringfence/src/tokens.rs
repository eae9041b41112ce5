//! Moving collateral and shares, and which mints can be collateral at all.

use anchor_lang::prelude::*;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::solana_program::program::invoke_signed;
use anchor_spl::token_2022::spl_token_2022::extension::default_account_state::DefaultAccountState;
use anchor_spl::token_2022::spl_token_2022::extension::{
    BaseStateWithExtensions, ExtensionType, StateWithExtensions,
};
use anchor_spl::token_2022::spl_token_2022::state::{
    Account as AccountState2022, AccountState, Mint as MintState,
};
use anchor_spl::token_interface::{self, Burn, InitializeAccount3, MintTo, TokenAccount};

use crate::creation::NewAccount;
use crate::ensure;
use crate::errors::RingfenceError;

/// Signer seeds of a program-derived address, as a CPI takes them.
pub type Seeds<'a> = &'a [&'a [u8]];

/// Moves `amount` atoms; nothing for zero. `seeds` are those of the authority
/// where it is a PDA.
pub fn transfer<'info>(
    program: &AccountInfo<'info>,
    from: AccountInfo<'info>,
    to: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    amount: u64,
    seeds: Option<Seeds>,
) -> Result<()> {
    if amount == 0 {
        return Ok(());
    }
    // The unchecked transfer needs no mint account. What the checked one adds
    // does not arise: decimals are fixed per market, both accounts hold its
    // mint, and mints with transfer fees or hooks are refused.
    let mut data = Vec::with_capacity(1 + size_of::<u64>());
    data.push(TRANSFER);
    data.extend_from_slice(&amount.to_le_bytes());
    call(program, data, [from, to, authority], seeds)
}

/// Numbers of the two instructions of SPL Token and Token-2022 that are made
/// here. The libraries' own builders take twice the units.
const TRANSFER: u8 = 3;
const CLOSE_ACCOUNT: u8 = 9;

/// Calls a token program with two accounts to write, and who may do so.
fn call<'info>(
    program: &AccountInfo<'info>,
    data: Vec<u8>,
    accounts: [AccountInfo<'info>; 3],
    seeds: Option<Seeds>,
) -> Result<()> {
    let [from, to, authority] = &accounts;
    let metas = vec![
        AccountMeta::new(*from.key, false),
        AccountMeta::new(*to.key, false),
        AccountMeta::new_readonly(*authority.key, true),
    ];
    let instruction = Instruction { program_id: *program.key, accounts: metas, data };
    Ok(invoke_signed(&instruction, &accounts, seeds.as_slice())?)
}

/// Settles what a position and the pool owe each other with one transfer:
/// `to_vault` atoms one way less `to_pool` atoms the other.
pub struct Netting<'a, 'info> {
    pub program: &'a AccountInfo<'info>,
    pub vault: AccountInfo<'info>,
    pub pool_vault: AccountInfo<'info>,
    pub position: AccountInfo<'info>,
    pub market: AccountInfo<'info>,
}

impl Netting<'_, '_> {
    pub fn settle(
        self,
        to_vault: u64,
        to_pool: u64,
        position_seeds: Seeds,
        market_seeds: Seeds,
    ) -> Result<()> {
        if to_vault >= to_pool {
            let amount = to_vault - to_pool;
            transfer(self.program, self.pool_vault, self.vault, self.market, amount, Some(market_seeds))
        } else {
            let amount = to_pool - to_vault;
            transfer(self.program, self.vault, self.pool_vault, self.position, amount, Some(position_seeds))
        }
    }
}

/// A token account of `mint` to be made at a PDA, for the PDA `authority`.
pub struct NewVault<'a, 'info> {
    /// As the accounts struct calls it, for errors.
    pub name: &'static str,
    pub program: &'a AccountInfo<'info>,
    pub payer: &'a AccountInfo<'info>,
    pub account: &'a AccountInfo<'info>,
    pub mint: &'a AccountInfo<'info>,
    pub authority: &'a AccountInfo<'info>,
}

impl<'info> NewVault<'_, 'info> {
    /// Makes it at the canonical address of `seeds`. Returns the bump.
    pub fn create<const N: usize>(&self, rent: &Rent, seeds: &[&[u8]; N]) -> Result<u8> {
        let bump = self.account().allocate(rent, self.program.key, self.space()?, seeds)?;
        self.initialize()?;
        Ok(bump)
    }

    /// Makes it at the address of `seeds`, any bump included. The caller has
    /// ruled out that the account signs for itself.
    pub fn create_at(&self, rent: &Rent, seeds: Seeds) -> Result<()> {
        self.account().allocate_at(rent, self.program.key, self.space()?, seeds)?;
        self.initialize()
    }

    fn account(&self) -> NewAccount<'_, 'info> {
        let &Self { name, payer, account, .. } = self;
        NewAccount { name, payer, account }
    }

    fn initialize(&self) -> Result<()> {
        let accounts = InitializeAccount3 {
            account: self.account.clone(),
            mint: self.mint.clone(),
            authority: self.authority.clone(),
        };
        token_interface::initialize_account3(CpiContext::new(*self.program.key, accounts))
    }

    /// Bytes of an account of this mint: with Token-2022 the mint's extensions
    /// ask for some in each of its accounts.
    fn space(&self) -> Result<usize> {
        if *self.program.key == anchor_spl::token::ID {
            return Ok(anchor_spl::token::TokenAccount::LEN);
        }
        let data = self.mint.try_borrow_data()?;
        let mint = StateWithExtensions::<MintState>::unpack(&data)?;
        let required = ExtensionType::get_required_init_account_extensions(&mint.get_extension_types()?);
        Ok(ExtensionType::try_calculate_account_len::<AccountState2022>(&required)?)
    }
}

/// Closes an empty token account of a PDA; its rent goes to `destination`.
pub fn close<'info>(
    program: &AccountInfo<'info>,
    account: AccountInfo<'info>,
    destination: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    seeds: Seeds,
) -> Result<()> {
    call(program, vec![CLOSE_ACCOUNT], [account, destination, authority], Some(seeds))
}

pub fn mint<'info>(
    program: &AccountInfo<'info>,
    mint: AccountInfo<'info>,
    to: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    amount: u64,
    seeds: Seeds,
) -> Result<()> {
    let accounts = MintTo { mint, to, authority };
    token_interface::mint_to(CpiContext::new_with_signer(*program.key, accounts, &[seeds]), amount)
}

pub fn burn<'info>(
    program: &AccountInfo<'info>,
    mint: AccountInfo<'info>,
    from: AccountInfo<'info>,
    authority: AccountInfo<'info>,
    amount: u64,
) -> Result<()> {
    token_interface::burn(CpiContext::new(*program.key, Burn { mint, from, authority }), amount)
}

/// What anyone may pay into on a payee's behalf: his own token account, and
/// nobody else's to spend from or to close.
pub fn ensure_payee(account: &TokenAccount, payee: &Pubkey) -> Result<()> {
    let own = account.owner == *payee && account.delegate.is_none() && account.close_authority.is_none();
    ensure!(own, RingfenceError::UnsafePayeeAccount, account.owner, payee);
    Ok(())
}

/// Refuses a mint of which tokens can be taxed, seized, hooked, frozen from
/// the start, paused or replaced. Only extensions known to be harmless pass,
/// so that one this program has never heard of does not.
pub fn ensure_safe_mint(mint: &AccountInfo) -> Result<()> {
    if *mint.owner != anchor_spl::token_2022::ID {
        return Ok(());
    }
    let data = mint.try_borrow_data()?;
    let state = StateWithExtensions::<MintState>::unpack(&data)?;
    let extensions = state.get_extension_types().map_err(|_| RingfenceError::UnsafeMintExtension)?;
    for extension in extensions {
        let safe = match extension {
            ExtensionType::MetadataPointer
            | ExtensionType::TokenMetadata
            | ExtensionType::GroupPointer
            | ExtensionType::TokenGroup
            | ExtensionType::GroupMemberPointer
            | ExtensionType::TokenGroupMember
            | ExtensionType::ConfidentialTransferMint
            | ExtensionType::InterestBearingConfig
            | ExtensionType::ScaledUiAmount => true,
            ExtensionType::DefaultAccountState => {
                state.get_extension::<DefaultAccountState>()?.state != AccountState::Frozen as u8
            }
            _ => false,
        };
        ensure!(safe, RingfenceError::UnsafeMintExtension);
    }
    Ok(())
}
