//! Any instruction data, on accounts of the kinds that instructions ask for:
//! the program answers with an error. Off chain there is no clock and no CPI,
//! so nothing gets past the first of them; what is fuzzed is dispatch, the
//! decoding of arguments, and the checks of accounts.
#![no_main]

use anchor_lang::Discriminator;
use anchor_lang::prelude::{AccountInfo, Pubkey};
use libfuzzer_sys::fuzz_target;
use ringfence::state::{Exchange, LiquidityDeposit, Market, Order, ParamsProposal, Position, Referral};

/// An account as one byte of the input wants it.
struct Made {
    key: Pubkey,
    owner: Pubkey,
    lamports: u64,
    data: Vec<u8>,
    flags: u8,
}

fn of_ours<T: Discriminator>(fill: &[u8]) -> Vec<u8> {
    let mut data = T::DISCRIMINATOR.to_vec();
    data.extend(fill.iter().chain(std::iter::repeat(&0)).take(size_of::<T>()));
    // a present layout, so that more than the version is reached
    data[8] = if fill.first().is_some_and(|byte| byte & 1 == 0) { 2 } else { 1 };
    data
}

fn made(kind: u8, number: u8, fill: &[u8]) -> Made {
    let token = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
    let (owner, data) = match kind & 0x0f {
        0 => (ringfence::ID, of_ours::<Exchange>(fill)),
        1 | 2 => (ringfence::ID, of_ours::<Market>(fill)),
        3 => (ringfence::ID, of_ours::<Position>(fill)),
        4 => (ringfence::ID, of_ours::<Order>(fill)),
        5 => (ringfence::ID, of_ours::<LiquidityDeposit>(fill)),
        6 => (ringfence::ID, of_ours::<ParamsProposal>(fill)),
        7 => (ringfence::ID, of_ours::<Referral>(fill)),
        8 | 9 => {
            // a token account: mint, owner, amount, no options, initialized
            let mut data = vec![0; 165];
            data[108] = 1;
            (token, data)
        }
        10 => {
            let mut data = vec![0; 82];
            data[45] = 1;
            (token, data)
        }
        11 => (Pubkey::default(), Vec::new()),
        _ => (Pubkey::default(), fill.to_vec()),
    };
    let key = match kind & 0x0f {
        12 => token,
        13 => ringfence::ID,
        14 => Pubkey::default(),
        // few keys, so that accounts can name each other
        _ => Pubkey::new_from_array([number % 4; 32]),
    };
    Made { key, owner, lamports: 10_000_000, data, flags: kind >> 4 }
}

fuzz_target!(|input: &[u8]| {
    let Some((&count, rest)) = input.split_first() else {
        return;
    };
    let count = usize::from(count % 16);
    if rest.len() < count {
        return;
    }
    let (kinds, data) = rest.split_at(count);
    let mut all: Vec<Made> =
        (0u8..).zip(kinds).map(|(number, &kind)| made(kind, number, &data[data.len() / 2..])).collect();
    let accounts: Vec<AccountInfo> = all
        .iter_mut()
        .map(|made| {
            let (signs, writes, runs) = (made.flags & 1 > 0, made.flags & 2 > 0, made.flags & 4 > 0);
            AccountInfo::new(&made.key, signs, writes, &mut made.lamports, &mut made.data, &made.owner, runs)
        })
        .collect();
    // SAFETY: nothing that the program is given outlives the call, and it keeps nothing.
    let accounts: &[AccountInfo] =
        unsafe { std::slice::from_raw_parts(accounts.as_ptr().cast(), accounts.len()) };
    let _ = ringfence::entry(&ringfence::ID, accounts, data);
});
