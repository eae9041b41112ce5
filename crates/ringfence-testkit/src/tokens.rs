//! Mints and token accounts, written directly: Token's own instructions are
//! not what is under test.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::program_option::COption;
use anchor_lang::solana_program::program_pack::Pack;
use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType;
use anchor_spl::token_2022::spl_token_2022::state::{Account as TokenState, AccountState, Mint};
use solana_account::{Account, ReadableAccount};

use crate::pyth::account_of;

/// Which token program a mint belongs to, and with which extensions.
#[derive(Clone, Debug, PartialEq)]
pub enum MintKind {
    Token,
    Token2022(Vec<ExtensionType>),
}

impl MintKind {
    pub fn program(&self) -> Pubkey {
        match self {
            Self::Token => anchor_spl::token::ID,
            Self::Token2022(_) => anchor_spl::token_2022::ID,
        }
    }
}

/// A mint with everything issued by `authority`; extensions hold zeros.
pub fn mint_account(kind: &MintKind, authority: Pubkey, decimals: u8, supply: u64) -> Account {
    let state = Mint {
        mint_authority: COption::Some(authority),
        supply,
        decimals,
        is_initialized: true,
        freeze_authority: COption::Some(authority),
    };
    let mut data = vec![0; Mint::LEN];
    state.pack_into_slice(&mut data);
    if let MintKind::Token2022(extensions) = kind
        && !extensions.is_empty()
    {
        // Base padded to the length of an account, type of account, then an
        // entry for each extension: type, length, value.
        data.resize(TokenState::LEN, 0);
        data.push(1);
        for extension in extensions {
            data.extend(u16::from(*extension).to_le_bytes());
            let length = extension_len(*extension);
            data.extend((length as u16).to_le_bytes());
            data.resize(data.len() + length, 0);
        }
    }
    account_of(kind.program(), data)
}

/// Bytes of one extension's value.
fn extension_len(extension: ExtensionType) -> usize {
    let whole =
        ExtensionType::try_calculate_account_len::<Mint>(&[extension]).expect("a fixed-length extension");
    whole - (TokenState::LEN + 1 + 4)
}

/// A token account without extensions.
pub fn token_account(program: Pubkey, mint: Pubkey, owner: Pubkey, amount: u64, frozen: bool) -> Account {
    let state = TokenState {
        mint,
        owner,
        amount,
        state: if frozen { AccountState::Frozen } else { AccountState::Initialized },
        ..TokenState::default()
    };
    let mut data = vec![0; TokenState::LEN];
    state.pack_into_slice(&mut data);
    account_of(program, data)
}

/// Decodes a token account of either program.
pub fn read_token(account: &impl ReadableAccount) -> Option<TokenState> {
    let (owner, data) = (account.owner(), account.data());
    let is_token = *owner == anchor_spl::token::ID || *owner == anchor_spl::token_2022::ID;
    if !is_token || data.len() < TokenState::LEN {
        return None;
    }
    // Behind the base of a Token-2022 account stands its type: 2 for accounts.
    if data.get(TokenState::LEN).is_some_and(|kind| *kind != 2) {
        return None;
    }
    TokenState::unpack_unchecked(&data[..TokenState::LEN]).ok()
}

/// Decodes a mint of either program.
pub fn read_mint(account: &impl ReadableAccount) -> Option<Mint> {
    Mint::unpack_unchecked(account.data().get(..Mint::LEN)?).ok()
}
