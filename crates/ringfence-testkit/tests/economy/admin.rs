//! A new admin in two steps.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::{AdminAccepted, AdminNominated};
use ringfence_client::events::Event;
use ringfence_client::{RingfenceError, instructions, pda};
use ringfence_testkit::{Options, World};
use solana_signer::Signer;

use crate::support::*;

#[test]
fn a_nominee_becomes_admin_by_accepting_and_not_before() {
    let mut world = World::new();
    let (admin, heir) = (world.admin.insecure_clone(), world.new_key());
    let receipt = passes("nominate", world.nominate_admin(&admin, heir.pubkey()));
    let nominated = AdminNominated { admin: admin.pubkey(), nominee: heir.pubkey() };
    assert_events(&receipt, &[Event::AdminNominated(nominated)]);
    let exchange = world.exchange();
    assert_eq!((exchange.admin, exchange.pending_admin), (admin.pubkey(), heir.pubkey()));
    let early = world.nominate_admin(&heir, heir.pubkey());
    refused("before accepting", early, RingfenceError::NotAdmin);

    let receipt = passes("accept", world.accept_admin(&heir));
    let accepted = AdminAccepted { before: admin.pubkey(), admin: heir.pubkey() };
    assert_events(&receipt, &[Event::AdminAccepted(accepted)]);
    let exchange = world.exchange();
    assert_eq!((exchange.admin, exchange.pending_admin), (heir.pubkey(), Pubkey::default()));
    assert_eq!((exchange.guardian, exchange.treasury), (world.guardian.pubkey(), world.treasury.pubkey()));

    // the one before is nobody now
    let result = world.nominate_admin(&admin, admin.pubkey());
    refused("the admin before", result, RingfenceError::NotAdmin);
    refused("twice", world.accept_admin(&heir), RingfenceError::NotPendingAdmin);
    passes("the new admin", world.nominate_admin(&heir, admin.pubkey()));
}

#[test]
fn the_former_admin_governs_nothing() {
    let (mut world, market) = calm();
    let (admin, heir) = (world.admin.insecure_clone(), world.new_key());
    passes("nominate", world.nominate_admin(&admin, heir.pubkey()));
    passes("accept", world.accept_admin(&heir));
    let proposal = world.propose_params(market, |params, _| params.open_fee_ppm = 1);
    refused("propose", proposal, RingfenceError::NotAdmin);
    let status = world.set_status(market, ringfence_client::state::MarketStatus::Paused);
    refused("set status", status, RingfenceError::NotAdminOrGuardian);
    let another = world.market("BTC-PERP").try_build();
    refused("create a market", another, RingfenceError::NotAdmin);
}

#[test]
fn a_nomination_can_be_taken_back_or_given_to_another() {
    let mut world = World::new();
    let (admin, heir, other) = (world.admin.insecure_clone(), world.new_key(), world.new_key());
    passes("nominate", world.nominate_admin(&admin, heir.pubkey()));
    passes("take back", world.nominate_admin(&admin, Pubkey::default()));
    refused("taken back", world.accept_admin(&heir), RingfenceError::NotPendingAdmin);
    passes("nominate", world.nominate_admin(&admin, heir.pubkey()));
    passes("another", world.nominate_admin(&admin, other.pubkey()));
    refused("replaced", world.accept_admin(&heir), RingfenceError::NotPendingAdmin);
    passes("accept", world.accept_admin(&other));
    assert_eq!(world.exchange().admin, other.pubkey());
}

#[test]
fn nobody_else_nominates_or_accepts() {
    let mut world = World::new();
    let (admin, heir, stranger) = (world.admin.insecure_clone(), world.new_key(), world.new_key());
    refused("no nominee", world.accept_admin(&stranger), RingfenceError::NotPendingAdmin);
    for key in [world.guardian.insecure_clone(), world.treasury.insecure_clone(), stranger] {
        let result = world.nominate_admin(&key, key.pubkey());
        refused("a stranger", result, RingfenceError::NotAdmin);
    }
    passes("nominate", world.nominate_admin(&admin, heir.pubkey()));
    for key in [admin, world.guardian.insecure_clone(), world.treasury.insecure_clone()] {
        refused("a stranger", world.accept_admin(&key), RingfenceError::NotPendingAdmin);
    }
}

#[test]
fn the_default_key_is_never_the_nominee() {
    // in a world that checks no signatures even the default key can "sign"
    let options = Options { signatures: false, ..Options::default() };
    let mut world = World::with(options).unwrap();
    let result = world.send(&[instructions::accept_admin(Pubkey::default())], &[]);
    refused("the default key", result, RingfenceError::NotPendingAdmin);
}

#[test]
fn every_account_of_both_steps_is_checked() {
    use anchor_lang::error::ErrorCode::*;
    let (mut world, market) = calm();
    let (admin, heir, nothing) = (world.admin.insecure_clone(), world.new_key(), world.new_key().pubkey());
    let key = world.market_key(market);
    let forged_exchange = forged(&mut world, pda::exchange());
    let exchanges = || {
        [
            replaced("a market for the exchange", 1, key, AccountDiscriminatorMismatch),
            replaced("a forged exchange", 1, forged_exchange, AccountOwnedByWrongProgram),
            replaced("no exchange", 1, nothing, AccountOwnedByWrongProgram),
            read_only("a read-only exchange", 1),
        ]
    };
    let nominate = instructions::nominate_admin(admin.pubkey(), heir.pubkey());
    let cases = [
        replaced("the guardian", 0, world.guardian.pubkey(), RingfenceError::NotAdmin),
        unsigned("no signature", 0),
    ];
    let keys = [&admin, &world.guardian.insecure_clone()];
    let cases = cases.into_iter().chain(exchanges()).chain(event_cases(2, nothing));
    check_substitutions(&mut world, &nominate, &keys, cases);

    passes("nominate", world.nominate_admin(&admin, heir.pubkey()));
    let accept = instructions::accept_admin(heir.pubkey());
    let cases = [
        replaced("the admin", 0, admin.pubkey(), RingfenceError::NotPendingAdmin),
        unsigned("no signature", 0),
    ];
    let cases = cases.into_iter().chain(exchanges()).chain(event_cases(2, nothing));
    check_substitutions(&mut world, &accept, &[&admin, &heir], cases);
}
