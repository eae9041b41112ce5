//! Moving collateral and shares, and which mints can be collateral at all.

use anchor_lang::prelude::*;
use anchor_lang::system_program::{self, Allocate, Assign, CreateAccount};
use anchor_spl::token_2022::spl_token_2022::extension::default_account_state::DefaultAccountState;
use anchor_spl::token_2022::spl_token_2022::extension::{
    BaseStateWithExtensions, ExtensionType, StateWithExtensions,
};
use anchor_spl::token_2022::spl_token_2022::state::{
    Account as AccountState2022, AccountState, Mint as MintState,
};
use anchor_spl::token_interface::{
    self, Burn, CloseAccount, InitializeAccount3, MintTo, TokenAccount, Transfer,
};

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
    let accounts = Transfer { from, to, authority };
    // The unchecked transfer needs no mint account. What the checked one adds
    // does not arise: decimals are fixed per market, both accounts hold its
    // mint, and mints with transfer fees or hooks are refused.
    #[allow(deprecated)]
    match seeds {
        None => token_interface::transfer(CpiContext::new(*program.key, accounts), amount),
        Some(seeds) => {
            token_interface::transfer(CpiContext::new_with_signer(*program.key, accounts, &[seeds]), amount)
        }
    }
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

/// Creates a token account of `mint` at a PDA whose seeds, bump included, the
/// caller passes: the runtime derives the address, and no bump is searched for.
/// What somebody has sent there already does not hold it up.
pub struct NewAccount<'a, 'info> {
    pub program: &'a AccountInfo<'info>,
    pub system_program: &'a AccountInfo<'info>,
    pub payer: AccountInfo<'info>,
    pub account: AccountInfo<'info>,
    pub mint: AccountInfo<'info>,
    pub authority: AccountInfo<'info>,
}

impl NewAccount<'_, '_> {
    pub fn create(self, seeds: Seeds) -> Result<()> {
        let (account, owner, system) = (&self.account, self.program.key, *self.system_program.key);
        let space = self.space()?;
        let rent = Rent::get()?.minimum_balance(space);
        let signer = &[seeds];
        if account.lamports() == 0 {
            let accounts = CreateAccount { from: self.payer, to: account.clone() };
            system_program::create_account(
                CpiContext::new_with_signer(system, accounts, signer),
                rent,
                space as u64,
                owner,
            )?;
        } else {
            let missing = rent.saturating_sub(account.lamports());
            let accounts = system_program::Transfer { from: self.payer, to: account.clone() };
            system_program::transfer(CpiContext::new(system, accounts), missing)?;
            let accounts = Allocate { account_to_allocate: account.clone() };
            system_program::allocate(CpiContext::new_with_signer(system, accounts, signer), space as u64)?;
            let accounts = Assign { account_to_assign: account.clone() };
            system_program::assign(CpiContext::new_with_signer(system, accounts, signer), owner)?;
        }
        let accounts =
            InitializeAccount3 { account: self.account, mint: self.mint, authority: self.authority };
        token_interface::initialize_account3(CpiContext::new(*owner, accounts))
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
    let accounts = CloseAccount { account, destination, authority };
    token_interface::close_account(CpiContext::new_with_signer(*program.key, accounts, &[seeds]))
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
