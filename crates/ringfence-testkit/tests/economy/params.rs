//! Parameters: proposed by the admin, applied by anyone after the timelock,
//! cancelled by admin or guardian.

use ringfence_client::event::{ParamsApplied, ParamsCancelled, ParamsProposed};
use ringfence_client::events::Event;
use ringfence_client::state::AcceptedPrice;
use ringfence_client::state::Side::Long;
use ringfence_client::{ProposeParamsArgs, RingfenceError, instructions};
use ringfence_testkit::{Feed, MarketId, World, price, quote, size};
use solana_signer::Signer;

use crate::support::*;

/// The exchange's timelock.
const TIMELOCK: i64 = 86_400;

/// A market with a proposal of 0.2 % to open.
fn proposed() -> (World, MarketId) {
    let (mut world, market) = calm();
    passes("propose", world.propose_params(market, |params, _| params.open_fee_ppm = 2_000));
    (world, market)
}

#[test]
fn a_proposal_waits_and_then_anyone_applies_it() {
    let (mut world, market) = calm();
    let (admin, key) = (world.admin.pubkey(), world.market_key(market));
    let rich = lamports(&world, admin);
    let before = world.market_state(market);
    let mut params = before.params;
    params.open_fee_ppm = 2_000;
    params.initial_margin_ppm = 60_000;
    let receipt = passes("propose", world.propose_params(market, |new, _| *new = params));
    let eta = world.now() + TIMELOCK;
    let oracle = before.oracle;
    let event = ParamsProposed { market: key, proposer: admin, eta, params, oracle };
    assert_events(&receipt, &[Event::ParamsProposed(event)]);
    let proposal = world.proposal(market).expect("a proposal");
    assert_eq!((proposal.market, proposal.proposer, proposal.eta), (key, admin, eta));
    assert_eq!((proposal.params, proposal.oracle), (params, oracle));
    assert!(lamports(&world, admin) < rich, "the admin pays the rent");
    assert_eq!(world.market_state(market).params, before.params, "nothing has changed yet");

    world.warp(TIMELOCK - 1);
    refused("a second early", world.apply_params(market), RingfenceError::TimelockNotElapsed);
    world.warp(1);
    let receipt = passes("apply", world.apply_params(market));
    assert_events(&receipt, &[Event::ParamsApplied(ParamsApplied { market: key, params, oracle })]);
    assert_eq!(world.market_state(market).params, params);
    assert!(world.proposal(market).is_none());
    assert_eq!(lamports(&world, admin), rich, "the rent is home");
    balanced(&world);
}

#[test]
fn a_proposal_does_not_expire_and_is_applied_once() {
    let (mut world, market) = proposed();
    world.warp(YEAR);
    passes("apply", world.apply_params(market));
    let again = world.apply_params(market);
    refused("twice", again, anchor_lang::error::ErrorCode::AccountOwnedByWrongProgram);
}

#[test]
fn admin_and_guardian_cancel_and_the_rent_goes_home() {
    for guardian in [false, true] {
        let (mut world, market) = calm();
        let rich = lamports(&world, world.admin.pubkey());
        passes("propose", world.propose_params(market, |params, _| params.open_fee_ppm = 2_000));
        let authority = if guardian { world.guardian.insecure_clone() } else { world.admin.insecure_clone() };
        let receipt = passes("cancel", world.cancel_params(market, &authority));
        let event = ParamsCancelled { market: world.market_key(market), authority: authority.pubkey() };
        assert_events(&receipt, &[Event::ParamsCancelled(event)]);
        assert_eq!(lamports(&world, world.admin.pubkey()), rich);
        assert!(world.proposal(market).is_none());
        world.warp(TIMELOCK);
        let late = world.apply_params(market);
        refused("cancelled", late, anchor_lang::error::ErrorCode::AccountOwnedByWrongProgram);
        assert_eq!(world.market_state(market).params.open_fee_ppm, 0);
        // and the next one can be proposed
        passes("propose", world.propose_params(market, |params, _| params.open_fee_ppm = 3_000));
    }
}

#[test]
fn strangers_neither_propose_nor_cancel() {
    let (mut world, market) = proposed();
    let stranger = world.new_key();
    world.fund(stranger.pubkey());
    for key in [stranger, world.treasury.insecure_clone()] {
        let result = world.cancel_params(market, &key);
        refused("cancel", result, RingfenceError::NotAdminOrGuardian);
    }
    let other = world.market("BTC-PERP").build();
    let state = world.market_state(other);
    let args = ProposeParamsArgs { params: state.params, oracle: state.oracle };
    for key in [world.guardian.insecure_clone(), world.treasury.insecure_clone()] {
        let propose = instructions::propose_params(key.pubkey(), world.market_key(other), args);
        refused("propose", world.send(&[propose], &[&key]), RingfenceError::NotAdmin);
    }
}

#[test]
fn a_second_proposal_waits_for_the_first() {
    let (mut world, market) = proposed();
    // the system program: the account is already in use
    let result = world.propose_params(market, |params, _| params.open_fee_ppm = 1);
    refused("another", result, 0);
    assert_eq!(world.proposal(market).unwrap().params.open_fee_ppm, 2_000);
}

#[test]
fn no_proposal_leaves_the_programs_bounds() {
    let (mut world, market) = calm();
    type Change = fn(&mut ringfence_client::state::MarketParams, &mut ringfence_client::state::OracleConfig);
    let cases: [(&str, Change, RingfenceError); 13] = [
        ("initial margin", |p, _| p.initial_margin_ppm = 1_000_001, RingfenceError::ParameterOutOfBounds),
        ("maintenance", |p, _| p.maintenance_margin_ppm = 999, RingfenceError::ParameterOutOfBounds),
        // 2.5 % + 2.5 % is not below 5 %
        ("fee", |p, _| p.liquidation_fee_ppm = 25_000, RingfenceError::ParameterOutOfBounds),
        ("open fee", |p, _| p.open_fee_ppm = 10_001, RingfenceError::ParameterOutOfBounds),
        (
            "close fee",
            |p, _| (p.close_fee_ppm, p.liquidation_fee_ppm) = (10_001, 22_000),
            RingfenceError::ParameterOutOfBounds,
        ),
        // half of the liquidation fee of 1 % is the keeper's
        ("what is not the keeper's", |p, _| p.close_fee_ppm = 5_001, RingfenceError::ParameterOutOfBounds),
        ("reserve", |p, _| p.reserve_factor_ppm = 49_999, RingfenceError::ParameterOutOfBounds),
        ("funding", |p, _| p.max_funding_rate_ppm = 1_000_001, RingfenceError::ParameterOutOfBounds),
        ("borrow", |p, _| p.borrow_base_ppm = 10_000_001, RingfenceError::ParameterOutOfBounds),
        ("skew scale", |p, _| p.skew_scale = 0, RingfenceError::ParameterOutOfBounds),
        ("feed", |_, o| o.feed_id = [0; 32], RingfenceError::ParameterOutOfBounds),
        ("kind", |_, o| o.kind = 2, RingfenceError::InvalidEnumValue),
        ("push feed", |_, o| o.kind = 1, RingfenceError::OracleNotPinned),
    ];
    for (what, change, error) in cases {
        refused(what, world.propose_params(market, change), error);
        assert!(world.proposal(market).is_none(), "{what}");
    }
    // 2 % + 2.5 % is below 5 %, and half of 2 % is a closing fee of 1 %
    let at_bounds = world.propose_params(market, |p, _| {
        (p.open_fee_ppm, p.close_fee_ppm, p.liquidation_fee_ppm) = (10_000, 10_000, 20_000);
    });
    passes("at bounds", at_bounds);
}

#[test]
fn what_has_run_so_far_ran_at_the_old_parameters() {
    let (mut world, market) = calm();
    let alice = world.trader(1_000);
    world.open(market, &alice, 0, Long, size("10"), quote("500")).unwrap();
    let change = |params: &mut ringfence_client::state::MarketParams| {
        params.max_funding_rate_ppm = 5_000;
        params.borrow_base_ppm = 1_000_000;
    };
    passes("propose", world.propose_params(market, |params, _| change(params)));
    // No price is read: that of the opening counts, not one since.
    world.warp(TIMELOCK);
    world.set_price(market, price("110"));
    world.warp(600);
    passes("apply", world.apply_params(market));
    // 87,000 s at 1 % a day²: 87 ÷ 86.4 % a day, whose square ÷ 2 × 100 is the
    // index: 0.5069685570987654… quote per base; and no borrow
    let (rate, index, borrow) = indices(&world, market);
    assert_eq!((rate, borrow), (10_069_444_444_444_444, 0));
    assert_eq!(index, 506_968_557_098_765);
    let state = world.market_state(market);
    assert_eq!((state.accrued_at, state.accepted.price), (world.now(), price("100")));

    // From here the rate is at its new limit of 0.5 %, and borrow runs
    world.set_price(market, price("100"));
    world.advance(DAY);
    passes("accrue", world.accrue(market));
    let (rate, later, borrow) = indices(&world, market);
    assert_eq!((rate, later - index), (5_000_000_000_000_000, 500_000_000_000_000));
    // 100 % a year: 1 ÷ 365, up
    assert_eq!(borrow, 2_739_726_027_397_261);
    balanced(&world);
}

#[test]
fn parameters_apply_without_a_price_and_in_every_status() {
    for status in [1, 2] {
        let (mut world, market) = proposed();
        let key = world.market_key(market);
        world.edit::<ringfence_client::state::Market>(&key, |state| state.status = status);
        world.warp(YEAR);
        passes("apply", world.apply_params(market));
    }
}

#[test]
fn another_feed_forgets_the_last_price_of_the_one_before() {
    let (mut world, market) = calm();
    world.advance(10);
    passes("accrue", world.accrue(market));
    let accepted = world.market_state(market).accepted;
    assert_eq!(accepted.publish_time, world.now());
    let (account, feed_id) = (world.new_key().pubkey(), [9; 32]);
    passes(
        "propose",
        world.propose_params(market, |_, oracle| (oracle.account, oracle.feed_id) = (account, feed_id)),
    );
    world.warp(TIMELOCK);
    passes("apply", world.apply_params(market));
    let kept = AcceptedPrice { publish_time: 0, ..accepted };
    assert_eq!(world.market_state(market).accepted, kept);

    world.refresh(market);
    refused("the old feed", world.accrue(market), RingfenceError::OracleWrongAccount);
    let handle = &mut world.markets[market.0];
    (handle.accounts.oracle, handle.feed_id) = (account, feed_id);
    let publish_time = world.now() - 100;
    world.set_feed(market, Feed { price: price("90"), confidence: 0, ema: price("90"), publish_time });
    passes("the new feed", world.accrue(market));
    assert_eq!(world.market_state(market).accepted.price, price("90"));
}

#[test]
fn the_same_feed_keeps_its_last_price() {
    let (mut world, market) = calm();
    world.advance(10);
    passes("accrue", world.accrue(market));
    let accepted = world.market_state(market).accepted;
    passes("propose", world.propose_params(market, |_, oracle| oracle.max_age_open = 30));
    world.warp(TIMELOCK);
    passes("apply", world.apply_params(market));
    assert_eq!(world.market_state(market).accepted, accepted);
    assert_eq!(world.market_state(market).oracle.max_age_open, 30);
}
