use anchor_lang::error::ErrorCode;
use ringfence_client::state::Side;
use ringfence_client::{OpenPositionArgs, RingfenceError, instructions, pda};
use ringfence_testkit::{quote, size};

use super::Stage;
use super::runner::{Table, anchor, ours, token};
use crate::support::token_error;

#[test]
fn open_position() {
    let stage = Stage::new();
    let args = OpenPositionArgs {
        id: 9,
        side: Side::Long,
        size: size("10"),
        margin: quote("100"),
        acceptable_price: u64::MAX,
    };
    let (alice, tokens) = (stage.alice.pubkey(), stage.alices_tokens);
    let instruction = instructions::open_position(&stage.own, alice, tokens, Some(stage.referral), args);
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
            "collateral_mint",
            "oracle",
            "token_program",
            "system_program",
            "event_authority",
            "program",
        ],
    );
    // both addresses follow from market, owner and id
    let wrong_address = anchor(ErrorCode::ConstraintSeeds);
    table.one("owner", stage.bob.pubkey(), wrong_address.clone());
    table.all(
        &[
            ("market", stage.twin.market),
            ("referral", stage.twins_referral),
            ("pool_vault", stage.twin.pool_vault),
            ("oracle", stage.twin.oracle),
        ],
        wrong_address.clone(),
    );
    let next_id = stage.world.position_key(stage.market, &stage.alice, 10);
    for position in [next_id, stage.second, stage.bobs, stage.nothing] {
        table.one("position", position, wrong_address.clone());
    }
    for vault in [pda::position_vault(&next_id), stage.seconds_vault, stage.near_vault, stage.nothing] {
        table.one("position_vault", vault, wrong_address.clone());
    }
    // another's tokens are not the owner's to spend
    table.one("owner_token_account", stage.bobs_tokens, token(token_error::OWNER_MISMATCH));
    let bobs = stage.world.position_key(stage.market, &stage.bob, 9);
    table.all(
        &[("owner", stage.bob.pubkey()), ("position", bobs), ("position_vault", pda::position_vault(&bobs))],
        token(token_error::OWNER_MISMATCH),
    );
    table.one("collateral_mint", stage.other.collateral_mint, ours(RingfenceError::WrongTokenMint));
    table.all(
        &[("collateral_mint", stage.other.collateral_mint), ("owner_token_account", stage.other_tokens)],
        ours(RingfenceError::WrongCollateralMint),
    );
    table.one("market", stage.twin.market, ours(RingfenceError::WrongPoolVault));
    table.one("market", stage.other.market, ours(RingfenceError::WrongCollateralMint));
    // the twin in all but its pool, its referral and its oracle
    let elsewhere = pda::position(&stage.twin.market, &stage.alice.pubkey(), 9);
    let elsewhere = [
        ("market", stage.twin.market),
        ("position", elsewhere),
        ("position_vault", pda::position_vault(&elsewhere)),
    ];
    table.all(&elsewhere, ours(RingfenceError::WrongPoolVault));
    let elsewhere = [&elsewhere[..], &[("pool_vault", stage.twin.pool_vault)]].concat();
    table.all(&elsewhere, ours(RingfenceError::WrongReferral));
    let elsewhere = [&elsewhere[..], &[("referral", stage.twins_referral)]].concat();
    table.all(&elsewhere, ours(RingfenceError::OracleWrongAccount));
    table.referral(&stage);
    table.tokens(&stage, "owner_token_account");
    table.market(&stage);
    table.programs();
    table.run(stage);
}
