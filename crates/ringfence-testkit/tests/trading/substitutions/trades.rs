use ringfence_client::{
    ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, RingfenceError, instructions,
};
use ringfence_testkit::{price, size};

use super::Stage;
use super::runner::{Table, ours, token};
use crate::support::token_error;

/// What increase, decrease and close refuse alike; the signer is the first
/// account, and `stranger` what a stranger gets to hear.
fn trade(table: &mut Table, stage: &Stage, stranger: RingfenceError) {
    let stranger = ours(stranger);
    table.one(table.names[0], stage.bob.pubkey(), stranger.clone());
    table.one("position", stage.bobs, stranger.clone());
    table.all(&[("position", stage.bobs), ("position_vault", stage.bobs_vault)], stranger);
    // alice's position, but of the twin; or the twin, but for this position
    let wrong_market = ours(RingfenceError::WrongMarket);
    table.one("position", stage.in_twin, wrong_market.clone());
    table.all(&[("position", stage.in_twin), ("position_vault", stage.in_twins_vault)], wrong_market.clone());
    table.all(
        &[
            ("market", stage.twin.market),
            ("pool_vault", stage.twin.pool_vault),
            ("oracle", stage.twin.oracle),
        ],
        wrong_market,
    );
    table.one("market", stage.twin.market, ours(RingfenceError::WrongPoolVault));
    // alice's position names bob's referral, not her own, and not none
    for referral in [stage.others_referral, ringfence_client::PROGRAM_ID] {
        table.one("referral", referral, ours(RingfenceError::WrongReferral));
    }
    table.referral(stage);
    table.market(stage);
    table.position(stage);
    table.programs();
}

#[test]
fn increase_position() {
    let mut stage = Stage::new();
    let args = IncreasePositionArgs { size: size("1"), margin: 1, acceptable_price: u64::MAX };
    let instruction = stage.world.increase_ix(stage.market, &stage.alice, stage.position, args);
    let mut table = Table::new(
        instruction,
        &[
            "trader",
            "trader_token_account",
            "market",
            "position",
            "position_vault",
            "referral",
            "pool_vault",
            "oracle",
            "token_program",
            "event_authority",
            "program",
        ],
    );
    table.one("trader_token_account", stage.bobs_tokens, token(token_error::OWNER_MISMATCH));
    table.tokens(&stage, "trader_token_account");
    trade(&mut table, &stage, RingfenceError::NotOwnerOrDelegate);
    table.run(stage);
}

#[test]
fn decrease_position() {
    let mut stage = Stage::new();
    let args = DecreasePositionArgs { size: size("1"), acceptable_price: 0 };
    let instruction = stage.world.decrease_ix(stage.market, &stage.alice, stage.position, args);
    let mut table = Table::new(
        instruction,
        &[
            "trader",
            "market",
            "position",
            "position_vault",
            "referral",
            "pool_vault",
            "oracle",
            "token_program",
            "event_authority",
            "program",
        ],
    );
    trade(&mut table, &stage, RingfenceError::NotOwnerOrDelegate);
    table.run(stage);
}

#[test]
fn close_position() {
    let mut stage = Stage::new();
    let args = ClosePositionArgs { acceptable_price: 0 };
    let instruction = stage.world.close_ix(stage.market, &stage.alice, stage.position, args);
    let mut table = Table::new(
        instruction,
        &[
            "owner",
            "owner_token_account",
            "market",
            "position",
            "position_vault",
            "referral",
            "pool_vault",
            "oracle",
            "token_program",
            "event_authority",
            "program",
        ],
    );
    table.tokens(&stage, "owner_token_account");
    trade(&mut table, &stage, RingfenceError::NotPositionOwner);
    table.run(stage);
}

#[test]
fn liquidate() {
    let mut stage = Stage::new();
    // 10 long, entry 1005, margin 79.4975: liquidatable at 95
    stage.world.set_price(stage.market, price("95"));
    let mut table = Table::new(
        instructions::liquidate(&stage.own, stage.position, stage.bob.pubkey(), stage.bobs_tokens),
        &[
            "liquidator",
            "liquidator_token_account",
            "market",
            "position",
            "position_vault",
            "pool_vault",
            "oracle",
            "token_program",
            "event_authority",
            "program",
        ],
    );
    table.anyone("liquidator");
    let wrong_market = ours(RingfenceError::WrongMarket);
    table.one("position", stage.in_twin, wrong_market.clone());
    table.all(&[("position", stage.in_twin), ("position_vault", stage.in_twins_vault)], wrong_market.clone());
    table.all(
        &[
            ("market", stage.twin.market),
            ("pool_vault", stage.twin.pool_vault),
            ("oracle", stage.twin.oracle),
        ],
        wrong_market,
    );
    table.one("position", stage.bobs, ours(RingfenceError::WrongPositionVault));
    table.one("market", stage.twin.market, ours(RingfenceError::WrongPoolVault));
    table.tokens(&stage, "liquidator_token_account");
    table.market(&stage);
    table.position(&stage);
    table.programs();
    table.run(stage);
}
