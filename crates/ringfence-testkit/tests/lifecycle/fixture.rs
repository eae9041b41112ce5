//! A market of layout 1 and three positions in it, byte for byte as a program
//! of that layout wrote them, in a world of this one's.
//!
//! 75 long of Alice's with Bob as her delegate, 40 short of Bob's, and another
//! of Bob's that is emptied; a pool of a million; the price 130.5 ± 0.05.

use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::{Market, Position, decode};
use ringfence_client::state::OracleKind;
use ringfence_client::{MarketAccounts, PROGRAM_ID, pda};
use ringfence_testkit::market::MarketHandle;
use ringfence_testkit::pyth::account_of;
use ringfence_testkit::tokens::{mint_account, token_account};
use ringfence_testkit::{Feed, MarketId, MintKind, Trader, World};

use crate::support::*;

const MARKET: &str = include_str!("../../fixtures/v1/market.hex");
const LONG: &str = include_str!("../../fixtures/v1/position_long.hex");
const SHORT: &str = include_str!("../../fixtures/v1/position_short.hex");
const EMPTIED: &str = include_str!("../../fixtures/v1/position_emptied.hex");

/// When the market was last touched.
const THEN: i64 = 1_735_776_000;

pub struct Old {
    pub world: World,
    pub market: MarketId,
    pub alice: Trader,
    pub bob: Trader,
    /// Holds all shares but the locked ones.
    pub carol: Trader,
    pub long: Pubkey,
    pub short: Pubkey,
    pub emptied: Pubkey,
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: String = hex.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex")).collect()
}

/// An empty token account at a fixed address, then `amount` issued into it.
fn issue(world: &mut World, key: Pubkey, mint: Pubkey, owner: Pubkey, amount: u64) {
    let account = token_account(anchor_spl::token::ID, mint, owner, 0, false);
    world.svm.set_account(key, account).expect("token account");
    world.donate(key, amount);
    world.donations.remove(&key);
}

/// The people whose keys these are: the testkit numbers its keys.
fn people<const N: usize>(world: &mut World, keys: [Pubkey; N]) -> [Trader; N] {
    let mut all: Vec<_> = (0..200).map(|_| world.trader(0)).collect();
    keys.map(|key| {
        let index = all.iter().position(|person| person.pubkey() == key).expect("a key of the testkit");
        all.swap_remove(index)
    })
}

impl Old {
    pub fn new() -> Self {
        let mut world = World::new();
        let market_data = bytes(MARKET);
        let state: Market = decode(&market_data).expect("a market");
        let owners = [LONG, SHORT].map(|hex| decode::<Position>(&bytes(hex)).expect("a position").owner);
        let [alice, bob] = people(&mut world, owners);
        let key = pda::market(0);
        world.svm.set_account(key, account_of(PROGRAM_ID, market_data)).expect("market");
        for (mint, authority) in [(state.collateral_mint, key), (state.lp_mint, key)] {
            let account = mint_account(&MintKind::Token, authority, state.quote_decimals, 0);
            world.svm.set_account(mint, account).expect("mint");
        }
        let pool = state.liquidity + state.insurance + state.protocol_fees;
        issue(&mut world, state.pool_vault, state.collateral_mint, key, pool);
        let positions = [LONG, SHORT, EMPTIED].map(|hex| {
            let data = bytes(hex);
            let position: Position = decode(&data).expect("a position");
            let address = pda::position(&key, &position.owner, position.id);
            world.svm.set_account(address, account_of(PROGRAM_ID, data)).expect("position");
            issue(&mut world, position.vault, state.collateral_mint, address, position.margin);
            address
        });
        let [long, short, emptied] = positions;
        let carol = world.trader(0);
        let shares = world.create_token_account(state.lp_mint, carol.pubkey(), state.lp_shares - 1_000);
        carol.tokens.borrow_mut().insert(state.lp_mint, shares);

        let feed = Feed {
            price: state.accepted.price,
            confidence: state.accepted.confidence,
            ema: state.accepted.ema,
            publish_time: THEN,
        };
        world.set_clock(THEN, world.slot() + 1);
        let accounts = MarketAccounts::new(key, &state, state.oracle.account);
        let (kind, feed_id) = (OracleKind::PythPull, state.oracle.feed_id);
        world.markets.push(MarketHandle { accounts, mint: MintKind::Token, kind, feed_id, feed });
        let market = MarketId(0);
        world.set_feed(market, feed);
        balanced(&world);
        Self { world, market, alice, bob, carol, long, short, emptied }
    }
}
