//! The wrong referral, or none where one is named, is refused at each trade;
//! and every account of a referrer's own instructions is checked.

use anchor_lang::error::ErrorCode::*;
use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::Referral;
use ringfence_client::state::Side::Long;
use ringfence_client::{
    ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, OpenPositionArgs, RingfenceError,
    instructions, pda,
};
use ringfence_testkit::{MarketId, MintKind, quote, size};
use solana_signer::Signer;

use crate::payees::payee_cases;
use crate::referrals::{Stage, fees};
use crate::support::*;

/// Tries all three trades on a position with a referral in the account list.
#[track_caller]
fn trades_refused(
    stage: &mut Stage,
    what: &str,
    position: Pubkey,
    referral: Option<Pubkey>,
    refusal: Refusal,
) {
    let Stage { world, market, alice, .. } = stage;
    let (accounts, tokens) = (world.markets[market.0].accounts, world.tokens_of(*market, alice));
    let args = IncreasePositionArgs { size: size("1"), margin: quote("20"), acceptable_price: u64::MAX };
    let increase =
        instructions::increase_position(&accounts, position, alice.pubkey(), tokens, referral, args);
    let args = DecreasePositionArgs { size: size("1"), acceptable_price: 0 };
    let decrease = instructions::decrease_position(&accounts, position, alice.pubkey(), referral, args);
    let args = ClosePositionArgs { acceptable_price: 0 };
    let close = instructions::close_position(&accounts, position, alice.pubkey(), tokens, referral, args);
    for instruction in [increase, decrease, close] {
        let before = snapshot(world);
        refused(what, world.send(&[instruction], &[&alice.key]), refusal.clone());
        assert!(snapshot(world) == before, "{what}");
    }
}

/// A referral of Rita's in another market of the same mint, and one of Ron's in
/// this one.
fn others(stage: &mut Stage) -> (MarketId, Pubkey, Pubkey) {
    let Stage { world, market, rita, .. } = stage;
    let mint = world.markets[market.0].accounts.collateral_mint;
    let elsewhere = world.market("BTC-PERP").price("100").mint_key(mint, MintKind::Token);
    let elsewhere = elsewhere.liquidity(1_000).params(fees).build();
    let foreign = passes("elsewhere", world.create_referral(elsewhere, rita));
    let ron = world.trader(0);
    let rons = passes("Ron's", world.create_referral(*market, &ron));
    (elsewhere, foreign, rons)
}

#[test]
fn a_position_that_names_one_takes_no_other() {
    let (mut stage, position) = Stage::opened();
    let (_, foreign, rons) = others(&mut stage);
    let wrong = || Refusal::from(RingfenceError::WrongReferral);
    trades_refused(&mut stage, "none", position, None, wrong());
    trades_refused(&mut stage, "another's", position, Some(rons), wrong());
    trades_refused(&mut stage, "of another market", position, Some(foreign), wrong());
    let copy = forged(&mut stage.world, stage.referral);
    trades_refused(&mut stage, "a forged one", position, Some(copy), AccountOwnedByWrongProgram.into());
    let market = stage.world.market_key(stage.market);
    trades_refused(&mut stage, "the position", position, Some(position), AccountDiscriminatorMismatch.into());
    trades_refused(&mut stage, "the market", position, Some(market), AccountDiscriminatorMismatch.into());
}

#[test]
fn a_position_that_names_none_takes_none() {
    let mut stage = Stage::new();
    let Stage { world, market, alice, referral, .. } = &mut stage;
    let position = world.open(*market, alice, 0, Long, size("10"), quote("300")).unwrap();
    let referral = *referral;
    let (_, foreign, rons) = others(&mut stage);
    for (what, key) in [("one", referral), ("another", rons), ("of another market", foreign)] {
        trades_refused(&mut stage, what, position, Some(key), RingfenceError::WrongReferral.into());
    }
}

#[test]
fn a_position_opens_with_a_referral_of_its_market_only() {
    let mut stage = Stage::new();
    let (elsewhere, foreign, _) = others(&mut stage);
    let Stage { world, market, alice, referral, .. } = &mut stage;
    let (market, accounts) = (*market, world.markets[market.0].accounts);
    let tokens = world.tokens_of(market, alice);
    let args = OpenPositionArgs {
        id: 0,
        side: Long,
        size: size("10"),
        margin: quote("300"),
        acceptable_price: u64::MAX,
    };
    let mut attempt = |referral| {
        let open = instructions::open_position(&accounts, alice.pubkey(), tokens, Some(referral), args);
        probe(world, &open, &[&alice.key])
    };
    refused("of another market", attempt(foreign), RingfenceError::WrongReferral);
    refused("a market", attempt(pda::market(1)), AccountDiscriminatorMismatch);
    refused("nothing", attempt(pda::referral(&accounts.market, &tokens)), AccountOwnedByWrongProgram);
    passes("its own", attempt(*referral));
    let copy = forged(world, *referral);
    let open = instructions::open_position(&accounts, alice.pubkey(), tokens, Some(copy), args);
    refused("a forged one", world.send(&[open], &[&alice.key]), AccountOwnedByWrongProgram);
    // nor can it be read-only
    let mut open = instructions::open_position(&accounts, alice.pubkey(), tokens, Some(*referral), args);
    open.accounts[5].is_writable = false;
    refused("a read-only one", world.send(&[open], &[&alice.key]), ConstraintMut);
    assert_eq!(world.market_state(elsewhere).referral_fees, 0);
    balanced(world);
}

#[test]
fn a_referral_of_an_unknown_layout_is_left_alone() {
    let (mut stage, position) = Stage::opened();
    let referral = stage.referral;
    for version in [0, 2] {
        stage.world.edit::<Referral>(&referral, |ledger| ledger.version = version);
        trades_refused(
            &mut stage,
            "trade",
            position,
            Some(referral),
            RingfenceError::UnsupportedVersion.into(),
        );
        let Stage { world, market, alice, rita, .. } = &mut stage;
        let result = world.claim_referral_fees(*market, rita);
        refused("claim", result, RingfenceError::UnsupportedVersion);
        let result = world.open_referred(*market, alice, 1, Long, size("1"), quote("50"), referral);
        refused("open", result, RingfenceError::UnsupportedVersion);
    }
}

#[test]
fn a_settled_close_needs_no_referral() {
    // there is no fee to share
    let (mut stage, position) = Stage::opened();
    settle_at(&mut stage.world, stage.market, "100.5");
    let Stage { world, market, alice, .. } = &mut stage;
    let (accounts, tokens) = (world.markets[market.0].accounts, world.tokens_of(*market, alice));
    let args = ClosePositionArgs { acceptable_price: 0 };
    let close = instructions::close_position(&accounts, position, alice.pubkey(), tokens, None, args);
    passes("close", world.send(&[close], &[&alice.key]));
    balanced(world);
}

#[test]
fn every_account_of_create_referral_is_checked() {
    let Stage { mut world, market, alice, rita, referral } = Stage::new();
    let key = world.market_key(market);
    let other = world.market("BTC-PERP").build();
    let forged_market = forged(&mut world, key);
    let nothing = world.new_key().pubkey();
    let cases = vec![
        replaced("another referrer", 0, rita.pubkey(), ConstraintSeeds),
        unsigned("no signature", 0),
        read_only_init("a read-only referrer", 0),
        replaced("another market", 1, world.market_key(other), ConstraintSeeds),
        replaced("the exchange for a market", 1, pda::exchange(), AccountDiscriminatorMismatch),
        replaced("a forged market", 1, forged_market, AccountOwnedByWrongProgram),
        read_only("a read-only market", 1),
        replaced("another's referral", 2, referral, ConstraintSeeds),
        replaced("any address", 2, nothing, ConstraintSeeds),
        read_only_init("a read-only referral", 2),
        replaced("another system program", 3, anchor_spl::token::ID, InvalidProgramId),
    ];
    let instruction = instructions::create_referral(key, alice.pubkey());
    let cases: Vec<_> = cases.into_iter().chain(event_cases(4, nothing)).collect();
    check_substitutions(&mut world, &instruction, &[&alice.key, &rita.key], cases);
}

#[test]
fn every_account_of_claim_referral_fees_is_checked() {
    let (mut stage, _) = Stage::opened();
    let (elsewhere, foreign, rons) = others(&mut stage);
    let Stage { mut world, market, alice, rita, referral } = stage;
    let (accounts, others) = (world.markets[market.0].accounts, world.markets[elsewhere.0].accounts);
    let alices = world.tokens_of(market, &alice);
    let (forged_market, forged_referral) =
        (forged(&mut world, accounts.market), forged(&mut world, referral));
    let nothing = world.new_key().pubkey();
    let whole_other = [(2, others.market), (4, others.pool_vault)];
    let cases = vec![
        replaced("another referrer", 0, alice.pubkey(), RingfenceError::WrongPayee),
        read_only("a read-only referrer", 0),
        replaced("another market", 2, others.market, RingfenceError::WrongPoolVault),
        replaced_all("another market with its vault", &whole_other, RingfenceError::WrongReferral),
        replaced("a forged market", 2, forged_market, AccountOwnedByWrongProgram),
        replaced("a referral for a market", 2, rons, AccountDiscriminatorMismatch),
        read_only("a read-only market", 2),
        replaced("another's referral", 3, rons, RingfenceError::WrongPayee),
        replaced("hers of another market", 3, foreign, RingfenceError::WrongReferral),
        replaced("a forged referral", 3, forged_referral, AccountOwnedByWrongProgram),
        replaced("a market for a referral", 3, others.market, AccountDiscriminatorMismatch),
        replaced("no referral", 3, nothing, AccountOwnedByWrongProgram),
        read_only("a read-only referral", 3),
        replaced("another market's vault", 4, others.pool_vault, RingfenceError::WrongPoolVault),
        replaced("Alice's tokens for the vault", 4, alices, RingfenceError::WrongPoolVault),
        read_only("a read-only vault", 4),
        replaced("the other token program", 5, anchor_spl::token_2022::ID, RingfenceError::WrongTokenProgram),
        replaced("no token program", 5, anchor_lang::system_program::ID, InvalidProgramId),
    ];
    let payees = payee_cases(&mut world, accounts.collateral_mint, rita.pubkey(), 1);
    let instruction = world.claim_referral_fees_ix(market, &rita);
    let cases: Vec<_> = cases.into_iter().chain(payees).chain(event_cases(6, nothing)).collect();
    check_substitutions(&mut world, &instruction, &[], cases);
}
