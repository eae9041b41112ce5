//! An order takes no more out of a position, a pool or a market than what its
//! trader could do himself at the same moment and price: byte for byte.

use anchor_lang::prelude::Pubkey;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence_client::RingfenceError::{NotLiquidatable, PositionEmpty};
use ringfence_client::accounts::Position;
use ringfence_client::events::Event;
use ringfence_client::state::OrderKind::{self, *};
use ringfence_client::state::OrderTerms;
use ringfence_client::{DecreasePositionArgs, IncreasePositionArgs};
use ringfence_testkit::{Failure, Feed, price, quote, size};

use crate::support::*;

/// What is compared: the market and the position as they lie in their
/// accounts, what the vaults hold, and the trader's own tokens.
#[derive(Debug, PartialEq)]
struct Outcome {
    market: Vec<u8>,
    position: Vec<u8>,
    vault: u64,
    pool: u64,
    /// Without what he has put into the order.
    trader: u64,
}

/// The commitment that a delayed order ends is its own.
fn uncommitted(mut position: Position) -> Vec<u8> {
    position.committed_until = 0;
    bytemuck::bytes_of(&position).to_vec()
}

fn outcome(desk: &mut Desk, position: Pubkey, result: Result<(), Failure>) -> Result<Outcome, Option<u32>> {
    balanced(&desk.world);
    result.map_err(|failure| failure.code())?;
    let state = desk.world.market_state(desk.market);
    Ok(Outcome {
        market: bytemuck::bytes_of(&state).to_vec(),
        position: uncommitted(desk.world.position(position)),
        vault: desk.world.vault_balance(position),
        pool: desk.world.balance(&state.pool_vault),
        trader: desk.pays(),
    })
}

/// A market that has lived: others on both sides, charges, a referrer, a price
/// that has moved, a spread.
struct Random {
    desk: Desk,
    position: Pubkey,
    kind: OrderKind,
    order: Pubkey,
    terms: OrderTerms,
}

impl Random {
    fn new(rng: &mut StdRng) -> Self {
        let mut desk = Desk::quick(|params| {
            (params.max_funding_rate_ppm, params.max_funding_velocity_ppm) = (10_000, 100_000);
            (params.borrow_base_ppm, params.borrow_slope1_ppm) = (50_000, 200_000);
            params.referrer_share_ppm = 100_000;
        });
        let market = desk.market;
        let others = [(); 2].map(|()| desk.world.trader(100_000));
        let referral = passes("referral", desk.world.create_referral(market, &others[0]));
        for (other, side) in others.iter().zip(SIDES) {
            let size = rng.random_range(size("1")..size("100"));
            let opened = desk.world.open(market, other, 0, side, size, quote("5000"));
            passes("another's", opened);
        }
        let side = SIDES[rng.random_range(0..2)];
        let (open, margin) = (rng.random_range(size("1")..size("30")), quote("400"));
        let alice = &desk.alice;
        let opened = if rng.random() {
            desk.world.open(market, alice, 0, side, open, margin)
        } else {
            desk.world.open_referred(market, alice, 0, side, open, margin, referral)
        };
        let position = passes("open", opened);
        desk.world.warp(rng.random_range(1..100_000));
        let moved = price("100") + rng.random_range(0..price("40")) - price("20");
        desk.world.set_price(market, moved);

        let kind = [TakeProfit, StopLoss, Limit, Stop, Delayed][rng.random_range(0..5)];
        let share_ppm = [1_000_000, rng.random_range(1..=1_000_000)][rng.random_range(0..2)];
        let mut terms = desk.any(kind, side);
        terms.reward = if kind == Delayed { quote("0.1") } else { 0 };
        if kind.adds() {
            terms.size = rng.random_range(1..size("60"));
            terms.margin = rng.random_range(0..quote("200"));
        } else {
            terms.share_ppm = share_ppm;
        }
        let order = desk.place(position, 3, terms);
        // the first price, with nothing accepted meanwhile
        desk.world.warp(3);
        let index = moved / 1_000 * rng.random_range(950..=1_050);
        let (confidence, publish_time) = (index / 1_000 * rng.random_range(0..5), desk.world.now());
        desk.world.set_feed(market, Feed { price: index, confidence, ema: index, publish_time });
        desk.world.warp(rng.random_range(0..30));
        Self { desk, position, kind, order, terms }
    }

    /// The same trade, signed by alice.
    fn direct(desk: &mut Desk, position: Pubkey, terms: &OrderTerms) -> Result<(), Failure> {
        let (market, acceptable_price) = (desk.market, terms.acceptable_price);
        let instruction = if terms.kind.adds() {
            let args = IncreasePositionArgs { size: terms.size, margin: terms.margin, acceptable_price };
            desk.world.increase_ix(market, &desk.alice, position, args)
        } else {
            let whole = u128::from(desk.world.position(position).size);
            let size = u64::try_from(whole * u128::from(terms.share_ppm) / 1_000_000).expect("a part");
            desk.world.decrease_ix(
                market,
                &desk.alice,
                position,
                DecreasePositionArgs { size, acceptable_price },
            )
        };
        let alice = desk.alice.key.insecure_clone();
        desk.world.send(&[instruction], &[&alice]).map(drop)
    }
}

#[test]
fn an_order_does_what_its_trader_could_and_nothing_else() {
    let mut rng = StdRng::seed_from_u64(1_601);
    let (mut done, mut refusals) = ([0; 5], 0);
    for case in 0..300 {
        let Random { mut desk, position, kind, order, terms } = Random::new(&mut rng);
        let by_order = desk.what_if(|desk| {
            let result = desk.execute(order);
            // a delayed order that does not fit says so in an event
            let error = result.as_ref().ok().and_then(|receipt| match &receipt.events[..] {
                [Event::OrderFailed(event)] => Some(event.error),
                _ => None,
            });
            let fine = result.is_ok() && error.is_none();
            let found = outcome(desk, position, result.map(drop));
            let found = if error.is_some() { Err(error) } else { found };
            if fine {
                let liquidation = desk.world.liquidate(desk.market, &desk.keeper, position);
                let empty = desk.world.position(position).size == 0;
                let error = if empty { PositionEmpty } else { NotLiquidatable };
                refused("never liquidatable", liquidation, error);
            }
            found
        });
        let by_hand = desk.what_if(|desk| {
            // nothing is added while one is pending
            desk.world.edit::<Position>(&position, |state| state.committed_until = 0);
            let result = Random::direct(desk, position, &terms);
            let mut found = outcome(desk, position, result)?;
            // the order has its margin from before
            found.trader += terms.margin;
            Ok(found)
        });
        assert!(by_order == by_hand, "case {case}, {terms:?}: {by_order:?} and {by_hand:?}");
        match by_order {
            Ok(_) => done[kind as usize] += 1,
            Err(_) => refusals += 1,
        }
    }
    assert!(done.iter().all(|times| *times > 15) && refusals > 15, "{done:?} done, {refusals} refused");
}
