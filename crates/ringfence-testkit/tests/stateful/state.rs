//! All that the program and its tokens are at one moment.

use std::collections::BTreeMap;
use std::fmt::Debug;

use anchor_lang::prelude::Pubkey;
use bytemuck::{NoUninit, bytes_of};
use ringfence_client::PROGRAM_ID;
use ringfence_client::accounts::{
    Exchange, LiquidityDeposit, Market, Order, ParamsProposal, Position, Referral, decode,
};
use ringfence_testkit::tokens::read_token;

use crate::action::{OrderSpot, Spot};
use crate::run::{Quoted, Run};

#[derive(Clone, Debug)]
pub struct State {
    pub now: i64,
    pub restart_slot: u64,
    pub exchange: Exchange,
    pub quoted: Vec<Quoted>,
    pub markets: BTreeMap<Pubkey, Market>,
    pub positions: BTreeMap<Pubkey, Position>,
    pub orders: BTreeMap<Pubkey, Order>,
    pub deposits: BTreeMap<Pubkey, LiquidityDeposit>,
    pub referrals: BTreeMap<Pubkey, Referral>,
    pub proposals: BTreeMap<Pubkey, ParamsProposal>,
    /// Balance of every token account there is.
    pub tokens: BTreeMap<Pubkey, u64>,
}

impl State {
    pub fn read(run: &Run) -> Self {
        let world = &run.world;
        let mut state = Self {
            now: world.now(),
            restart_slot: run.restart_slot,
            exchange: world.exchange(),
            quoted: run.quoted.clone(),
            markets: BTreeMap::new(),
            positions: BTreeMap::new(),
            orders: BTreeMap::new(),
            deposits: BTreeMap::new(),
            referrals: BTreeMap::new(),
            proposals: BTreeMap::new(),
            tokens: BTreeMap::new(),
        };
        for (key, account) in world.svm.get_program_accounts(&PROGRAM_ID) {
            if let Some(market) = decode(&account.data) {
                state.markets.insert(key, market);
            } else if let Some(position) = decode(&account.data) {
                state.positions.insert(key, position);
            } else if let Some(order) = decode(&account.data) {
                state.orders.insert(key, order);
            } else if let Some(deposit) = decode(&account.data) {
                state.deposits.insert(key, deposit);
            } else if let Some(referral) = decode(&account.data) {
                state.referrals.insert(key, referral);
            } else if let Some(proposal) = decode(&account.data) {
                state.proposals.insert(key, proposal);
            }
        }
        for program in [anchor_spl::token::ID, anchor_spl::token_2022::ID] {
            let accounts = world.svm.get_program_accounts(&program).into_iter();
            let held = accounts.filter_map(|(key, account)| Some((key, read_token(&account)?.amount)));
            state.tokens.extend(held);
        }
        state
    }

    /// None once it is closed, or before it is created.
    pub fn market(&self, run: &Run, place: usize) -> Option<&Market> {
        self.markets.get(&run.world.markets.get(place)?.accounts.market)
    }

    pub fn position(&self, run: &Run, at: Spot) -> Option<&Position> {
        self.positions.get(&run.position(at)?)
    }

    pub fn order(&self, run: &Run, of: OrderSpot) -> Option<&Order> {
        self.orders.get(&run.order(of)?)
    }

    /// The first thing in which what is differs from what was expected; bumps
    /// of new accounts, which are the address's, are taken as they are.
    pub fn difference(mut self, found: &State) -> Option<String> {
        for (key, position) in &mut self.positions {
            if let Some(found) = found.positions.get(key).filter(|_| position.bump == 0) {
                (position.bump, position.vault_bump) = (found.bump, found.vault_bump);
            }
        }
        let bump = |key: &Pubkey| found.orders.get(key).map_or(0, |found| found.bump);
        self.orders.iter_mut().filter(|(_, it)| it.bump == 0).for_each(|(key, it)| it.bump = bump(key));
        let bump = |key: &Pubkey| found.deposits.get(key).map_or(0, |found| found.bump);
        self.deposits.iter_mut().filter(|(_, it)| it.bump == 0).for_each(|(key, it)| it.bump = bump(key));
        let bump = |key: &Pubkey| found.referrals.get(key).map_or(0, |found| found.bump);
        self.referrals.iter_mut().filter(|(_, it)| it.bump == 0).for_each(|(key, it)| it.bump = bump(key));
        let bump = |key: &Pubkey| found.proposals.get(key).map_or(0, |found| found.bump);
        self.proposals.iter_mut().filter(|(_, it)| it.bump == 0).for_each(|(key, it)| it.bump = bump(key));
        let one = |exchange| BTreeMap::from([(Pubkey::default(), exchange)]);
        differs("exchange", &one(self.exchange), &one(found.exchange))
            .or_else(|| differs("market", &self.markets, &found.markets))
            .or_else(|| differs("position", &self.positions, &found.positions))
            .or_else(|| differs("order", &self.orders, &found.orders))
            .or_else(|| differs("deposit", &self.deposits, &found.deposits))
            .or_else(|| differs("referral", &self.referrals, &found.referrals))
            .or_else(|| differs("proposal", &self.proposals, &found.proposals))
            .or_else(|| differs("balance", &self.tokens, &found.tokens))
    }
}

fn differs<T: NoUninit + Debug>(
    what: &str,
    expected: &BTreeMap<Pubkey, T>,
    found: &BTreeMap<Pubkey, T>,
) -> Option<String> {
    for key in expected.keys().chain(found.keys()) {
        match (expected.get(key), found.get(key)) {
            (Some(left), Some(right)) if bytes_of(left) == bytes_of(right) => {}
            (left, right) => return Some(format!("{what} {key}: {}", fields(left, right))),
        }
    }
    None
}

/// The lines of their debug output that differ.
fn fields<T: Debug>(expected: Option<&T>, found: Option<&T>) -> String {
    let (Some(left), Some(right)) = (expected, found) else {
        return format!("expected {:?}, found {:?}", expected.map(|_| "one"), found.map(|_| "one"));
    };
    let (left, right) = (format!("{left:#?}"), format!("{right:#?}"));
    let pairs = left.lines().zip(right.lines()).filter(|(left, right)| left != right);
    let lines = pairs.map(|(left, right)| format!("expected {}, found {}", left.trim(), right.trim()));
    lines.collect::<Vec<_>>().join("; ")
}
