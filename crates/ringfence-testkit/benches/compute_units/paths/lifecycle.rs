//! Claims, referrals, governance, and the end of a market.

use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::{LiquidityDeposit, Market, Position};
use ringfence_client::state::Side;
use ringfence_client::{
    ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, OpenPositionArgs, ProposeParamsArgs,
    instructions,
};
use ringfence_testkit::trade::any_price;
use ringfence_testkit::{MarketId, Trader, quote};
use solana_signer::Signer;

use super::{ALL, COMMON, Cases, SIDES, TOKENS};
use crate::stage::{Call, Stage, WAIT};

const POOL: u64 = 1_000_000;

pub fn cases(cases: &mut Cases) {
    claiming(cases);
    referring(cases);
    governing(cases);
    settling(cases);
    migrating(cases);
}

fn claiming(cases: &mut Cases) {
    cases.add("claim_shares", "after the cool-down", TOKENS, |stage| {
        let provider = stage.trader();
        stage.world.deposit(stage.market, &provider, 0, quote("1_000")).expect("deposit");
        let key = stage.world.deposit_key(stage.market, &provider, 0);
        stage.world.edit::<LiquidityDeposit>(&key, |deposit| deposit.unlocks_at = 0);
        Call::new(stage.world.claim_shares_ix(stage.market, &provider, 0), &stage.world.payer)
    });
    cases.add("fund_insurance", "by anyone", TOKENS, |stage| {
        let payer = stage.trader();
        Call::new(stage.world.fund_insurance_ix(stage.market, &payer, quote("1")), &payer.key)
    });
    cases.add("collect_protocol_fees", "to the treasury", TOKENS, |stage| {
        stage.open(Side::Long, 5);
        let treasury = stage.world.treasury_account(stage.market);
        Call::new(stage.world.collect_protocol_fees_ix(stage.market, treasury), &stage.world.payer)
    });
}

/// A position with a referral of somebody else's.
fn referred(stage: &mut Stage, side: Side) -> (Trader, Pubkey, Pubkey) {
    let (owner, referrer, id) = (stage.trader(), stage.trader(), stage.id());
    let referral = stage.world.create_referral(stage.market, &referrer).expect("referral");
    stage.share_with_referrers();
    let (size, margin) = stage.stake(5);
    let position = stage.world.open_referred(stage.market, &owner, id, side, size, margin, referral);
    (owner, position.expect("open"), referral)
}

fn referring(cases: &mut Cases) {
    cases.add("create_referral", "new addresses each time", COMMON, |stage| {
        let referrer = stage.trader();
        let market = stage.world.market_key(stage.market);
        Call::new(instructions::create_referral(market, referrer.pubkey()), &referrer.key)
    });
    cases.add("claim_referral_fees", "of one position", TOKENS, |stage| {
        let referrer = stage.trader();
        let referral = stage.world.create_referral(stage.market, &referrer).expect("referral");
        stage.share_with_referrers();
        let (owner, id, (size, margin)) = (stage.trader(), stage.id(), stage.stake(5));
        let opened = stage.world.open_referred(stage.market, &owner, id, Side::Long, size, margin, referral);
        opened.expect("open");
        Call::new(stage.world.claim_referral_fees_ix(stage.market, &referrer), &stage.world.payer)
    });
    cases.add("open_position", "long, referred", COMMON, |stage| {
        let (owner, referrer, id) = (stage.trader(), stage.trader(), stage.id());
        let referral = stage.world.create_referral(stage.market, &referrer).expect("referral");
        stage.share_with_referrers();
        let ((size, margin), side) = (stage.stake(5), Side::Long);
        let args = OpenPositionArgs { id, side, size, margin, acceptable_price: any_price(true, side) };
        let tokens = stage.world.tokens_of(stage.market, &owner);
        let accounts = stage.world.markets[stage.market.0].accounts;
        let open = instructions::open_position(&accounts, owner.pubkey(), tokens, Some(referral), args);
        Call::new(open, &owner.key)
    });
    cases.add("increase_position", "long, referred", COMMON, |stage| {
        let (owner, position, _) = referred(stage, Side::Long);
        let args =
            IncreasePositionArgs { size: 1_000_000_000, margin: quote("100"), acceptable_price: u64::MAX };
        Call::new(stage.world.increase_ix(stage.market, &owner, position, args), &owner.key)
    });
    cases.add("decrease_position", "long, all of it, referred", COMMON, |stage| {
        let (owner, position, _) = referred(stage, Side::Long);
        let size = stage.world.position(position).size;
        let args = DecreasePositionArgs { size, acceptable_price: 0 };
        Call::new(stage.world.decrease_ix(stage.market, &owner, position, args), &owner.key)
    });
    cases.add("close_position", "long, referred", COMMON, |stage| {
        let (owner, position, _) = referred(stage, Side::Long);
        let args = ClosePositionArgs { acceptable_price: 0 };
        Call::new(stage.world.close_ix(stage.market, &owner, position, args), &owner.key)
    });
    cases.add("set_delegate", "by the owner", COMMON, |stage| {
        let (held, delegate) = (stage.open(Side::Long, 5), stage.trader());
        let (owner, key) = (held.owner.pubkey(), delegate.pubkey());
        Call::new(instructions::set_delegate(held.position, owner, key), &held.owner.key)
    });
}

fn governing(cases: &mut Cases) {
    let propose = |stage: &mut Stage| {
        let market = stage.another_market(0);
        let state = stage.world.market_state(market);
        let args = ProposeParamsArgs { params: state.params, oracle: state.oracle };
        let key = stage.world.market_key(market);
        (market, instructions::propose_params(stage.world.admin.pubkey(), key, args))
    };
    cases.add("propose_params", "new addresses each time", COMMON, move |stage| {
        let (_, instruction) = propose(stage);
        Call::new(instruction, &stage.world.admin)
    });
    cases.add("apply_params", "by anyone", COMMON, move |stage| {
        let (market, instruction) = propose(stage);
        let admin = stage.world.admin.insecure_clone();
        stage.world.send(&[instruction], &[&admin]).expect("propose");
        let timelock = stage.world.exchange().timelock_seconds;
        stage.world.advance(timelock.into());
        let key = stage.world.market_key(market);
        Call::new(instructions::apply_params(admin.pubkey(), key), &stage.world.payer)
    });
    cases.add("cancel_params", "by the guardian", COMMON, move |stage| {
        let (market, instruction) = propose(stage);
        let (admin, guardian) = (stage.world.admin.insecure_clone(), &stage.world.guardian);
        let cancel =
            instructions::cancel_params(guardian.pubkey(), admin.pubkey(), stage.world.market_key(market));
        let call = Call::new(cancel, guardian);
        stage.world.send(&[instruction], &[&admin]).expect("propose");
        call
    });
    cases.add("nominate_admin", "by the admin", COMMON, |stage| {
        let (admin, nominee) = (&stage.world.admin, Pubkey::new_unique());
        Call::new(instructions::nominate_admin(admin.pubkey(), nominee), admin)
    });
    cases.add("accept_admin", "by the nominee", COMMON, |stage| {
        let admin = stage.world.admin.insecure_clone();
        stage.world.nominate_admin(&admin, admin.pubkey()).expect("nominate");
        Call::new(instructions::accept_admin(admin.pubkey()), &admin)
    });
}

/// A market of its own in notice, with a position of `side`; its owner.
fn winding_down(stage: &mut Stage, side: Side) -> (MarketId, Trader, Pubkey) {
    let market = stage.another_market(POOL);
    let (owner, id, (size, margin)) = (stage.world.trader(1_000_000), stage.id(), stage.stake(5));
    let position = stage.world.open(market, &owner, id, side, size, margin).expect("open");
    stage.world.give_notice(market).expect("notice");
    (market, owner, position)
}

fn settling(cases: &mut Cases) {
    cases.add("settle_market", "positions open", COMMON, |stage| {
        let (market, ..) = winding_down(stage, Side::Long);
        Call::new(stage.world.settle_market_ix(market), &stage.world.payer)
    });
    cases.add("announce_settlement", "by the admin", COMMON, |stage| {
        let market = stage.another_market(0);
        let notice = i64::from(stage.world.exchange().timelock_seconds);
        let settles_at = stage.world.now() + WAIT + notice;
        Call::new(stage.world.announce_settlement_ix(market, settles_at), &stage.world.admin)
    });
    for (side, name) in SIDES {
        cases.add("close_settled", name, ALL, move |stage| {
            let (market, owner, position) = winding_down(stage, side);
            stage.world.settle_market(market).expect("settle");
            Call::new(stage.world.close_settled_ix(market, &owner, position), &stage.world.payer)
        });
    }
    cases.add("close_market", "empty", TOKENS, |stage| {
        let market = stage.another_market(0);
        stage.world.give_notice(market).expect("notice");
        stage.world.settle_market(market).expect("settle");
        let treasury = stage.world.treasury_account(market);
        Call::new(stage.world.close_market_ix(market, treasury), &stage.world.payer)
    });
}

fn migrating(cases: &mut Cases) {
    cases.add("migrate_market", "from layout 1", COMMON, |stage| {
        let market = stage.another_market(0);
        let key = stage.world.market_key(market);
        stage.world.edit::<Market>(&key, |market| market.version = 1);
        Call::new(instructions::migrate_market(key), &stage.world.payer)
    });
    cases.add("migrate_position", "from layout 1", COMMON, |stage| {
        let held = stage.open(Side::Long, 5);
        let key = stage.world.market_key(stage.market);
        stage.world.edit::<Position>(&held.position, |position| position.version = 1);
        stage.world.edit::<Market>(&key, |market| market.position_accounts -= 1);
        Call::new(instructions::migrate_position(key, held.position), &stage.world.payer)
    });
}
