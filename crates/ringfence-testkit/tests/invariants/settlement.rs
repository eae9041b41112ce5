//! Invariants 1, 2 and 5 to the end of a market: everybody is paid, and
//! nothing is left.

use rand::Rng;
use rand::seq::SliceRandom;
use ringfence_client::accounts::{Market, Position};
use ringfence_client::{PROGRAM_ID, RemoveLiquidityArgs, instructions};
use ringfence_testkit::tokens::read_token;

use crate::actions::Action;
use crate::model;
use crate::support::{REFERRERS, Run, Spot};

/// The market that ends.
const ENDING: usize = 0;

/// What a position gets of its margin at the settlement price, which is every
/// price, and what the pool gets: no impact, no spread, no fee, no more charges.
struct Settled {
    payout: i128,
    liquidity: i128,
    insurance: i128,
}

fn settled(market: &Market, position: &Position) -> Settled {
    let share = model::share(market, position, position.size.into());
    let gain = if position.size == 0 { 0 } else { share.gain(market, market.settlement_price.into()) };
    let loss = (-gain).clamp(0, share.margin);
    let cover = (-gain - loss).max(0).min(market.insurance.into());
    Settled {
        payout: share.margin + gain.max(-loss),
        liquidity: loss + cover - gain.max(0),
        insurance: -cover,
    }
}

/// Closes one position, by its owner or by anybody.
fn close(run: &mut Run, at: Spot) {
    let before = run.snapshot();
    let (pool, held) = (&before.pools[ENDING], &before.positions[&at]);
    let expected = settled(&pool.state, &held.state);
    let most = i128::from(held.state.margin) + i128::from(held.state.reserve);
    let key = run.key(at);
    if run.rng.random() {
        run.world.close_settled(run.markets[ENDING], &run.people[at.who], key).expect("settled");
    } else {
        run.perform(&Action::Close { at }).expect("its owner's");
    }
    let after = run.snapshot();
    assert!(!after.positions.contains_key(&at), "closed");
    let donated = i128::from(held.vault) - i128::from(held.state.margin);
    let paid = i128::from(after.wallets[at.who]) - i128::from(before.wallets[at.who]);
    assert_eq!(paid, expected.payout + donated, "{at:?}");
    assert!(expected.payout <= most, "{} > {most}", expected.payout);
    let change =
        |of: fn(&Market) -> u64| i128::from(of(&after.pools[ENDING].state)) - i128::from(of(&pool.state));
    assert_eq!(change(|state| state.liquidity), expected.liquidity, "liquidity");
    assert_eq!(change(|state| state.insurance), expected.insurance, "insurance");
    assert_eq!(change(|state| state.protocol_fees), 0, "no fee");
    assert_eq!(before.vaults() - after.vaults(), paid, "deposits − withdrawals");
}

/// Every holder of shares takes his part of the pool, in any order; what a
/// share is worth does not fall on the way.
fn withdraw_all(run: &mut Run) {
    let accounts = run.world.markets[run.markets[ENDING].0].accounts;
    let mut holders: Vec<_> = run
        .world
        .svm
        .get_program_accounts(&anchor_spl::token::ID)
        .into_iter()
        .filter_map(|(key, account)| Some((key, read_token(&account)?)))
        .filter(|(_, tokens)| tokens.mint == accounts.lp_mint && tokens.amount > 0)
        .collect();
    holders.sort_by_key(|(key, _)| *key);
    holders.shuffle(&mut run.rng);
    for (key, shares) in holders {
        let before = run.world.market_state(run.markets[ENDING]);
        let wallet = run.world.create_token_account(accounts.collateral_mint, shares.owner, 0);
        let args = RemoveLiquidityArgs { shares: shares.amount, min_amount: 0 };
        let remove = instructions::remove_liquidity(&accounts, shares.owner, wallet, key, args);
        let (market, rest) = (i128::from(before.liquidity), i128::from(before.lp_shares - shares.amount));
        let expected = model::floor(market, shares.amount, before.lp_shares.into());
        if expected == 0 {
            // not worth an atom: burnt by its holder, or the mint stays
            continue;
        }
        run.world.send(&[remove], &[]).expect("a withdrawal");
        assert_eq!(i128::from(run.world.balance(&wallet)), expected, "of {market} for {rest} more");
        let after = run.world.market_state(run.markets[ENDING]);
        let (was, is) = (
            market * i128::from(after.lp_shares),
            i128::from(after.liquidity) * i128::from(before.lp_shares),
        );
        assert!(is >= was, "a share's worth fell");
    }
}

/// A market with any history settles at any price; every position gets what
/// the model says, providers the rest, referrers and treasury theirs; then
/// market, vaults and positions are gone, and the other market is as it was.
#[test]
fn invariant_01_a_settled_market_pays_everybody_and_empties() {
    let mut closed = 0;
    for seed in 0..6 {
        let mut run = Run::new(401 + seed);
        (0..120).for_each(|_| drop(run.step()));
        let market = run.markets[ENDING];
        run.world.give_notice(market).expect("notice");
        let price = run.any_price(ENDING);
        run.perform(&price).expect("a price");
        let before = run.world.market_state(market);
        run.world.settle_market(market).expect("a settlement");
        let state = run.world.market_state(market);
        let accrued = model::accrued(&before, run.world.now(), run.feed(ENDING).price);
        assert_eq!(state.funding_index.get(), accrued.funding_index.get(), "accrued to the end");
        assert_eq!(state.borrow_index.get(), accrued.borrow_index.get(), "accrued to the end");

        let bystander = run.snapshot().pools[1].vault;
        let mut spots: Vec<Spot> =
            run.snapshot().positions.into_keys().filter(|at| at.market == ENDING).collect();
        spots.shuffle(&mut run.rng);
        for at in spots {
            close(&mut run, at);
            // time costs nothing any more, and no price matters
            run.world.warp(100_000);
            closed += 1;
        }
        run.balanced();
        let state = run.world.market_state(market);
        assert_eq!((state.reserved, state.position_accounts), (0, 0));
        withdraw_all(&mut run);
        for who in 0..REFERRERS {
            run.world.claim_referral_fees(market, &run.people[who]).expect("a referral");
        }
        let pool = run.snapshot().pools[ENDING];
        let left = pool.state.liquidity + pool.state.insurance + pool.state.protocol_fees;
        let donated = run.world.donations.get(&pool.state.pool_vault).copied().unwrap_or(0);
        assert_eq!(pool.vault, left + donated, "nobody's but the treasury's");
        run.world.close_market(market).expect("an empty market");
        assert_eq!(run.world.balance(&pool.state.pool_vault), 0);
        let key = run.world.market_key(market);
        let open = run.world.svm.get_program_accounts(&PROGRAM_ID);
        let of_it = |data: &[u8]| data.windows(32).any(|window| window == key.as_ref());
        assert!(!open.iter().any(|(_, account)| of_it(&account.data)), "accounts are left");
        assert_eq!(run.world.balance(&run.world.market_state(run.markets[1]).pool_vault), bystander);
        run.balanced();
    }
    assert!(closed > 15, "only {closed} positions");
}
