//! A delegate takes no value out: not by the price he accepts, not by a
//! referral, not by any instruction that pays somebody.

use anchor_lang::prelude::Pubkey;
use ringfence_client::events::Event;
use ringfence_client::state::Side::{self, Long, Short};
use ringfence_client::{
    ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, Instruction, RingfenceError, instructions,
    pda,
};
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};

use crate::referrals::fees;
use crate::support::*;

/// Builds a trade of the delegate at the worst price that she accepts.
type Trade = fn(&mut Stage, u64) -> Instruction;

struct Stage {
    world: World,
    market: MarketId,
    alice: Trader,
    dora: Trader,
    position: Pubkey,
}

/// Alice's 10 with a margin of 300, which Rita brought; Dora, her delegate,
/// has 500 and a referral of her own.
fn scene(side: Side) -> Stage {
    let (mut world, market) = still_with(fees);
    let (alice, dora, rita) = (world.trader(1_000), world.trader(500), world.trader(0));
    let referral = passes("Rita's", world.create_referral(market, &rita));
    passes("Dora's", world.create_referral(market, &dora));
    let position = world.open_referred(market, &alice, 0, side, size("10"), quote("300"), referral);
    let position = passes("open", position);
    passes("delegate", world.set_delegate(&alice, position, dora.pubkey()));
    Stage { world, market, alice, dora, position }
}

fn decrease(stage: &mut Stage, acceptable_price: u64) -> Instruction {
    let args = DecreasePositionArgs { size: size("4"), acceptable_price };
    stage.world.decrease_ix(stage.market, &stage.dora, stage.position, args)
}

fn increase(stage: &mut Stage, acceptable_price: u64) -> Instruction {
    let args = IncreasePositionArgs { size: size("2"), margin: quote("10"), acceptable_price };
    stage.world.increase_ix(stage.market, &stage.dora, stage.position, args)
}

#[test]
fn the_price_accepted_is_not_the_price_filled_at() {
    // 4 sold into a skew of 10: 100 × (1 + 8 ÷ 1,000); bought: 99.2
    // 2 more bought: 101.1; sold: 98.9
    let cases = [(Long, "100.8", "101.1", 0, u64::MAX), (Short, "99.2", "98.9", u64::MAX, 0)];
    for (side, closing, opening, any_close, any_open) in cases {
        let builders: [(Trade, &str, u64, bool); 2] =
            [(decrease, closing, any_close, side == Long), (increase, opening, any_open, side == Short)];
        for (build, fill, any, sells) in builders {
            let mut outcomes = Vec::new();
            for acceptable in [any, price(fill)] {
                let mut stage = scene(side);
                let instruction = build(&mut stage, acceptable);
                let receipt = passes(fill, stage.world.send(&[instruction], &[&stage.dora.key]));
                balanced(&stage.world);
                outcomes.push((format!("{:#?}", receipt.events), snapshot(&stage.world)));
            }
            assert!(outcomes[0] == outcomes[1], "{fill}");
            assert!(outcomes[0].0.contains(&format!("fill_price: {}", price(fill))), "{}", outcomes[0].0);
            let mut stage = scene(side);
            let better = if sells { price(fill) + 1 } else { price(fill) - 1 };
            let instruction = build(&mut stage, better);
            let result = stage.world.send(&[instruction], &[&stage.dora.key]);
            refused("a better one", result, RingfenceError::SlippageExceeded);
        }
    }
}

#[test]
fn all_that_a_delegate_closes_stays_in_the_vault() {
    let mut stage = scene(Long);
    stage.world.set_price(stage.market, price("120"));
    let Stage { mut world, market, alice, dora, position } = stage;
    let receipt = passes("close all", world.decrease(market, &dora, position, size("10")));
    // sold at 120 × 1.005 = 120.6: 1,206 − 1,005, less fees of 0.5025 and 0.603
    assert_position(&world, position, "0", "0", "499.8945");
    assert_eq!(world.wealth(market, &dora), quote("500"));
    assert_eq!(receipt.events.len(), 1);
    passes("the owner's", world.close(market, &alice, position));
    assert_eq!(world.wealth(market, &alice), quote("1199.8945"));
    balanced(&world);
}

#[test]
fn nothing_pays_a_delegate() {
    let Stage { mut world, market, alice, dora, position } = scene(Long);
    let accounts = world.markets[market.0].accounts;
    let (doras, dora_key) = (world.tokens_of(market, &dora), dora.pubkey());
    let referral = world.referral_of(position);
    let close = ClosePositionArgs { acceptable_price: 0 };
    let close = instructions::close_position(&accounts, position, dora_key, doras, referral, close);
    let remove = instructions::remove_margin(&accounts, position, dora_key, doras, 1);
    let delegate = instructions::set_delegate(position, dora_key, dora_key);
    for (what, instruction) in [("close", close), ("remove margin", remove), ("set", delegate)] {
        let result = world.send(&[instruction], &[&dora.key]);
        refused(what, result, RingfenceError::NotPositionOwner);
    }
    settle_at(&mut world, market, "100");
    let to_her = instructions::close_settled(&accounts, position, alice.pubkey(), doras);
    refused("to her", world.send(&[to_her], &[]), RingfenceError::UnsafePayeeAccount);
    let as_owner = instructions::close_settled(&accounts, position, dora_key, doras);
    refused("as the owner", world.send(&[as_owner], &[]), RingfenceError::WrongPayee);
    let delegated = with_delegate(&mut world, accounts.collateral_mint, alice.pubkey(), dora_key);
    let to_delegated = instructions::close_settled(&accounts, position, alice.pubkey(), delegated);
    let result = world.send(&[to_delegated], &[]);
    refused("to where she may spend", result, RingfenceError::UnsafePayeeAccount);
    balanced(&world);
}

#[test]
fn a_delegate_neither_sets_nor_changes_the_referral() {
    let mut stage = scene(Long);
    let own = pda::referral(&stage.world.market_key(stage.market), &stage.dora.pubkey());
    let ritas = stage.world.referral_of(stage.position).unwrap();
    let builders: [(Trade, u64); 2] = [(increase, u64::MAX), (decrease, 0)];
    for (build, any) in builders {
        let mut instruction = build(&mut stage, any);
        let named = instruction.accounts.iter_mut().find(|meta| meta.pubkey == ritas).expect("Rita's");
        named.pubkey = own;
        let result = stage.world.send(&[instruction], &[&stage.dora.key]);
        refused("her own", result, RingfenceError::WrongReferral);
        let instruction = build(&mut stage, any);
        passes("Rita's", stage.world.send(&[instruction], &[&stage.dora.key]));
        assert_eq!(stage.world.position(stage.position).referral, ritas);
    }
    assert_eq!(stage.world.read_referral(&own).unwrap().fees_earned, 0);
    balanced(&stage.world);
}

#[test]
fn a_delegates_trades_pay_no_referrer() {
    // who could be the delegate himself, and trade for the fees
    let Stage { mut world, market, alice, dora, position } = scene(Long);
    let ritas = world.referral_of(position).unwrap();
    // floor(0.5025 × 12.3457 %) of Alice's opening
    assert_eq!(world.read_referral(&ritas).unwrap().fees, 62_037);
    let before = world.market_state(market).liquidity;
    passes("increase", world.increase(market, &dora, position, size("2"), quote("10")));
    // 202.2 × 0.05 % = 0.1011, all but 10 % and 10 % of it the pool's
    assert_eq!(world.market_state(market).liquidity, before + 80_880);
    passes("decrease", world.decrease(market, &dora, position, size("4")));
    assert_eq!(world.read_referral(&ritas).unwrap().fees, 62_037);
    // 8 at 100.4 by the owner: floor(0.4016 × 12.3457 %)
    passes("close", world.close(market, &alice, position));
    assert_eq!(world.read_referral(&ritas).unwrap().fees, 62_037 + 49_580);
    balanced(&world);
}

#[test]
fn a_delegate_who_churns_pays_nobody_but_the_market() {
    // buys and sells 2 five times over: no more is gone than fees and rounding
    let Stage { mut world, market, dora, position, .. } = scene(Long);
    let before = world.position(position);
    let (mut fees_paid, mut rounds) = (0, 0);
    while rounds < 5 {
        let receipt = passes("increase", world.increase(market, &dora, position, size("2"), 0));
        let more = receipt.events.iter().map(fee_of).sum::<u64>();
        let receipt = passes("decrease", world.decrease(market, &dora, position, size("2")));
        fees_paid += more + receipt.events.iter().map(fee_of).sum::<u64>();
        rounds += 1;
        balanced(&world);
    }
    let after = world.position(position);
    // what was sold was bought at an average: the entry moves with the margin
    let spent = before.margin + after.entry_notional - after.margin - before.entry_notional;
    assert_eq!(spent, fees_paid);
    assert_eq!(world.wealth(market, &dora), quote("500"));
}

fn fee_of(event: &Event) -> u64 {
    match event {
        Event::PositionIncreased(event) => event.fee,
        Event::PositionDecreased(event) => event.fee,
        other => panic!("{other:?}"),
    }
}
