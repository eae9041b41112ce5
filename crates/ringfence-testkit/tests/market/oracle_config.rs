//! The program's hard bounds of OracleConfig: at each limit and one beyond.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token;
use ringfence_client::state::OracleConfig;
use ringfence_client::{CreateMarketArgs, RingfenceError};
use ringfence_testkit::{MintKind, World};
use solana_signer::Signer;

use crate::support::*;

struct Scene {
    world: World,
    mint: Pubkey,
    account: Pubkey,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new();
        let mint = world.create_mint(&MintKind::Token, 6);
        let account = world.new_key().pubkey();
        Self { world, mint, account }
    }

    fn attempt(
        &mut self,
        change: impl FnOnce(&mut OracleConfig),
    ) -> Result<ringfence_testkit::Receipt, ringfence_testkit::Failure> {
        let mut args: CreateMarketArgs = market_args([9; 32], self.account);
        change(&mut args.oracle);
        create(&mut self.world, self.mint, token::ID, args)
    }
}

/// Ages (open, reduce, liquidate) and what becomes of them.
#[test]
fn ages_widen_from_opening_to_liquidation_up_to_ten_minutes() {
    let mut scene = Scene::new();
    let mut ages = |open, reduce, liquidate| {
        scene.attempt(|oracle| {
            (oracle.max_age_open, oracle.max_age_reduce, oracle.max_age_liquidate) =
                (open, reduce, liquidate);
        })
    };
    for (open, reduce, liquidate) in [(1, 1, 1), (60, 60, 60), (600, 600, 600), (1, 300, 600)] {
        passes(&format!("{open}, {reduce}, {liquidate}"), ages(open, reduce, liquidate));
    }
    for (open, reduce, liquidate) in [
        (0, 120, 300),
        (121, 120, 300),
        (60, 301, 300),
        (60, 59, 300),
        (60, 120, 119),
        (60, 120, 601),
        (60, 601, 601),
        (601, 601, 601),
        (60, 120, u32::MAX),
    ] {
        let result = ages(open, reduce, liquidate);
        refused(&format!("{open}, {reduce}, {liquidate}"), result, RingfenceError::ParameterOutOfBounds);
    }
}

#[test]
fn confidence_limits_widen_from_opening_to_liquidation_up_to_ten_percent() {
    let mut scene = Scene::new();
    let mut widths = |open, reduce, liquidate| {
        scene.attempt(|oracle| {
            oracle.max_confidence_open_ppm = open;
            oracle.max_confidence_ppm = reduce;
            oracle.max_confidence_liquidate_ppm = liquidate;
        })
    };
    for (open, reduce, liquidate) in
        [(1, 1, 1), (5_000, 5_000, 5_000), (100_000, 100_000, 100_000), (1, 2, 100_000)]
    {
        passes(&format!("{open}, {reduce}, {liquidate}"), widths(open, reduce, liquidate));
    }
    for (open, reduce, liquidate) in [
        (0, 10_000, 20_000),
        (10_001, 10_000, 20_000),
        (5_000, 4_999, 20_000),
        (5_000, 20_001, 20_000),
        (5_000, 10_000, 9_999),
        (5_000, 10_000, 100_001),
        (5_000, 100_001, 100_001),
        (100_001, 100_001, 100_001),
        (5_000, 10_000, u32::MAX),
    ] {
        let result = widths(open, reduce, liquidate);
        refused(&format!("{open}, {reduce}, {liquidate}"), result, RingfenceError::ParameterOutOfBounds);
    }
}

#[test]
fn a_price_may_be_ninety_percent_from_its_average_at_most() {
    let mut scene = Scene::new();
    let mut divergence = |ppm| scene.attempt(|oracle| oracle.max_divergence_ppm = ppm);
    for within in [1, 900_000] {
        passes(&format!("{within}"), divergence(within));
    }
    for beyond in [0, 900_001, u32::MAX] {
        refused(&format!("{beyond}"), divergence(beyond), RingfenceError::ParameterOutOfBounds);
    }
}

#[test]
fn a_feed_has_a_known_kind_an_id_and_no_reserved_bytes() {
    let mut scene = Scene::new();
    for kind in [2, 255] {
        let result = scene.attempt(|oracle| oracle.kind = kind);
        refused("an unknown kind", result, RingfenceError::InvalidEnumValue);
    }
    let out = RingfenceError::ParameterOutOfBounds;
    refused("no feed", scene.attempt(|oracle| oracle.feed_id = [0; 32]), out);
    for byte in 0..3 {
        refused("a reserved byte", scene.attempt(|oracle| oracle.reserved[byte] = 1), out);
    }
}

#[test]
fn a_pull_feed_may_be_pinned_or_not() {
    let mut scene = Scene::new();
    passes("pinned", scene.attempt(|_| ()));
    passes("not pinned", scene.attempt(|oracle| oracle.account = Pubkey::default()));
}

#[test]
fn a_push_feed_is_pinned_to_the_account_that_its_id_names() {
    let mut scene = Scene::new();
    let account = scene.account;
    let mut push = |feed_id: [u8; 32], account: Pubkey| {
        scene.attempt(|oracle| (oracle.kind, oracle.feed_id, oracle.account) = (1, feed_id, account))
    };
    passes("pinned", push(account.to_bytes(), account));
    let refusal = RingfenceError::OracleNotPinned;
    refused("not pinned", push(account.to_bytes(), Pubkey::default()), refusal);
    refused("another feed's id", push([9; 32], account), refusal);
    refused("neither", push([0; 32], Pubkey::default()), refusal);
}
