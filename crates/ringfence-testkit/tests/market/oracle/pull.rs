//! PriceUpdateV2 accounts that are not what a market wants.

use anchor_lang::prelude::Pubkey;
use anchor_lang::system_program;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use ringfence_client::state::OracleKind;
use ringfence_client::{PROGRAM_ID, RingfenceError};
use ringfence_testkit::pyth::{
    self, PUSH_PROGRAM, RECEIVER, Verification, account_of, pull_update, push_account,
};
use solana_account::Account;

use super::{Scene, Source};

fn on_pull(mut test: impl FnMut(&mut Scene)) {
    for source in [Source::PinnedPull, Source::AnyPull] {
        println!("{source:?}");
        test(&mut Scene::new(source));
    }
}

fn feed_id(scene: &Scene) -> [u8; 32] {
    scene.world.markets[scene.market.0].feed_id
}

/// A sound update, as bytes.
fn update(scene: &Scene, verification: Verification) -> Vec<u8> {
    pull_update(&feed_id(scene), verification, &scene.sound())
}

#[test]
fn only_the_pyth_receiver_owns_updates() {
    on_pull(|scene| {
        let data = update(scene, Verification::Full);
        scene.write(account_of(RECEIVER, data.clone()));
        scene.accepts("the receiver");
        for owner in [PUSH_PROGRAM, PROGRAM_ID, system_program::ID, Pubkey::new_from_array([9; 32])] {
            scene.write(account_of(owner, data.clone()));
            scene.refuses(&format!("owned by {owner}"), RingfenceError::OracleWrongOwner);
        }
    });
}

#[test]
fn an_account_that_does_not_exist_has_no_price() {
    on_pull(|scene| {
        scene.write(Account::default());
        scene.refuses("nothing", RingfenceError::OracleWrongOwner);
        scene.write(account_of(RECEIVER, vec![]));
        scene.refuses("no data", RingfenceError::OracleMalformed);
    });
}

#[test]
fn updates_are_fully_verified() {
    on_pull(|scene| {
        for signatures in [0, 1, 5, 13, 19, 255] {
            let data = update(scene, Verification::Partial(signatures));
            scene.write(account_of(RECEIVER, data));
            scene.refuses(&format!("{signatures} signatures"), RingfenceError::OracleNotFullyVerified);
        }
    });
}

#[test]
fn updates_are_of_the_markets_feed() {
    on_pull(|scene| {
        for byte in [0, 31] {
            let mut other = feed_id(scene);
            other[byte] ^= 1;
            let data = pull_update(&other, Verification::Full, &scene.sound());
            scene.write(account_of(RECEIVER, data));
            scene.refuses("another feed", RingfenceError::OracleWrongFeed);
        }
    });
}

#[test]
fn what_does_not_decode_has_no_price() {
    on_pull(|scene| {
        let sound = update(scene, Verification::Full);
        // A Full update takes 133 bytes; the 134th is padding.
        for length in [1, 7, 8, 40, 41, 73, 100, 132] {
            scene.write(account_of(RECEIVER, sound[..length].to_vec()));
            scene.refuses(&format!("{length} bytes"), RingfenceError::OracleMalformed);
        }
        scene.write(account_of(RECEIVER, sound[..133].to_vec()));
        scene.accepts("133 bytes");
        for byte in 0..8 {
            let mut data = sound.clone();
            data[byte] ^= 1;
            scene.write(account_of(RECEIVER, data));
            scene.refuses("another discriminator", RingfenceError::OracleMalformed);
        }
        for level in [2, 255] {
            let mut data = sound.clone();
            data[40] = level;
            scene.write(account_of(RECEIVER, data));
            scene.refuses("an unknown level", RingfenceError::OracleMalformed);
        }
        let mut garbage = vec![0; 134];
        StdRng::seed_from_u64(1).fill_bytes(&mut garbage);
        scene.write(account_of(RECEIVER, garbage));
        scene.refuses("garbage", RingfenceError::OracleMalformed);
        scene.write(account_of(RECEIVER, push_account(pyth::TRADING, &scene.sound())));
        scene.refuses("a push account", RingfenceError::OracleMalformed);
    });
}

/// A sound update of the market's feed at another address.
fn elsewhere(scene: &mut Scene) {
    let key = scene.new_key();
    let account = pyth::account(OracleKind::PythPull, &feed_id(scene), &scene.sound());
    scene.read_from(key);
    scene.write(account);
}

#[test]
fn a_pinned_market_reads_its_own_account_alone() {
    let mut scene = Scene::new(Source::PinnedPull);
    elsewhere(&mut scene);
    scene.refuses("the same feed elsewhere", RingfenceError::OracleWrongAccount);
}

#[test]
fn a_market_that_is_not_pinned_reads_any_update_of_its_feed() {
    let mut scene = Scene::new(Source::AnyPull);
    elsewhere(&mut scene);
    scene.accepts("the same feed elsewhere");
}
