//! Orders, and the prices that execute them.

use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::{Order, decode};
use ringfence_client::state::{OrderKind, OrderTerms, Side};
use ringfence_client::{CreatePositionArgs, Instruction, MarketAccounts, instructions, pda};
use solana_signer::Signer;

use crate::market::{Feed, MarketId};
use crate::pyth::{self, PythPrice};
use crate::trade::{Trader, any_price};
use crate::tx::{Failure, Receipt};
use crate::world::World;

/// An hour: how long the orders made here live.
pub const LIFETIME: i64 = 3_600;

/// An order that closes a share of a position of this side, at any fill price
/// and for no reward.
pub fn reducing(
    world: &World,
    kind: OrderKind,
    side: Side,
    share_ppm: u32,
    trigger_price: u64,
) -> OrderTerms {
    OrderTerms {
        kind,
        size: 0,
        margin: 0,
        share_ppm,
        trigger_price,
        acceptable_price: any_price(false, side),
        reward: 0,
        expires_at: world.now() + LIFETIME,
        cancels: None,
    }
}

/// A limit or stop order that adds to a position of this side, at any fill
/// price and for no reward.
pub fn adding(
    world: &World,
    kind: OrderKind,
    side: Side,
    size: u64,
    margin: u64,
    trigger_price: u64,
) -> OrderTerms {
    OrderTerms {
        kind,
        size,
        margin,
        share_ppm: 0,
        trigger_price,
        acceptable_price: any_price(true, side),
        reward: 0,
        expires_at: world.now() + LIFETIME,
        cancels: None,
    }
}

/// A delayed market order that adds to a position of this side, at any fill
/// price; `reward` is at least the market's min_keeper_reward.
pub fn delayed(side: Side, size: u64, margin: u64, reward: u64) -> OrderTerms {
    OrderTerms {
        kind: OrderKind::Delayed,
        size,
        margin,
        share_ppm: 0,
        trigger_price: 0,
        acceptable_price: any_price(true, side),
        reward,
        expires_at: 0,
        cancels: None,
    }
}

impl World {
    /// A position of no size; returns its address.
    pub fn create_position(
        &mut self,
        market: MarketId,
        owner: &Trader,
        id: u16,
        side: Side,
    ) -> Result<Pubkey, Failure> {
        let instruction = self.create_position_ix(market, owner, id, side);
        self.send(&[instruction], &[&owner.key])?;
        Ok(self.position_key(market, owner, id))
    }

    pub fn create_position_ix(
        &mut self,
        market: MarketId,
        owner: &Trader,
        id: u16,
        side: Side,
    ) -> Instruction {
        let args = CreatePositionArgs { id, side };
        instructions::create_position(&self.markets[market.0].accounts, owner.pubkey(), None, args)
    }

    /// Places an order; returns its address.
    pub fn place(
        &mut self,
        market: MarketId,
        trader: &Trader,
        position: Pubkey,
        id: u8,
        terms: OrderTerms,
    ) -> Result<Pubkey, Failure> {
        let instruction = self.place_ix(market, trader, position, id, terms);
        self.send(&[instruction], &[&trader.key])?;
        Ok(pda::order(&position, id))
    }

    pub fn place_ix(
        &mut self,
        market: MarketId,
        trader: &Trader,
        position: Pubkey,
        id: u8,
        terms: OrderTerms,
    ) -> Instruction {
        let tokens = self.tokens_of(market, trader);
        instructions::place_order(
            &self.markets[market.0].accounts,
            position,
            trader.pubkey(),
            tokens,
            id,
            terms,
        )
    }

    /// None once it has ended.
    pub fn read_order(&self, key: &Pubkey) -> Option<Order> {
        decode(&self.svm.get_account(key)?.data)
    }

    /// The order; panics once it has ended.
    pub fn order(&self, key: Pubkey) -> Order {
        self.read_order(&key).expect("an order")
    }

    /// Cancels an order that `trader` placed; `canceller` signs.
    pub fn cancel(
        &mut self,
        market: MarketId,
        canceller: &Trader,
        trader: &Trader,
        order: Pubkey,
    ) -> Result<Receipt, Failure> {
        let instruction = self.cancel_ix(market, canceller, trader, order);
        let receipt = self.send(&[instruction], &[&canceller.key])?;
        self.donations.remove(&pda::order_escrow(&order));
        Ok(receipt)
    }

    pub fn cancel_ix(
        &mut self,
        market: MarketId,
        canceller: &Trader,
        trader: &Trader,
        order: Pubkey,
    ) -> Instruction {
        let tokens = self.tokens_of(market, trader);
        let program = self.markets[market.0].accounts.token_program;
        instructions::cancel_order(program, order, &self.order(order), canceller.pubkey(), tokens)
    }

    /// Executes an order at the price in the market's oracle account.
    pub fn execute(
        &mut self,
        market: MarketId,
        executor: &Trader,
        order: Pubkey,
    ) -> Result<Receipt, Failure> {
        let oracle = self.markets[market.0].accounts.oracle;
        self.execute_at(market, executor, order, oracle)
    }

    /// Executes an order at the price in this account.
    pub fn execute_at(
        &mut self,
        market: MarketId,
        executor: &Trader,
        order: Pubkey,
        oracle: Pubkey,
    ) -> Result<Receipt, Failure> {
        let (escrow, position) = (pda::order_escrow(&order), self.order(order).position);
        let instruction = self.execute_ix(market, executor, order, oracle);
        let receipt = self.send(&[instruction], &[&executor.key])?;
        // What was donated to the escrow lies in the position's vault now; or
        // still there, where a delayed order has failed.
        if self.read_order(&order).is_none()
            && let Some(donated) = self.donations.remove(&escrow)
        {
            *self.donations.entry(pda::position_vault(&position)).or_default() += donated;
        }
        Ok(receipt)
    }

    pub fn execute_ix(
        &mut self,
        market: MarketId,
        executor: &Trader,
        order: Pubkey,
        oracle: Pubkey,
    ) -> Instruction {
        let tokens = self.tokens_of(market, executor);
        let accounts = MarketAccounts { oracle, ..self.markets[market.0].accounts };
        let state = self.order(order);
        let referral = self.referral_of(state.position);
        instructions::execute_order(&accounts, order, &state, executor.pubkey(), tokens, referral)
    }

    /// An update of the market's feed in an account of its own, as anyone can
    /// post one where the feed is not pinned; the market's own account stays.
    pub fn post_update(&mut self, market: MarketId, feed: Feed, previous_publish_time: i64) -> Pubkey {
        let signed = |value: u64| i64::try_from(value).expect("a price that Pyth can hold");
        let price = PythPrice {
            price: signed(feed.price),
            confidence: feed.confidence,
            ema: signed(feed.ema),
            exponent: -10,
            publish_time: feed.publish_time,
            previous_publish_time,
            slot: self.slot(),
        };
        let handle = &self.markets[market.0];
        let account = pyth::account(handle.kind, &handle.feed_id, &price);
        let key = self.new_key().pubkey();
        self.svm.set_account(key, account).expect("an update");
        key
    }
}
