//! Every account of the four instructions, replaced by what an attacker would
//! pass: another order, another's escrow, position, tokens. The adversary's
//! page tries the rest.

use anchor_lang::error::ErrorCode::*;
use anchor_lang::prelude::Pubkey;
use anchor_lang::system_program;
use anchor_spl::token_2022;
use ringfence_client::RingfenceError::*;
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::Side::Long;
use ringfence_client::{MarketAccounts, PROGRAM_ID, pda};
use ringfence_testkit::{Trader, quote, size};
use solana_instruction::error::InstructionError::PrivilegeEscalation;
use solana_keypair::Keypair;

use crate::support::*;

const OWNER_MISMATCH: u32 = 4;

/// Alice's position and two orders of it that are due, one of her second
/// position; bob's the same; another market of the same collateral, and
/// another mint.
struct Stage {
    desk: Desk,
    bob: Trader,
    position: Pubkey,
    order: Pubkey,
    second_order: Pubkey,
    bobs: Pubkey,
    bobs_order: Pubkey,
    second: Pubkey,
    twin: MarketAccounts,
    twins_referral: Pubkey,
    bobs_tokens: Pubkey,
    /// The position's.
    bobs_referral: Pubkey,
    alices_referral: Pubkey,
    other_mint: Pubkey,
    /// Alice's and the keeper's tokens of another mint.
    other_tokens: Pubkey,
}

impl Stage {
    fn new() -> Self {
        let mut desk = Desk::new();
        let market = desk.market;
        let accounts = desk.world.markets[market.0].accounts;
        let kind = desk.world.markets[market.0].mint.clone();
        let bob = desk.world.trader(10_000);
        let twin =
            desk.world.market("TWIN-PERP").price("100").mint_key(accounts.collateral_mint, kind.clone());
        let twin = twin.unpinned().liquidity(10_000).build();
        let twins_referral = passes("refer", desk.world.create_referral(twin, &bob));
        let bobs_referral = passes("refer", desk.world.create_referral(market, &bob));
        let alices_referral = passes("refer", desk.world.create_referral(market, &desk.alice));
        let opened =
            desk.world.open_referred(market, &desk.alice, 0, Long, size("10"), quote("100"), bobs_referral);
        let position = passes("open", opened);
        let second = desk.world.open(market, &desk.alice, 1, Long, size("10"), quote("100"));
        let second = passes("open", second);
        let bobs = passes("open", desk.world.open(market, &bob, 0, Long, size("10"), quote("100")));
        let terms = desk.any(StopLoss, Long);
        let order = desk.place(position, 7, terms);
        let second_order = desk.place(position, 8, terms);
        let bobs_order = passes("place", desk.world.place(market, &bob, bobs, 7, terms));
        desk.reach("100");
        desk.world.refresh(twin);
        let bobs_tokens = desk.world.tokens_of(market, &bob);
        let other_mint = desk.world.create_mint(&kind, 6);
        let other_tokens = desk.world.create_token_account(other_mint, desk.alice.pubkey(), quote("1000"));
        let twin = desk.world.markets[twin.0].accounts;
        Self {
            desk,
            bob,
            position,
            order,
            second_order,
            bobs,
            bobs_order,
            second,
            twin,
            twins_referral,
            bobs_tokens,
            bobs_referral,
            alices_referral,
            other_mint,
            other_tokens,
        }
    }

    fn keys(&self) -> [Keypair; 3] {
        [&self.desk.alice, &self.desk.keeper, &self.bob].map(|who| who.key.insecure_clone())
    }

    #[track_caller]
    fn check(&mut self, instruction: &ringfence_client::Instruction, cases: Vec<Case>) {
        let keys = self.keys();
        check_substitutions(&mut self.desk.world, instruction, &keys.each_ref(), cases);
    }
}

#[test]
fn execute_order() {
    let mut stage = Stage::new();
    let execute = stage.desk.execute_ix(stage.order);
    let own = stage.desk.world.markets[stage.desk.market.0].accounts;
    let escrow = pda::order_escrow(&stage.order);
    let vault = pda::position_vault(&stage.position);
    let bobs_escrow = pda::order_escrow(&stage.bobs_order);
    let bobs_vault = pda::position_vault(&stage.bobs);
    let stranger = stage.bob.pubkey();
    let duplicate = ConstraintDuplicateMutableAccount;
    let mut cases = vec![
        unsigned("nobody", 0),
        replaced("tokens of another mint", 1, stage.other_tokens, WrongTokenMint),
        replaced("the reward back into the escrow", 1, escrow, duplicate),
        replaced("the reward into the vault", 1, vault, duplicate),
        replaced("no tokens", 1, stranger, AccountOwnedByWrongProgram),
        replaced("another market", 2, stage.twin.market, WrongPoolVault),
        replaced_all(
            "another market with all of its own",
            &[(2, stage.twin.market), (9, stage.twin.pool_vault), (10, stage.twin.oracle)],
            WrongMarket,
        ),
        replaced("another's position", 3, stage.bobs, WrongPositionVault),
        replaced_all("another's position with its vault", &[(3, stage.bobs), (4, bobs_vault)], WrongPosition),
        replaced_all(
            "another position of the same owner",
            &[(3, stage.second), (4, pda::position_vault(&stage.second))],
            WrongPosition,
        ),
        replaced("another vault", 4, bobs_vault, WrongPositionVault),
        replaced("another order of the position", 5, stage.second_order, WrongEscrow),
        replaced("another's order", 5, stage.bobs_order, WrongPayee),
        replaced_all(
            "another's order with its trader and escrow, on this position",
            &[(5, stage.bobs_order), (6, bobs_escrow), (7, stranger)],
            WrongPosition,
        ),
        replaced("a position as an order", 5, stage.position, AccountDiscriminatorMismatch),
        replaced("another order's escrow", 6, pda::order_escrow(&stage.second_order), WrongEscrow),
        replaced("another's escrow", 6, bobs_escrow, WrongEscrow),
        replaced("the vault as an escrow", 6, vault, WrongEscrow),
        replaced("the rent to the executor", 7, stage.desk.keeper.pubkey(), WrongPayee),
        replaced("the rent to another", 7, stranger, WrongPayee),
        replaced("the trader's own referral", 8, stage.alices_referral, WrongReferral),
        replaced("no referral", 8, PROGRAM_ID, WrongReferral),
        replaced("another market's referral", 8, stage.twins_referral, WrongReferral),
        replaced("another pool", 9, stage.twin.pool_vault, WrongPoolVault),
        replaced("another feed's price", 10, stage.twin.oracle, OracleWrongFeed),
        replaced("no price", 10, stranger, OracleWrongOwner),
        replaced("the other token program", 11, token_2022::ID, WrongTokenProgram),
        replaced("no token program", 11, system_program::ID, InvalidProgramId),
    ];
    for (index, meta) in execute.accounts.iter().enumerate() {
        if meta.is_writable {
            cases.push(read_only("read-only", index));
        }
    }
    cases.extend(event_cases(12, stranger));
    assert_eq!(execute.accounts[2].pubkey, own.market);
    stage.check(&execute, cases);
}

#[test]
fn place_order() {
    let mut stage = Stage::new();
    let (market, terms) = (stage.desk.market, stage.desk.any(Limit, Long));
    let place = stage.desk.world.place_ix(market, &stage.desk.alice, stage.position, 9, terms);
    let (keeper, stranger) = (stage.desk.keeper.pubkey(), stage.bob.pubkey());
    let bobs_order = pda::order(&stage.bobs, 9);
    let cases = vec![
        unsigned("nobody", 0),
        replaced("another signs", 0, keeper, NotOwnerOrDelegate),
        replaced("another pays", 1, stage.bobs_tokens, OWNER_MISMATCH),
        replaced("in another mint", 1, stage.other_tokens, WrongTokenMint),
        replaced("another market", 2, stage.twin.market, WrongMarket),
        replaced("another's position", 3, stage.bobs, NotOwnerOrDelegate),
        replaced_all(
            "another's position, and an order of it",
            &[(3, stage.bobs), (4, bobs_order)],
            NotOwnerOrDelegate,
        ),
        // the order's address follows from the position and its number
        replaced("another position of the same owner", 3, stage.second, ConstraintSeeds),
        replaced("the order of another position", 4, bobs_order, ConstraintSeeds),
        replaced("an order of another number", 4, pda::order(&stage.position, 10), ConstraintSeeds),
        replaced("another order's escrow", 5, pda::order_escrow(&stage.order), PrivilegeEscalation),
        replaced("a new address", 5, pda::order_escrow(&bobs_order), PrivilegeEscalation),
        replaced("another mint", 6, stage.other_mint, WrongTokenMint),
        replaced_all(
            "another mint and tokens of it",
            &[(1, stage.other_tokens), (6, stage.other_mint)],
            WrongCollateralMint,
        ),
        replaced("the other token program", 7, token_2022::ID, WrongTokenProgram),
        replaced("no token program", 7, system_program::ID, InvalidProgramId),
        replaced("no system program", 8, anchor_spl::token::ID, InvalidProgramId),
        read_only("payer", 0),
        read_only("tokens", 1),
        read_only("position", 3),
        read_only("order", 4),
        read_only("escrow", 5),
    ];
    let cases: Vec<_> = cases.into_iter().chain(event_cases(9, stranger)).collect();
    stage.check(&place, cases);
}

#[test]
fn cancel_order() {
    let mut stage = Stage::new();
    let (market, alice) = (stage.desk.market, &stage.desk.alice);
    let cancel = stage.desk.world.cancel_ix(market, alice, alice, stage.order);
    let (keeper, stranger) = (stage.desk.keeper.pubkey(), stage.bob.pubkey());
    let nothing = Pubkey::new_unique();
    let cases = vec![
        unsigned("nobody", 0),
        replaced("another signs", 0, keeper, OrderLive),
        replaced("the rent to another", 1, keeper, WrongPayee),
        replaced("no tokens", 2, stranger, AccountOwnedByWrongProgram),
        replaced("in another mint", 2, stage.other_tokens, WrongTokenMint),
        replaced("another's position", 3, stage.bobs, WrongPosition),
        replaced("no position, as if it were closed", 3, nothing, WrongPosition),
        replaced("another order of the position", 4, stage.second_order, WrongEscrow),
        replaced("another's order", 4, stage.bobs_order, WrongPayee),
        replaced_all(
            "another's order, paid to oneself",
            &[(4, stage.bobs_order), (5, pda::order_escrow(&stage.bobs_order)), (3, stage.bobs)],
            WrongPayee,
        ),
        replaced("no order", 4, stage.position, AccountDiscriminatorMismatch),
        replaced("another's escrow", 5, pda::order_escrow(&stage.bobs_order), WrongEscrow),
        replaced("the vault", 5, pda::position_vault(&stage.position), WrongEscrow),
        replaced("the other token program", 6, token_2022::ID, WrongTokenProgram),
        replaced("no token program", 6, system_program::ID, InvalidProgramId),
        read_only("trader", 1),
        read_only("tokens", 2),
        read_only("order", 4),
        read_only("escrow", 5),
    ];
    let cases: Vec<_> = cases.into_iter().chain(event_cases(7, stranger)).collect();
    stage.check(&cancel, cases);
}

/// Who placed it may have the funds sent wherever he likes; whoever else ends
/// it sends them to an account that is the trader's alone.
#[test]
fn the_funds_go_home_unless_the_trader_himself_says_otherwise() {
    let mut stage = Stage::new();
    let (market, alice, keeper) = (stage.desk.market, &stage.desk.alice, &stage.desk.keeper);
    let mut own = stage.desk.world.cancel_ix(market, alice, alice, stage.order);
    own.accounts[2].pubkey = stage.bobs_tokens;
    let keys = [alice.key.insecure_clone(), keeper.key.insecure_clone()];
    let mut swept = stage.desk.world.cancel_ix(market, keeper, alice, stage.order);
    let mint = stage.desk.world.markets[market.0].accounts.collateral_mint;
    let keepers = stage.desk.world.tokens_of(market, keeper);
    // alice's, but somebody may spend from it or close it
    let spent = stage.desk.world.create_token_account(mint, alice.pubkey(), 0);
    let closed = stage.desk.world.create_token_account(mint, alice.pubkey(), 0);
    for (key, tag) in [(spent, 72), (closed, 129)] {
        let mut account = stage.desk.world.svm.get_account(&key).expect("tokens");
        account.data[tag] = 1;
        account.data[tag + 4..tag + 36].copy_from_slice(keeper.pubkey().as_ref());
        stage.desk.world.svm.set_account(key, account).expect("tokens");
    }
    let before = stage.desk.world.balance(&stage.bobs_tokens);
    stage.desk.what_if(|desk| {
        passes("by herself", desk.world.send(&[own], &[&keys[0]]));
        assert_eq!(desk.world.balance(&stage.bobs_tokens) - before, quote(REWARD));
    });
    stage.desk.world.warp(ringfence_testkit::orders::LIFETIME + 1);
    passes("home", stage.desk.what_if(|desk| desk.world.send(&[swept.clone()], &[&keys[1]])));
    for tokens in [stage.bobs_tokens, keepers, spent, closed] {
        swept.accounts[2].pubkey = tokens;
        let result = stage.desk.world.send(&[swept.clone()], &[&keys[1]]);
        refused("elsewhere", result, UnsafePayeeAccount);
    }
}

#[test]
fn create_position() {
    let mut stage = Stage::new();
    let (market, alice) = (stage.desk.market, &stage.desk.alice);
    let mut create = stage.desk.world.create_position_ix(market, alice, 5, Long);
    create.accounts[4].pubkey = stage.bobs_referral;
    let (keeper, stranger) = (stage.desk.keeper.pubkey(), stage.bob.pubkey());
    let other = stage.desk.world.position_key(market, alice, 6);
    let cases = vec![
        unsigned("nobody", 0),
        replaced("another signs", 0, keeper, ConstraintSeeds),
        replaced("another market", 1, stage.twin.market, WrongReferral),
        replaced_all(
            "another market with its referral",
            &[(1, stage.twin.market), (4, stage.twins_referral)],
            ConstraintSeeds,
        ),
        replaced("another position", 2, other, ConstraintSeeds),
        replaced("another vault", 3, pda::position_vault(&other), ConstraintSeeds),
        replaced("another market's referral", 4, stage.twins_referral, WrongReferral),
        replaced("another mint", 5, stage.other_mint, WrongCollateralMint),
        replaced("the other token program", 6, token_2022::ID, WrongTokenProgram),
        replaced("no system program", 7, anchor_spl::token::ID, InvalidProgramId),
        read_only("owner", 0),
        read_only("market", 1),
        read_only("position", 2),
        read_only("vault", 3),
    ];
    let cases: Vec<_> = cases.into_iter().chain(event_cases(8, stranger)).collect();
    stage.check(&create, cases);
}

/// A referral is the owner's to choose, and nobody's is put in later.
#[test]
fn a_created_position_shares_its_fees_with_whom_its_owner_named() {
    let mut stage = Stage::new();
    let (market, alice) = (stage.desk.market, &stage.desk.alice);
    let mut create = stage.desk.world.create_position_ix(market, alice, 5, Long);
    create.accounts[4].pubkey = stage.bobs_referral;
    let key = alice.key.insecure_clone();
    passes("create", stage.desk.world.send(&[create], &[&key]));
    let position = stage.desk.world.position_key(market, alice, 5);
    assert_eq!(stage.desk.world.position(position).referral, stage.bobs_referral);
    let order = stage.desk.place(position, 0, stage.desk.any(Limit, Long));
    stage.desk.reach("100");
    let mut without = stage.desk.execute_ix(order);
    assert_eq!(without.accounts[8].pubkey, stage.bobs_referral);
    without.accounts[8].pubkey = PROGRAM_ID;
    let keeper = stage.desk.keeper.key.insecure_clone();
    refused("left out", stage.desk.world.send(&[without], &[&keeper]), WrongReferral);
    passes("named", stage.desk.execute(order));
    balanced(&stage.desk.world);
}
