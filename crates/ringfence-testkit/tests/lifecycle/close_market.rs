//! A market goes once nothing of anybody's is left in it, and not before.

use anchor_lang::error::ErrorCode::*;
use ringfence_client::event::MarketClosed;
use ringfence_client::events::Event;
use ringfence_client::state::MarketStatus::{Active, Paused, ReduceOnly};
use ringfence_client::state::Side::Long;
use ringfence_client::{RingfenceError, instructions, pda};
use ringfence_testkit::tokens::read_mint;
use ringfence_testkit::{MarketId, MintKind, Trader, World, price, quote, size};
use solana_signer::Signer;

use crate::support::*;

struct Stage {
    world: World,
    market: MarketId,
    carol: Trader,
}

type Step = fn(&mut Stage);

fn position(stage: &Stage) -> anchor_lang::prelude::Pubkey {
    stage.world.position_key(stage.market, &stage.carol, 0)
}

/// A pool of 5,000 that is all Carol's, and what `before` adds; settled at 100.5.
fn settled(before: Step) -> Stage {
    let (mut world, market) = bare_with(|_| ());
    let carol = world.trader(10_000);
    passes("deposit", world.add_liquidity(market, &carol, quote("5000")));
    let mut stage = Stage { world, market, carol };
    before(&mut stage);
    settle_at(&mut stage.world, market, "100.5");
    stage
}

fn withdraw_all(Stage { world, market, carol }: &mut Stage) {
    let shares = shares_held(world, *market, carol);
    passes("withdraw", world.remove_liquidity(*market, carol, shares));
}

fn open(Stage { world, market, carol }: &mut Stage) {
    passes("open", world.open(*market, carol, 0, Long, size("10"), quote("100")));
}

fn close(stage: &mut Stage) {
    let position = position(stage);
    passes("close", stage.world.close_settled(stage.market, &stage.carol, position));
}

#[test]
fn whatever_is_left_keeps_it() {
    let nothing: Step = |_| ();
    let cases: [(&str, Step, Step, Step); 6] = [
        ("an open position", open, nothing, |stage| {
            close(stage);
            withdraw_all(stage);
        }),
        (
            "an emptied position",
            open,
            |stage| {
                let position = position(stage);
                passes("empty", stage.world.decrease(stage.market, &stage.carol, position, size("10")));
                withdraw_all(stage);
            },
            close,
        ),
        (
            "a deposit",
            |Stage { world, market, carol }| {
                passes("deposit", world.deposit(*market, carol, 9, quote("100")));
            },
            withdraw_all,
            |stage| {
                passes("claim", stage.world.claim_shares(stage.market, &stage.carol, 9));
                let minted = stage.world.close_market(stage.market);
                refused("its shares", minted, RingfenceError::MarketNotEmpty);
                withdraw_all(stage);
            },
        ),
        (
            "a referral",
            |Stage { world, market, carol }| {
                passes("create", world.create_referral(*market, carol));
            },
            withdraw_all,
            |stage| {
                passes("claim", stage.world.claim_referral_fees(stage.market, &stage.carol));
            },
        ),
        (
            "a share",
            nothing,
            |Stage { world, market, carol }| {
                let shares = shares_held(world, *market, carol);
                passes("withdraw", world.remove_liquidity(*market, carol, shares - 1));
            },
            withdraw_all,
        ),
        (
            "a proposal",
            |Stage { world, market, .. }| {
                passes("propose", world.propose_params(*market, |params, _| params.open_fee_ppm = 1));
            },
            withdraw_all,
            |stage| {
                let guardian = stage.world.guardian.insecure_clone();
                passes("cancel", stage.world.cancel_params(stage.market, &guardian));
            },
        ),
    ];
    for (what, before, after, resolve) in cases {
        let mut stage = settled(before);
        after(&mut stage);
        refused(what, stage.world.close_market(stage.market), RingfenceError::MarketNotEmpty);
        resolve(&mut stage);
        passes(what, stage.world.close_market(stage.market));
        balanced(&stage.world);
    }
}

#[test]
fn a_share_worth_less_than_an_atom_is_burned_by_its_holder() {
    // 0.5 of an atom a share: one alone cannot be withdrawn
    let (mut world, market) = bare_with(|_| ());
    let (carol, alice) = (world.trader(1_010), world.trader(500));
    passes("deposit", world.add_liquidity(market, &carol, quote("1010")));
    let long = world.open(market, &alice, 0, Long, size("10"), quote("500")).unwrap();
    settle_at(&mut world, market, "151");
    // 1,510 − 1,005
    passes("close", world.close_settled(market, &alice, long));
    let shares = shares_held(&mut world, market, &carol);
    passes("withdraw", world.remove_liquidity(market, &carol, shares - 1));
    let last = world.remove_liquidity(market, &carol, 1);
    refused("the last share", last, RingfenceError::WithdrawalTooSmall);
    refused("it is left", world.close_market(market), RingfenceError::MarketNotEmpty);
    let (account, mint) = (world.shares_of(market, &carol), world.markets[market.0].accounts.lp_mint);
    let mut burn = transfer(account, mint, carol.pubkey(), 1);
    burn.data[0] = 8;
    passes("burn", world.send(&[burn], &[&carol.key]));
    passes("close", world.close_market(market));
}

#[test]
fn only_a_settling_market_closes() {
    for status in [Active, ReduceOnly, Paused] {
        let (mut world, market) = bare_with(|_| ());
        passes("status", world.set_status(market, status));
        refused("empty", world.close_market(market), RingfenceError::MarketNotSettling);
    }
}

#[test]
fn what_is_left_goes_to_the_treasury_and_the_rent_to_the_admin() {
    let mut world = World::new();
    let admin = world.admin.pubkey();
    let before = lamports(&world, admin);
    let market = world.market("SOL-PERP").price("100").params(|params| params.open_fee_ppm = 5_000).build();
    let accounts = world.markets[market.0].accounts;
    assert_eq!(lamports(&world, accounts.market), rent(928));
    assert_eq!(lamports(&world, accounts.pool_vault), rent(165));
    assert_eq!(lamports(&world, admin), before - rent(928) - rent(165) - rent(82));
    let carol = provide(&mut world, market, "5000");
    let payer = world.trader(70);
    passes("fund", world.fund_insurance(market, &payer, quote("70")));
    world.donate(accounts.pool_vault, 3_000_001);
    settle_at(&mut world, market, "100");
    passes("withdraw", world.remove_liquidity(market, &carol, 4_999_999_000));

    let treasury = world.treasury_account(market);
    let close = world.close_market_ix(market, treasury);
    let payer = lamports(&world, world.payer.pubkey());
    let receipt = passes("close", world.send(std::slice::from_ref(&close), &[]));
    // insurance 70, the donation, and 1,000 atoms under the locked shares
    assert_eq!(world.balance(&treasury), 73_001_001);
    let expected = MarketClosed {
        market: accounts.market,
        index: 0,
        treasury: world.treasury.pubkey(),
        amount: 73_001_001,
    };
    assert_events(&receipt, &[Event::MarketClosed(expected)]);
    assert!(is_gone(&world, accounts.market) && is_gone(&world, accounts.pool_vault));
    assert_eq!(lamports(&world, admin), before - rent(82));
    assert_eq!(lamports(&world, world.payer.pubkey()), payer - 5_000);
    // the token program closes no mints
    let mint = world.svm.get_account(&accounts.lp_mint).expect("the LP mint");
    assert_eq!(read_mint(&mint).expect("a mint").supply, 0);
    refused("again", world.send(&[close], &[]), AccountOwnedByWrongProgram);

    // its index is not given out again
    let next = world.market("SOL-PERP").price("100").liquidity(1_000).build();
    assert_eq!((world.market_state(next).index, world.market_key(next)), (1, pda::market(1)));
    let trader = world.trader(100);
    passes("open", world.open(next, &trader, 0, Long, size("1"), quote("50")));
}

#[test]
fn the_rent_is_the_present_admins() {
    let mut stage = settled(|_| ());
    withdraw_all(&mut stage);
    let Stage { mut world, market, .. } = stage;
    let (old, new) = (world.admin.insecure_clone(), world.new_key());
    passes("nominate", world.nominate_admin(&old, new.pubkey()));
    passes("accept", world.accept_admin(&new));
    let treasury = world.treasury_account(market);
    let accounts = world.markets[market.0].accounts;
    let close = instructions::close_market(&accounts, old.pubkey(), treasury);
    refused("the old one", world.send(&[close], &[]), RingfenceError::WrongPayee);
    let close = instructions::close_market(&accounts, new.pubkey(), treasury);
    passes("the new one", world.send(&[close], &[]));
    assert_eq!(lamports(&world, new.pubkey()), rent(928) + rent(165));
}

#[test]
fn every_account_of_close_market_is_checked() {
    let mut stage = settled(|_| ());
    withdraw_all(&mut stage);
    let Stage { mut world, market, carol } = stage;
    let accounts = world.markets[market.0].accounts;
    // another empty market of the same mint
    let other = world.market("BTC-PERP").mint_key(accounts.collateral_mint, MintKind::Token).build();
    settle_at(&mut world, other, "150");
    world.set_price(market, price("100"));
    let others = world.markets[other.0].accounts;
    let treasury = world.treasury_account(market);
    let carols = world.tokens_of(market, &carol);
    let nothing = world.new_key().pubkey();
    let other_mint = world.create_mint(&MintKind::Token, 6);
    let of_other_mint = world.create_token_account(other_mint, world.treasury.pubkey(), 0);
    let (forged_exchange, forged_market) =
        (forged(&mut world, pda::exchange()), forged(&mut world, accounts.market));
    let (forged_vault, forged_mint) =
        (forged(&mut world, accounts.pool_vault), forged(&mut world, accounts.lp_mint));
    let whole_other = [(3, others.market), (5, others.pool_vault), (6, others.lp_mint)];
    let cases = vec![
        replaced("a market for the exchange", 0, accounts.market, AccountDiscriminatorMismatch),
        replaced("a forged exchange", 0, forged_exchange, AccountOwnedByWrongProgram),
        replaced("the guardian for the rent", 1, world.guardian.pubkey(), RingfenceError::WrongPayee),
        replaced("a stranger for the rent", 1, carol.pubkey(), RingfenceError::WrongPayee),
        read_only("a read-only admin", 1),
        replaced("Carol's tokens", 2, carols, RingfenceError::NotTreasury),
        replaced("the treasury's of another mint", 2, of_other_mint, RingfenceError::WrongTokenMint),
        replaced("no token account", 2, nothing, AccountNotInitialized),
        read_only("a read-only treasury account", 2),
        replaced("another market", 3, others.market, RingfenceError::WrongPoolVault),
        replaced_all("another market with its vault and mint", &whole_other, ConstraintSeeds),
        replaced("a forged market", 3, forged_market, AccountOwnedByWrongProgram),
        replaced("the exchange for a market", 3, pda::exchange(), AccountDiscriminatorMismatch),
        read_only("a read-only market", 3),
        replaced("another market's proposal", 4, pda::params_proposal(&others.market), ConstraintSeeds),
        replaced("any empty address", 4, nothing, ConstraintSeeds),
        replaced("another pool vault", 5, others.pool_vault, RingfenceError::WrongPoolVault),
        replaced("Carol's tokens for the vault", 5, carols, RingfenceError::WrongPoolVault),
        replaced("a forged vault", 5, forged_vault, RingfenceError::WrongPoolVault),
        read_only("a read-only vault", 5),
        replaced("another LP mint", 6, others.lp_mint, RingfenceError::WrongLpMint),
        replaced("a forged LP mint", 6, forged_mint, AccountOwnedByWrongProgram),
        replaced("the other token program", 7, anchor_spl::token_2022::ID, RingfenceError::WrongTokenProgram),
        replaced("no token program", 7, anchor_lang::system_program::ID, InvalidProgramId),
    ];
    let instruction = world.close_market_ix(market, treasury);
    let cases: Vec<_> = cases.into_iter().chain(event_cases(8, nothing)).collect();
    check_substitutions(&mut world, &instruction, &[], cases);
}
