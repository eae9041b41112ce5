//! Legacy price accounts that are not what a market wants.

use anchor_lang::prelude::Pubkey;
use anchor_lang::system_program;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use ringfence_client::{PROGRAM_ID, RingfenceError};
use ringfence_testkit::pyth::{
    PUSH_PROGRAM, RECEIVER, TRADING, Verification, account_of, pull_update, push_account,
};
use solana_account::Account;

use super::{Scene, Source};

const DEVNET_PROGRAM: Pubkey = Pubkey::from_str_const("gSbePebfvPy7tRqimPoVecS2UsBvYv46ynrzWocc92s");

fn scene() -> (Scene, Vec<u8>) {
    let scene = Scene::new(Source::Push);
    let data = push_account(TRADING, &scene.sound());
    (scene, data)
}

#[test]
fn only_the_pyth_oracle_programs_own_price_accounts() {
    let (mut scene, data) = scene();
    for owner in [PUSH_PROGRAM, DEVNET_PROGRAM] {
        scene.write(account_of(owner, data.clone()));
        scene.accepts(&format!("owned by {owner}"));
    }
    for owner in [RECEIVER, PROGRAM_ID, system_program::ID, Pubkey::new_from_array([9; 32])] {
        scene.write(account_of(owner, data.clone()));
        scene.refuses(&format!("owned by {owner}"), RingfenceError::OracleWrongOwner);
    }
}

#[test]
fn an_account_that_does_not_exist_has_no_price() {
    let (mut scene, _) = scene();
    scene.write(Account::default());
    scene.refuses("nothing", RingfenceError::OracleWrongOwner);
    scene.write(account_of(PUSH_PROGRAM, vec![]));
    scene.refuses("no data", RingfenceError::OracleMalformed);
}

#[test]
fn a_feed_that_is_not_trading_has_no_price() {
    let (mut scene, _) = scene();
    // Unknown, halted, auction, ignored, and bytes that mean nothing.
    for status in [0, 2, 3, 4, 5, 9, 17, 33, 65, 129, 255] {
        let data = push_account(status, &scene.sound());
        scene.write(account_of(PUSH_PROGRAM, data));
        scene.refuses(&format!("status {status}"), RingfenceError::OracleNotTrading);
    }
}

#[test]
fn what_is_no_price_account_has_no_price() {
    let (mut scene, sound) = scene();
    // Offset, value, what it is: magic, version, account type, price type.
    let fields = [
        (0, 0xa1b2_c3d5u32, "magic"),
        (0, 0, "no magic"),
        (4, 1, "version 1"),
        (4, 3, "version 3"),
        (8, 0, "account of no type"),
        (8, 1, "mapping account"),
        (8, 2, "product account"),
        (8, 4, "account of another type"),
        (16, 0, "price of no type"),
        // Numbers that share bits with the right one, 1.
        (16, 2, "price type 2"),
        (16, 3, "price type 3"),
        (16, 129, "price type 129"),
    ];
    for (offset, value, what) in fields {
        let mut data = sound.clone();
        data[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
        scene.write(account_of(PUSH_PROGRAM, data));
        scene.refuses(what, RingfenceError::OracleMalformed);
    }
    let mut garbage = vec![0; 3_312];
    StdRng::seed_from_u64(1).fill_bytes(&mut garbage);
    scene.write(account_of(PUSH_PROGRAM, garbage));
    scene.refuses("garbage", RingfenceError::OracleMalformed);
    let update = pull_update(&[9; 32], Verification::Full, &scene.sound());
    scene.write(account_of(PUSH_PROGRAM, update));
    scene.refuses("a pull update", RingfenceError::OracleMalformed);
}

#[test]
fn a_price_account_is_whole() {
    let (mut scene, sound) = scene();
    for length in [1, 8, 16, 240, 3_311] {
        scene.write(account_of(PUSH_PROGRAM, sound[..length].to_vec()));
        scene.refuses(&format!("{length} bytes"), RingfenceError::OracleMalformed);
    }
    // Pythnet's accounts are longer: room for 128 publishers.
    let mut long = sound;
    long.resize(12_576, 0);
    scene.write(account_of(PUSH_PROGRAM, long));
    scene.accepts("12,576 bytes");
}

#[test]
fn a_market_reads_its_own_account_alone() {
    let (mut scene, data) = scene();
    let key = scene.new_key();
    scene.read_from(key);
    scene.write(account_of(PUSH_PROGRAM, data));
    scene.refuses("another account", RingfenceError::OracleWrongAccount);
}
