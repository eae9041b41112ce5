//! A market's whole life: when it ends, everything is back where it came from.

use anchor_lang::prelude::Pubkey;
use ringfence_client::state::Side::{self, Long, Short};
use ringfence_client::{PROGRAM_ID, RingfenceError, pda};
use ringfence_testkit::tokens::{read_mint, read_token};
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};
use solana_signer::Signer;

use crate::support::*;

const DONATED_TO_POOL: u64 = 12_345_678;
const DONATED_TO_VAULT: u64 = 7_654_321;
const FUNDED: u64 = 20_000_000;

struct Life {
    world: World,
    market: MarketId,
    traders: Vec<Trader>,
    lps: Vec<Trader>,
    referrers: Vec<Trader>,
    /// Each trader's, in order.
    positions: Vec<Pubkey>,
    /// Lamports of everybody and of the admin before the market was there.
    before: Vec<(Pubkey, u64)>,
}

impl Life {
    /// Six traders, three of them referred, three providers, fees, funding,
    /// borrow, an insurance of 20, donations, and a proposal that waits.
    fn lived() -> Self {
        let mut world = World::new();
        let mut people = |count| (0..count).map(|_| world.trader(50_000)).collect::<Vec<_>>();
        let (traders, lps, referrers) = (people(6), people(3), people(2));
        let everybody = traders.iter().chain(&lps).chain(&referrers).map(Trader::pubkey);
        let before =
            everybody.chain([world.admin.pubkey()]).map(|key| (key, lamports(&world, key))).collect();
        let market = world
            .market("SOL-PERP")
            .price("100")
            .params(|params| {
                params.skew_scale = size("10000");
                (params.open_fee_ppm, params.close_fee_ppm) = (1_000, 1_000);
                params.referrer_share_ppm = 200_000;
                params.max_funding_velocity_ppm = 500_000;
            })
            .build();
        passes("first deposit", world.add_liquidity(market, &lps[0], quote("30000")));
        passes("second deposit", world.add_liquidity(market, &lps[1], quote("20000")));
        let referrals: Vec<_> =
            referrers.iter().map(|it| passes("referral", world.create_referral(market, it))).collect();
        let plan: [(Side, &str, &str, Option<usize>); 6] = [
            (Long, "40", "900", Some(0)),
            (Short, "30", "700", Some(1)),
            (Long, "25", "150", None),
            (Short, "10", "60", None),
            (Long, "12.345678901", "200", Some(0)),
            (Short, "5", "80", None),
        ];
        let mut positions = Vec::new();
        for (trader, (side, open, margin, referral)) in traders.iter().zip(plan) {
            let (open, margin) = (size(open), quote(margin));
            let result = match referral {
                Some(index) => world.open_referred(market, trader, 3, side, open, margin, referrals[index]),
                None => world.open(market, trader, 3, side, open, margin),
            };
            positions.push(passes("open", result));
            world.advance(600);
            balanced(&world);
        }
        passes("fund", world.fund_insurance(market, &referrers[0], FUNDED));
        world.donate(world.markets[market.0].accounts.pool_vault, DONATED_TO_POOL);
        world.donate(pda::position_vault(&positions[0]), DONATED_TO_VAULT);
        passes("a proposal", world.propose_params(market, |params, _| params.open_fee_ppm = 2_000));
        Self { world, market, traders, lps, referrers, positions, before }
    }

    /// A position is liquidated in part, one is emptied, a deposit waits, and the
    /// market is settled where one trader cannot pay his loss.
    fn settled() -> Self {
        let mut life = Self::lived();
        let Self { world, market, traders, lps, positions, .. } = &mut life;
        let market = *market;
        world.set_price(market, price("96"));
        let keeper = world.trader(0);
        passes("liquidate", world.liquidate(market, &keeper, positions[2]));
        traders.push(keeper);
        balanced(world);
        let all = world.position(positions[4]).size;
        passes("decrease", world.decrease(market, &traders[4], positions[4], all / 3));
        passes("empty", world.decrease(market, &traders[5], positions[5], size("5")));
        balanced(world);
        passes("third deposit", world.deposit(market, &lps[2], 8, quote("4000")));
        settle_at(world, market, "107");
        life
    }
}

#[test]
fn a_delisted_market_empties_completely_and_every_lamport_goes_home() {
    let Life { mut world, market, traders, lps, referrers, positions, before } = Life::settled();
    let accounts = world.markets[market.0].accounts;
    let state = world.market_state(market);
    assert!(state.long.positions > 1 && state.short.positions > 1 && state.insurance > FUNDED);
    assert!(state.funding_index.get() != 0 && state.borrow_index.get() > 0 && state.referral_fees > 0);
    let everybody = || traders.iter().chain(&lps).chain(&referrers);
    let issued = 11 * quote("50000") + DONATED_TO_POOL + DONATED_TO_VAULT;

    // nothing below is signed by anyone but a stranger, but for the providers
    for (trader, position) in traders.iter().zip(&positions) {
        refused("not yet", world.close_market(market), RingfenceError::MarketNotEmpty);
        passes("close", world.close_settled(market, trader, *position));
        balanced(&world);
    }
    let state = world.market_state(market);
    assert_eq!((state.position_accounts, state.reserved), (0, 0));
    assert!(state.bad_debt > 0, "a bankrupt trader");
    assert_eq!(state.long, Default::default());
    assert_eq!(state.short, Default::default());
    for referrer in &referrers {
        let (owed, had) = (
            world.read_referral(&pda::referral(&accounts.market, &referrer.pubkey())).unwrap().fees,
            world.wealth(market, referrer),
        );
        assert!(owed > 0);
        passes("claim", world.claim_referral_fees(market, referrer));
        assert_eq!(world.wealth(market, referrer), had + owed);
        balanced(&world);
    }
    passes("claim", world.claim_shares(market, &lps[2], 8));
    for lp in [&lps[1], &lps[2], &lps[0]] {
        let state = world.market_state(market);
        let (shares, had) = (shares_held(&mut world, market, lp), world.wealth(market, lp));
        passes("withdraw", world.remove_liquidity(market, lp, shares));
        let part = u128::from(shares) * u128::from(state.liquidity) / u128::from(state.lp_shares);
        assert_eq!(u128::from(world.wealth(market, lp) - had), part);
        balanced(&world);
    }
    refused("a proposal", world.close_market(market), RingfenceError::MarketNotEmpty);
    let guardian = world.guardian.insecure_clone();
    passes("cancel", world.cancel_params(market, &guardian));

    let state = world.market_state(market);
    // the locked shares at hardly more than an atom each, and three floors
    assert!((1_000..1_103).contains(&state.liquidity), "{}", state.liquidity);
    let treasury = world.treasury_account(market);
    let close = world.close_market_ix(market, treasury);
    passes("close", world.send(&[close], &[]));

    // of the program only the exchange is left, of the market its LP mint
    let left: Vec<_> = world.svm.get_program_accounts(&PROGRAM_ID).into_iter().map(|(key, _)| key).collect();
    assert_eq!(left, [pda::exchange()]);
    let mint = world.svm.get_account(&accounts.lp_mint).expect("LP mint");
    assert_eq!(read_mint(&mint).expect("LP mint").supply, 0);
    for (key, had) in before {
        let spent = if key == world.admin.pubkey() { rent(82) } else { 0 };
        assert_eq!(lamports(&world, key), had - spent, "{key}");
    }

    // every atom is somebody's, and nobody's but these
    let rest = state.liquidity + state.insurance + state.protocol_fees + DONATED_TO_POOL;
    assert_eq!(world.balance(&treasury), rest);
    let mint = accounts.collateral_mint;
    let people: u64 = everybody().map(|person| world.balance(&person.tokens.borrow()[&mint])).sum();
    assert_eq!(people + rest, issued);
    let mint = world.svm.get_account(&accounts.collateral_mint).expect("mint");
    assert_eq!(read_mint(&mint).expect("mint").supply, issued);
    for (key, account) in world.svm.get_program_accounts(&anchor_spl::token::ID) {
        let Some(token) = read_token(&account) else { continue };
        let known = everybody().any(|person| person.pubkey() == token.owner);
        assert!(known || token.owner == world.treasury.pubkey(), "{key} of {}", token.owner);
    }
}

#[test]
fn traders_may_close_by_themselves_at_any_time_of_it() {
    // the same end, with half of the owners awake
    let (mut awake, mut asleep) = (Life::settled(), Life::settled());
    let mut ends = Vec::new();
    for (life, by_owner) in [(&mut awake, true), (&mut asleep, false)] {
        let Life { world, market, traders, positions, .. } = life;
        let market = *market;
        for (index, position) in positions.iter().enumerate() {
            let trader = &traders[index];
            let result = if by_owner && index % 2 == 0 {
                world.close(market, trader, *position)
            } else {
                world.close_settled(market, trader, *position)
            };
            passes("close", result);
            balanced(world);
        }
        let wealth: Vec<_> = traders.iter().map(|trader| world.wealth(market, trader)).collect();
        let state = world.market_state(market);
        ends.push((wealth, state.liquidity, state.insurance, state.referral_fees));
    }
    assert_eq!(ends[0], ends[1]);
}
