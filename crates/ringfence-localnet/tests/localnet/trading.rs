//! Trading on it, as any client would: builders, signatures, the RPC.

use ringfence_client::Pubkey;
use ringfence_client::accounts::Position;
use ringfence_client::state::Side;
use ringfence_client::{Instruction, OpenPositionArgs, instructions, pda};
use ringfence_localnet::{Localnet, SendError};
use ringfence_testkit::{price, quote, size};
use solana_keypair::Keypair;
use solana_message::Message;
use solana_rpc_client::rpc_client::RpcClient;
use solana_signer::Signer;
use solana_transaction::Transaction;
use spl_associated_token_account_interface::address::get_associated_token_address;

use crate::support::{options, read, rpc, start, update, whole};

fn send(rpc: &RpcClient, instruction: Instruction, signer: &Keypair) {
    let message = Message::new(&[instruction], Some(&signer.pubkey()));
    let blockhash = rpc.get_latest_blockhash().expect("a blockhash");
    let transaction = Transaction::new(&[signer], message, blockhash);
    rpc.send_and_confirm_transaction(&transaction).unwrap_or_else(|error| panic!("{error:#?}"));
}

/// 10 SOL long with a margin of 200: 7.5x.
fn open(localnet: &Localnet, owner: &Keypair, id: u16) -> (Pubkey, Instruction) {
    let accounts = &localnet.markets()[0].accounts;
    let args = OpenPositionArgs {
        id,
        side: Side::Long,
        size: size("10"),
        margin: quote("200"),
        acceptable_price: price("151"),
    };
    let tokens = get_associated_token_address(&owner.pubkey(), &localnet.mint());
    let position = pda::position(&accounts.market, &owner.pubkey(), id);
    (position, instructions::open_position(accounts, owner.pubkey(), tokens, None, args))
}

#[test]
fn a_position_opens_over_the_rpc_and_a_crash_gets_it_liquidated() {
    let localnet = start(options());
    let rpc = rpc(localnet.rpc_url());
    let (trader, accounts) = (&localnet.keys().trader, &localnet.markets()[0].accounts);
    let (position, instruction) = open(&localnet, trader, 1);
    send(&rpc, instruction, trader);

    let state: Position = read(&rpc, &position);
    assert_eq!((state.owner, state.size), (trader.pubkey(), size("10")));
    // Index 150, confidence 0.015, skew impact 5 ÷ 10,000,000:
    // 10 × (150.0075 × 1.0000005) = 1500.075750…, fee 5 bp = 0.750037875 and up.
    assert!((quote("1500.07575")..=quote("1500.075751")).contains(&state.entry_notional), "{state:?}");
    assert_eq!(state.margin, quote("199.249962"));
    let vault = rpc.get_token_account_balance(&state.vault).unwrap();
    assert_eq!(vault.amount, "199249962");
    let tokens = get_associated_token_address(&trader.pubkey(), &localnet.mint());
    assert_eq!(rpc.get_token_account_balance(&tokens).unwrap().amount, "999800000000");

    localnet.crash(300_000);
    assert_eq!(update(&rpc, &accounts.oracle).price, whole(105));
    let keeper = &localnet.keys().guardian;
    let tokens = get_associated_token_address(&keeper.pubkey(), &localnet.mint());
    send(&rpc, instructions::liquidate(accounts, position, keeper.pubkey(), tokens), keeper);
    let state: Position = read(&rpc, &position);
    // It lost 450 and had 199.
    assert_eq!((state.size, state.margin), (0, 0));
}

#[test]
fn five_hundred_positions_are_set_up_within_seconds_without_the_rpc() {
    let localnet = start(options());
    let trader = &localnet.keys().trader;
    for id in 0..500 {
        let (_, instruction) = open(&localnet, trader, id);
        localnet.send(&[instruction], &[trader]).unwrap();
    }
    let rpc = rpc(localnet.rpc_url());
    let position = open(&localnet, trader, 499).0;
    assert_eq!(read::<Position>(&rpc, &position).size, size("10"));
}

#[test]
fn a_transaction_that_the_program_refuses_says_why() {
    let localnet = start(options());
    let trader = &localnet.keys().trader;
    localnet.set_price(0, whole(152));
    let (_, instruction) = open(&localnet, trader, 1);
    let error = localnet.send(&[instruction], &[trader]).unwrap_err();
    assert!(matches!(&error, SendError::Failed { logs, .. } if !logs.is_empty()), "{error:?}");
    assert!(error.to_string().contains("SlippageExceeded"), "{error}");

    let (_, instruction) = open(&localnet, trader, 1);
    let error = localnet.send(&[instruction], &[&Keypair::new()]).unwrap_err();
    assert!(matches!(error, SendError::NotSent(_)), "the trader did not sign: {error:?}");
}

#[tokio::test]
async fn an_async_test_may_call_everything() {
    let localnet = start(options());
    localnet.set_price(0, whole(149));
    let owner = Keypair::new();
    let account = localnet.airdrop(owner.pubkey(), quote("200")).unwrap();
    assert_eq!(account, get_associated_token_address(&owner.pubkey(), &localnet.mint()));
    let (_, instruction) = open(&localnet, &owner, 1);
    localnet.send(&[instruction], &[&owner]).unwrap();
    assert!(localnet.now() > 0 && localnet.slot() > 0);
    localnet.shutdown().unwrap();
}

#[test]
fn equal_transactions_in_one_slot_are_both_executed() {
    // One slot lasts longer than the test.
    let slot = std::time::Duration::from_secs(10);
    let localnet = start(ringfence_localnet::Options { slot, ..options() });
    let accrue = instructions::accrue(&localnet.markets()[0].accounts);
    let trader = &localnet.keys().trader;
    let first = localnet.send(std::slice::from_ref(&accrue), &[trader]).unwrap();
    let second = localnet.send(&[accrue], &[trader]).unwrap();
    assert_ne!(first, second);
}
