//! Every instruction of the IDL has a builder, and what it builds is, account
//! by account and byte by byte, what Anchor's own types make.

mod governance;
mod orders;
mod trading;

use anchor_lang::{InstructionData, ToAccountMetas};
use ringfence_client::instructions as ix;
use ringfence_client::state::{MarketParams, OracleConfig};
use ringfence_client::{Instruction, MarketAccounts, Pubkey, pda};

/// Number of a position or deposit, and of a market.
const ID: u16 = 0x1234;
const INDEX: u16 = 0x5678;

struct Pair {
    name: &'static str,
    ours: Instruction,
    theirs: Instruction,
}

fn pair(
    name: &'static str,
    ours: Instruction,
    accounts: &impl ToAccountMetas,
    data: &impl InstructionData,
) -> Pair {
    let accounts = accounts.to_account_metas(None);
    Pair { name, ours, theirs: Instruction { program_id: ringfence::ID, accounts, data: data.data() } }
}

/// A key that only this account has.
fn key(name: &str) -> Pubkey {
    let mut bytes = [b'.'; 32];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    Pubkey::new_from_array(bytes)
}

fn market() -> MarketAccounts {
    MarketAccounts {
        market: key("market"),
        collateral_mint: key("collateral_mint"),
        pool_vault: key("pool_vault"),
        lp_mint: key("lp_mint"),
        token_program: key("token_program"),
        oracle: key("oracle"),
    }
}

fn opened() -> Pubkey {
    pda::position(&key("market"), &key("owner"), ID)
}

/// Every byte another one, so that no two fields can be exchanged.
fn numbered<T: bytemuck::Pod>(first: u8) -> T {
    let bytes: Vec<u8> = (0..size_of::<T>()).map(|at| first.wrapping_add(at as u8)).collect();
    bytemuck::pod_read_unaligned(&bytes)
}

fn params() -> MarketParams {
    numbered(1)
}

fn oracle() -> OracleConfig {
    numbered(101)
}

fn pairs() -> Vec<Pair> {
    governance::pairs().into_iter().chain(trading::pairs()).chain(orders::pairs()).collect()
}

#[test]
fn every_instruction_of_the_idl_has_a_builder_like_anchors() {
    let pairs = pairs();
    let mut names: Vec<_> = pairs.iter().map(|pair| pair.name).collect();
    names.sort_unstable();
    assert_eq!(super::listed("instructions"), names);
    for Pair { name, ours, theirs } in pairs {
        assert_eq!(ours, theirs, "{name}");
    }
}

/// Signers and writable accounts are also those of the IDL, in its order.
#[test]
fn accounts_are_those_of_the_idl() {
    let idl = super::idl();
    for pair in pairs() {
        let mut all = idl["instructions"].as_array().expect("a list").iter();
        let entry = all.find(|entry| entry["name"] == pair.name).expect("in the IDL");
        let listed = entry["accounts"].as_array().expect("a list");
        assert_eq!(listed.len(), pair.ours.accounts.len(), "{}", pair.name);
        for (account, meta) in listed.iter().zip(&pair.ours.accounts) {
            let is = |what: &str| account[what].as_bool().unwrap_or(false);
            assert_eq!((meta.is_signer, meta.is_writable), (is("signer"), is("writable")), "{account}");
        }
    }
}

/// A referral that a position does not have is the program's own address.
#[test]
fn an_account_left_out_is_the_programs_address() {
    let (market, position, owner, account) =
        (market(), key("position"), key("owner"), key("owner_token_account"));
    let args = ringfence_client::ClosePositionArgs { acceptable_price: 7 };
    let ours = ix::close_position(&market, position, owner, account, None, args);
    let theirs = ringfence::accounts::ClosePosition {
        owner,
        owner_token_account: account,
        market: market.market,
        position,
        position_vault: pda::position_vault(&position),
        referral: None,
        pool_vault: market.pool_vault,
        oracle: market.oracle,
        token_program: market.token_program,
        event_authority: pda::event_authority(),
        program: ringfence::ID,
    };
    assert_eq!(ours.accounts, theirs.to_account_metas(None));
    assert_eq!(ours.accounts[5].pubkey, ringfence::ID);
    assert!(!ours.accounts[5].is_writable);
}
