//! Accounts of a layout that this program does not know are left alone.

use ringfence_client::accounts::{Market, ParamsProposal, Position};
use ringfence_client::state::Side::Long;
use ringfence_client::{Instruction, ProposeParamsArgs, RingfenceError, instructions, pda};
use ringfence_testkit::{price, quote, size};
use solana_signer::Signer;

use crate::support::*;

#[test]
fn accounts_of_another_version_are_refused() {
    let (mut world, market) = calm_with(|params| params.open_fee_ppm = 500);
    let (alice, key) = (world.trader(1_000), world.market_key(market));
    let position = world.open(market, &alice, 0, Long, size("10"), quote("200")).unwrap();
    world.set_price(market, price("300"));
    let (admin, treasury) = (world.admin.insecure_clone(), world.treasury_account(market));
    let state = world.market_state(market);
    let args = ProposeParamsArgs { params: state.params, oracle: state.oracle };

    let accrue = world.accrue_ix(market);
    let cap = world.close_at_cap_ix(market, &alice, position);
    let fund = world.fund_insurance_ix(market, &alice, 1);
    let collect = world.collect_protocol_fees_ix(market, treasury);
    let propose = instructions::propose_params(admin.pubkey(), key, args);
    let apply = instructions::apply_params(admin.pubkey(), key);
    let delegate = instructions::set_delegate(position, alice.pubkey(), key);
    let keys = [&alice.key, &admin];

    let before = world.svm.clone();
    let of_market = [("accrue", &accrue), ("cap", &cap), ("fund", &fund), ("collect", &collect)];
    let of_position: [(&str, &Instruction); 2] = [("cap", &cap), ("delegate", &delegate)];
    for (what, instruction) in of_market.into_iter().chain(of_position).chain([("propose", &propose)]) {
        passes(what, probe(&mut world, instruction, &keys));
    }
    for version in [0, 3] {
        world.svm = before.clone();
        world.edit::<Market>(&key, |market| market.version = version);
        for (what, instruction) in of_market.into_iter().chain([("propose", &propose)]) {
            let result = probe(&mut world, instruction, &keys);
            refused(what, result, RingfenceError::UnsupportedVersion);
        }
        world.svm = before.clone();
        world.edit::<Position>(&position, |position| position.version = version);
        for (what, instruction) in of_position {
            let result = probe(&mut world, instruction, &keys);
            refused(what, result, RingfenceError::UnsupportedVersion);
        }

        world.svm = before.clone();
        passes("propose", world.send(std::slice::from_ref(&propose), &[&admin]));
        world.warp(DAY);
        let proposed = world.svm.clone();
        world.edit::<Market>(&key, |market| market.version = version);
        refused("apply", probe(&mut world, &apply, &[]), RingfenceError::UnsupportedVersion);
        world.svm = proposed;
        let proposal = pda::params_proposal(&key);
        world.edit::<ParamsProposal>(&proposal, |proposal| proposal.version = version);
        refused("apply", probe(&mut world, &apply, &[]), RingfenceError::UnsupportedVersion);
        // what is not understood can still be withdrawn
        passes("cancel", world.cancel_params(market, &admin));
    }
}
