//! The market of these tests, who trades and who executes in it.

use anchor_lang::prelude::Pubkey;
use ringfence_client::state::{MarketParams, OrderKind, OrderTerms, Side};
use ringfence_client::{Instruction, pda};
pub use ringfence_testkit::asserts::*;
pub use ringfence_testkit::substitution::*;
use ringfence_testkit::{
    Failure, Feed, MarketId, MintKind, Receipt, Trader, World, orders, price, quote, size,
};

/// Whoever executes gets this much.
pub const REWARD: &str = "0.5";
/// Rent of an order's 280 bytes and of its escrow's 165: 6,960 lamports for
/// each of them and for 128 more of both.
pub const RENTS: u64 = (128 + 280 + 128 + 165) * 6_960;

pub const SIDES: [Side; 2] = [Side::Long, Side::Short];
pub const TRIGGERED: [OrderKind; 4] =
    [OrderKind::TakeProfit, OrderKind::StopLoss, OrderKind::Limit, OrderKind::Stop];

/// A market at 100 in which a skew of 10 moves the price by 1 %: 10 long open
/// at 100.5, 10 short at 99.5. The fees are 5 bp, of which insurance and
/// protocol get a tenth each; time costs nothing. Any update of its feed will
/// do, and there are 100,000 in its pool.
pub struct Desk {
    pub world: World,
    pub market: MarketId,
    /// Trades, with 10,000.
    pub alice: Trader,
    /// Executes, and starts with nothing.
    pub keeper: Trader,
}

impl Desk {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    pub fn with(change: impl FnOnce(&mut MarketParams)) -> Self {
        Self::of(World::new(), MintKind::Token, change)
    }

    /// The same for many transactions.
    pub fn quick(change: impl FnOnce(&mut MarketParams)) -> Self {
        Self::of(World::quick(), MintKind::Token, change)
    }

    pub fn of(mut world: World, mint: MintKind, change: impl FnOnce(&mut MarketParams)) -> Self {
        let market = world.market("SOL-PERP").price("100").unpinned().mint(mint).liquidity(100_000);
        let market = market
            .params(|params| {
                params.skew_scale = size("1000");
                (params.max_funding_rate_ppm, params.max_funding_velocity_ppm) = (0, 0);
                (params.borrow_base_ppm, params.borrow_slope1_ppm, params.borrow_slope2_ppm) = (0, 0, 0);
            })
            .params(change)
            .build();
        let (alice, keeper) = (world.trader(10_000), world.trader(0));
        world.tokens_of(market, &alice);
        world.tokens_of(market, &keeper);
        Self { world, market, alice, keeper }
    }

    /// Alice's 10, with a margin of 100 out of which the fee is paid.
    pub fn open(&mut self, side: Side) -> Pubkey {
        passes("open", self.world.open(self.market, &self.alice, 0, side, size("10"), quote("100")))
    }

    /// Alice's position of no size.
    pub fn created(&mut self, side: Side) -> Pubkey {
        passes("create", self.world.create_position(self.market, &self.alice, 0, side))
    }

    /// Alice's order under this number.
    pub fn place(&mut self, position: Pubkey, id: u8, terms: OrderTerms) -> Pubkey {
        passes("place", self.try_place(position, id, terms))
    }

    pub fn try_place(&mut self, position: Pubkey, id: u8, terms: OrderTerms) -> Result<Pubkey, Failure> {
        self.world.place(self.market, &self.alice, position, id, terms)
    }

    /// A whole stop-loss that a fall to 95 triggers, with a reward.
    pub fn stop_loss(&self, side: Side) -> OrderTerms {
        let trigger = if side == Side::Long { "95" } else { "105" };
        let terms = orders::reducing(&self.world, OrderKind::StopLoss, side, 1_000_000, price(trigger));
        OrderTerms { reward: quote(REWARD), ..terms }
    }

    /// What adds 10 and a margin of 100 for a reward; `trigger` means nothing
    /// to a delayed order.
    pub fn entry(&self, kind: OrderKind, side: Side, trigger: u64) -> OrderTerms {
        let (size, margin, reward) = (size("10"), quote("100"), quote(REWARD));
        if kind == OrderKind::Delayed {
            return orders::delayed(side, size, margin, reward);
        }
        OrderTerms { reward, ..orders::adding(&self.world, kind, side, size, margin, trigger) }
    }

    /// Terms of any kind that trigger at this price and at any other.
    pub fn any(&self, kind: OrderKind, side: Side) -> OrderTerms {
        let trigger = if kind.triggers_above(side) { 1 } else { u64::MAX };
        if kind.adds() {
            return self.entry(kind, side, trigger);
        }
        let terms = orders::reducing(&self.world, kind, side, 500_000, trigger);
        OrderTerms { reward: quote(REWARD), ..terms }
    }

    /// Five seconds later the index is here.
    pub fn reach(&mut self, index: &str) {
        self.world.warp(5);
        self.world.set_price(self.market, price(index));
    }

    pub fn execute(&mut self, order: Pubkey) -> Result<Receipt, Failure> {
        self.world.execute(self.market, &self.keeper, order)
    }

    /// At the price in this account.
    pub fn execute_at(&mut self, order: Pubkey, oracle: Pubkey) -> Result<Receipt, Failure> {
        self.world.execute_at(self.market, &self.keeper, order, oracle)
    }

    pub fn execute_ix(&mut self, order: Pubkey) -> Instruction {
        let oracle = self.world.markets[self.market.0].accounts.oracle;
        self.world.execute_ix(self.market, &self.keeper, order, oracle)
    }

    /// By alice, who placed it.
    pub fn cancel(&mut self, order: Pubkey) -> Result<Receipt, Failure> {
        self.world.cancel(self.market, &self.alice, &self.alice, order)
    }

    /// By somebody who has nothing to do with it.
    pub fn sweep(&mut self, order: Pubkey) -> Result<Receipt, Failure> {
        self.world.cancel(self.market, &self.keeper, &self.alice, order)
    }

    /// An update of the feed in an account of its own, without a spread.
    pub fn update(&mut self, index: &str, publish_time: i64, previous: i64) -> Pubkey {
        let index = price(index);
        let feed = Feed { price: index, confidence: 0, ema: index, publish_time };
        self.world.post_update(self.market, feed, previous)
    }

    /// What would come of it.
    pub fn what_if<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let world = &self.world;
        let before = (world.svm.clone(), world.markets.clone(), world.donations.clone());
        let result = act(self);
        let world = &mut self.world;
        (world.svm, world.markets, world.donations) = before;
        result
    }

    pub fn pays(&mut self) -> u64 {
        self.world.wealth(self.market, &self.alice)
    }

    pub fn earned(&mut self) -> u64 {
        self.world.wealth(self.market, &self.keeper)
    }

    pub fn lamports_of_alice(&self) -> u64 {
        lamports(&self.world, self.alice.pubkey())
    }

    #[track_caller]
    pub fn ended(&self, order: Pubkey) {
        for key in [order, pda::order_escrow(&order)] {
            assert_eq!(lamports(&self.world, key), 0, "gone");
        }
        balanced(&self.world);
    }
}
