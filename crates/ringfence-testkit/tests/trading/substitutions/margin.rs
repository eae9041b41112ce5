use anchor_lang::error::ErrorCode;
use ringfence_client::RingfenceError;

use super::Stage;
use super::runner::{Table, anchor, ours, token};
use crate::support::token_error;

#[test]
fn add_margin() {
    let mut stage = Stage::new();
    let instruction = stage.world.add_margin_ix(stage.market, &stage.alice, stage.position, 1);
    let mut table = Table::new(
        instruction,
        &[
            "payer",
            "payer_token_account",
            "position",
            "position_vault",
            "token_program",
            "event_authority",
            "program",
        ],
    );
    // anyone may pay, with what is his own
    table.one("payer", stage.bob.pubkey(), token(token_error::OWNER_MISMATCH));
    table.one("payer_token_account", stage.bobs_tokens, token(token_error::OWNER_MISMATCH));
    table.one("payer_token_account", stage.seconds_vault, token(token_error::OWNER_MISMATCH));
    for position in [stage.bobs, stage.in_twin] {
        table.one("position", position, ours(RingfenceError::WrongPositionVault));
    }
    table.tokens(&stage, "payer_token_account");
    table.position(&stage);
    table.programs();
    table.run(stage);
}

#[test]
fn remove_margin() {
    let mut stage = Stage::new();
    let instruction = stage.world.remove_margin_ix(stage.market, &stage.alice, stage.position, 1);
    let mut table = Table::new(
        instruction,
        &[
            "owner",
            "owner_token_account",
            "market",
            "position",
            "position_vault",
            "oracle",
            "token_program",
            "event_authority",
            "program",
        ],
    );
    let not_owner = ours(RingfenceError::NotPositionOwner);
    table.one("owner", stage.bob.pubkey(), not_owner.clone());
    table.one("position", stage.bobs, not_owner.clone());
    table.all(&[("position", stage.bobs), ("position_vault", stage.bobs_vault)], not_owner);
    let wrong_market = ours(RingfenceError::WrongMarket);
    table.one("position", stage.in_twin, wrong_market.clone());
    table.one("market", stage.twin.market, wrong_market.clone());
    table.all(&[("market", stage.twin.market), ("oracle", stage.twin.oracle)], wrong_market.clone());
    table.all(&[("position", stage.in_twin), ("position_vault", stage.in_twins_vault)], wrong_market);
    table.one("position_vault", stage.alices_tokens, anchor(ErrorCode::ConstraintDuplicateMutableAccount));
    table.tokens(&stage, "owner_token_account");
    table.market(&stage);
    table.position(&stage);
    table.programs();
    table.run(stage);
}
