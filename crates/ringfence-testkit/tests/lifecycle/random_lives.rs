//! Markets that lived at random, and ended: every one of them empties, and
//! every atom and lamport is accounted for.

use anchor_lang::prelude::Pubkey;
use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{PROGRAM_ID, RingfenceError, pda};
use ringfence_testkit::{Failure, MarketId, Options, Trader, World, price, quote, size};
use solana_signer::Signer;

use crate::support::*;

const FUNDS: u64 = 20_000;

/// Random numbers without a crate: splitmix64 (Steele et al. 2014).
struct Rng(u64);

impl Rng {
    /// Uniform in `0..limit`.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

struct Life {
    world: World,
    market: MarketId,
    random: Rng,
    traders: Vec<Trader>,
    lps: Vec<Trader>,
    rita: Trader,
    referral: Pubkey,
    before: Vec<(Pubkey, u64)>,
    donated: u64,
    done: u32,
}

impl Life {
    fn new(seed: u64) -> Self {
        let options = Options { signatures: false, logs: false, ..Options::default() };
        let mut world = World::with(options).unwrap_or_else(|error| panic!("{error}"));
        let mut people = |count| (0..count).map(|_| world.trader(FUNDS)).collect::<Vec<_>>();
        let (traders, lps, rita) = (people(4), people(3), world.trader(0));
        let everybody = traders.iter().chain(&lps).chain([&rita]).map(Trader::pubkey);
        let before =
            everybody.chain([world.admin.pubkey()]).map(|key| (key, lamports(&world, key))).collect();
        let mut random = Rng(seed);
        let market = world
            .market("SOL-PERP")
            .price("100")
            .params(|params| {
                params.skew_scale = size("2000");
                params.reserve_factor_ppm = 100_000 + random.below(900_000) as u32;
                params.referrer_share_ppm = 150_000;
                params.max_utilisation_ppm = 1_000_000;
                params.max_funding_velocity_ppm = 2_000_000;
                params.max_funding_rate_ppm = 200_000;
                params.borrow_base_ppm = 500_000;
            })
            .build();
        passes("pool", world.add_liquidity(market, &lps[0], quote("9000")));
        let referral = passes("referral", world.create_referral(market, &rita));
        Self { world, market, random, traders, lps, rita, referral, before, donated: 0, done: 0 }
    }

    /// Every position account there is, with its owner.
    fn positions(&self) -> Vec<(usize, Pubkey)> {
        let ids = (0..self.traders.len()).flat_map(|owner| (0..3u16).map(move |id| (owner, id)));
        let keys =
            ids.map(|(owner, id)| (owner, self.world.position_key(self.market, &self.traders[owner], id)));
        keys.filter(|(_, key)| self.world.read_position(key).is_some()).collect()
    }

    /// Something that somebody might do. It may be refused, but never for the
    /// books' sake.
    fn step(&mut self) {
        let (action, lp) = (self.random.below(13), self.random.below(3) as usize);
        let (owner, id) = (self.random.below(4) as usize, self.random.below(3) as u16);
        let (open, margin) = (1 + self.random.below(size("30")), self.random.below(quote("400")));
        let position = self.world.position_key(self.market, &self.traders[owner], id);
        let state = self.world.read_position(&position);
        let part = state.map_or(1, |state| 1 + self.random.below(state.size.max(1)));
        let side = if self.random.below(2) == 0 { Long } else { Short };
        let (seconds, donation) = (self.random.below(40_000) as i64, self.random.below(1_000));
        let index = self.world.markets[self.market.0].feed.price;
        let moved = index / 100 * (94 + self.random.below(13));
        let (world, market, trader) = (&mut self.world, self.market, &self.traders[owner]);
        let result = match action {
            0 if state.is_none() => world.open(market, trader, id, side, open, margin).map(drop),
            1 if state.is_none() => {
                world.open_referred(market, trader, id, side, open, margin, self.referral).map(drop)
            }
            2 if state.is_some() => world.increase(market, trader, position, open, margin).map(drop),
            3 if state.is_some() => world.decrease(market, trader, position, part).map(drop),
            4 if state.is_some() && part.is_multiple_of(3) => world.close(market, trader, position).map(drop),
            5 | 6 if state.is_some() => world.liquidate(market, &self.lps[lp], position).map(drop),
            7 if state.is_some() => world.close_at_cap(market, &self.lps[lp], position).map(drop),
            8 => world.deposit(market, &self.lps[lp], id, margin * 10).map(drop),
            9 => world.claim_shares(market, &self.lps[lp], id).map(drop),
            10 => {
                let held = shares_held(world, market, &self.lps[lp]);
                world.remove_liquidity(market, &self.lps[lp], held / 4).map(drop)
            }
            11 => {
                if state.is_some() && donation > 0 {
                    world.donate(pda::position_vault(&position), donation);
                    self.donated += donation;
                }
                world.claim_referral_fees(market, &self.rita).map(drop)
            }
            _ => {
                world.advance(seconds);
                world.set_price(market, moved.clamp(price("50"), price("200")));
                Ok(())
            }
        };
        match result {
            Ok(()) => self.done += 1,
            Err(failure) => never_for_the_books(&failure),
        }
        balanced(&self.world);
    }

    /// Closes every position, one way or the other, in any order.
    fn close_all(&mut self) {
        let mut left = self.positions();
        while !left.is_empty() {
            let (owner, position) = left.swap_remove(self.random.below(left.len() as u64) as usize);
            let (world, market, trader) = (&mut self.world, self.market, &self.traders[owner]);
            let result = match self.random.below(3) {
                0 => world.close(market, trader, position),
                1 => {
                    // whoever is quicker
                    if let Err(failure) = world.liquidate(market, &self.lps[0], position) {
                        never_for_the_books(&failure);
                    }
                    world.close_settled(market, trader, position)
                }
                _ => world.close_settled(market, trader, position),
            };
            passes("close", result);
            balanced(&self.world);
        }
    }
}

#[track_caller]
fn never_for_the_books(failure: &Failure) {
    for error in [RingfenceError::InvariantViolated, RingfenceError::MathOverflow] {
        assert!(!failure.is(error), "{failure:?}");
    }
}

#[test]
fn every_market_that_lived_empties_in_the_end() {
    let first = std::env::var("RINGFENCE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut done = 0;
    for seed in first..first + 12 {
        println!("RINGFENCE_SEED={seed}");
        let mut life = Life::new(seed);
        for _ in 0..120 {
            life.step();
        }
        let at = price("70") + life.random.below(price("60"));
        passes("settle", life.world.wind_down(life.market, at));
        balanced(&life.world);
        life.close_all();
        let Life { mut world, market, traders, lps, rita, before, donated, .. } = life;
        passes("fees", world.claim_referral_fees(market, &rita));
        for lp in &lps {
            for id in 0..3 {
                if world.read_deposit(&world.deposit_key(market, lp, id)).is_some() {
                    passes("claim", world.claim_shares(market, lp, id));
                }
            }
        }
        for lp in &lps {
            let shares = shares_held(&mut world, market, lp);
            if shares > 0 {
                passes("withdraw", world.remove_liquidity(market, lp, shares));
                balanced(&world);
            }
        }
        let (treasury, mint) =
            (world.treasury_account(market), world.markets[market.0].accounts.collateral_mint);
        let close = world.close_market_ix(market, treasury);
        let everybody: Vec<_> = traders.iter().chain(&lps).chain([&rita]).collect();
        let tokens: Vec<_> = everybody.into_iter().map(|person| world.tokens_of(market, person)).collect();
        passes("close", world.send(&[close], &[]));

        let left = world.svm.get_program_accounts(&PROGRAM_ID);
        assert_eq!(left.len(), 1, "the exchange");
        let held: u64 = tokens.iter().map(|account| world.balance(account)).sum();
        assert_eq!(held + world.balance(&treasury), 7 * FUNDS * quote("1") + donated);
        for (key, had) in before {
            let spent = if key == world.admin.pubkey() { rent(82) } else { 0 };
            assert_eq!(lamports(&world, key), had - spent);
        }
        assert_eq!(world.svm.get_account(&mint).map(|account| account.data.len()), Some(82));
        done += life.done;
    }
    // not a market in which everything was refused
    assert!(done > 500, "{done}");
}
