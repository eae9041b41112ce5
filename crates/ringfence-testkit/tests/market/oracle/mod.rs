//! The oracle policy, on every instruction that reads a price.

mod clamp;
mod pull;
mod push;
mod real_accounts;
mod scaling;
mod validity;

use ringfence_client::state::{AcceptedPrice, Side};
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, Instruction,
    OpenPositionArgs, RemoveLiquidityArgs, RingfenceError,
};
use ringfence_testkit::pyth::{self, PythPrice};
use ringfence_testkit::{MarketId, Trader, World, price, quote, size};
use solana_account::Account;
use solana_signer::Signer;

use crate::support::*;

/// What an instruction does with risk, which decides the price it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    AddRisk,
    ReduceRisk,
    Liquidate,
}

/// An instruction, ready to be sent by the trader of this number.
struct Act {
    name: &'static str,
    class: Class,
    instruction: Instruction,
    trader: usize,
}

/// What becomes of an instruction: none for accepted.
type Verdict = Option<RingfenceError>;

/// Where a market's price comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    PinnedPull,
    AnyPull,
    Push,
}

pub const SOURCES: [Source; 3] = [Source::PinnedPull, Source::AnyPull, Source::Push];

/// A market at 150 with limits of 60, 120 and 300 s, 0.5, 1 and 2 % of
/// confidence, 30 % of divergence; its last accepted price is 400 s old. A
/// long of 9 margin on 150 that is liquidatable below some 145, and everybody
/// that it takes to try each instruction.
pub struct Scene {
    pub world: World,
    pub market: MarketId,
    traders: Vec<Trader>,
    acts: Vec<Act>,
}

impl Scene {
    pub fn new(source: Source) -> Self {
        let mut world = World::new();
        let market = world.market("SOL-PERP").price("150").liquidity(1_000_000);
        let market = match source {
            Source::PinnedPull => market,
            Source::AnyPull => market.unpinned(),
            Source::Push => market.push(),
        };
        let market = market.build();
        let traders: Vec<_> = (0..4).map(|_| world.trader(10_000)).collect();
        let [trader, doomed, provider, keeper] = &traders[..] else { unreachable!("four") };

        let open = |world: &mut World, owner, margin| {
            passes("open", world.open(market, owner, 0, Side::Long, size("1"), quote(margin)))
        };
        let healthy = open(&mut world, trader, "100");
        let liquidatable = open(&mut world, doomed, "9");
        passes("deposit", world.add_liquidity(market, provider, quote("500")));
        world.warp(400);

        let args = OpenPositionArgs {
            id: 1,
            side: Side::Long,
            size: size("1"),
            margin: quote("50"),
            acceptable_price: u64::MAX,
        };
        let open = world.open_ix(market, trader, args);
        let args = IncreasePositionArgs { size: size("1"), margin: 0, acceptable_price: u64::MAX };
        let increase = world.increase_ix(market, trader, healthy, args);
        let remove_margin = world.remove_margin_ix(market, trader, healthy, quote("1"));
        let args = DecreasePositionArgs { size: size("0.5"), acceptable_price: 0 };
        let decrease = world.decrease_ix(market, trader, healthy, args);
        let close = world.close_ix(market, trader, healthy, ClosePositionArgs { acceptable_price: 0 });
        let args = AddLiquidityArgs { id: 9, amount: quote("10"), min_shares: 0 };
        let add = world.add_liquidity_ix(market, provider, args);
        let args = RemoveLiquidityArgs { shares: quote("10"), min_amount: 0 };
        let remove = world.remove_liquidity_ix(market, provider, args);
        let liquidate = world.liquidate_ix(market, keeper, liquidatable);
        let acts = [
            ("open_position", Class::AddRisk, open, 0),
            ("increase_position", Class::AddRisk, increase, 0),
            ("remove_margin", Class::AddRisk, remove_margin, 0),
            ("add_liquidity", Class::AddRisk, add, 2),
            ("remove_liquidity", Class::AddRisk, remove, 2),
            ("decrease_position", Class::ReduceRisk, decrease, 0),
            ("close_position", Class::ReduceRisk, close, 0),
            ("liquidate", Class::Liquidate, liquidate, 3),
        ]
        .map(|(name, class, instruction, trader)| Act { name, class, instruction, trader })
        .into();
        Self { world, market, traders, acts }
    }

    /// 140, to the point, published now.
    pub fn sound(&self) -> PythPrice {
        PythPrice {
            price: price("140") as i64,
            confidence: 0,
            ema: price("140") as i64,
            exponent: -10,
            publish_time: self.world.now(),
            previous_publish_time: self.world.now() - 1,
            slot: self.world.slot(),
        }
    }

    /// Puts a price into the market's oracle account.
    pub fn publish(&mut self, price: &PythPrice) {
        let handle = &self.world.markets[self.market.0];
        let account = pyth::account(handle.kind, &handle.feed_id, price);
        self.write(account);
    }

    /// Puts anything into the market's oracle account.
    pub fn write(&mut self, account: Account) {
        let key = self.world.markets[self.market.0].accounts.oracle;
        self.world.svm.set_account(key, account).expect("oracle account");
    }

    /// Tries every instruction, each from the same state.
    #[track_caller]
    pub fn expect(&mut self, what: &str, add_risk: Verdict, reduce_risk: Verdict, liquidate: Verdict) {
        for act in 0..self.acts.len() {
            let verdict = match self.acts[act].class {
                Class::AddRisk => add_risk,
                Class::ReduceRisk => reduce_risk,
                Class::Liquidate => liquidate,
            };
            self.try_one(what, act, verdict);
        }
    }

    #[track_caller]
    fn try_one(&mut self, what: &str, act: usize, verdict: Verdict) {
        let Act { name, instruction, trader, .. } = &self.acts[act];
        let what = format!("{what}: {name}");
        let before = self.world.svm.clone();
        let result = self.world.send(std::slice::from_ref(instruction), &[&self.traders[*trader].key]);
        let accepted = self.world.market_state(self.market).accepted;
        self.world.svm = before;
        let earlier = self.world.market_state(self.market).accepted;
        match verdict {
            Some(error) => {
                refused(&what, result, error);
                assert_eq!(accepted, earlier, "{what}");
            }
            None => {
                passes(&what, result);
                // remove_margin only reads the market: it remembers no price.
                let remembered = if *name == "remove_margin" { earlier } else { self.published() };
                assert_eq!(accepted, remembered, "{what}");
            }
        }
    }

    #[track_caller]
    pub fn accepts(&mut self, what: &str) {
        self.expect(what, None, None, None);
    }

    #[track_caller]
    pub fn refuses(&mut self, what: &str, error: RingfenceError) {
        self.expect(what, Some(error), Some(error), Some(error));
    }

    /// Makes the market accept the price in its oracle account.
    pub fn accept(&mut self) {
        passes("accept", self.world.accrue(self.market));
    }

    /// Points every instruction at another oracle account.
    pub fn read_from(&mut self, oracle: anchor_lang::prelude::Pubkey) {
        let old = self.world.markets[self.market.0].accounts.oracle;
        for act in &mut self.acts {
            for meta in act.instruction.accounts.iter_mut().filter(|meta| meta.pubkey == old) {
                meta.pubkey = oracle;
            }
        }
        self.world.markets[self.market.0].accounts.oracle = oracle;
    }

    /// What the market's oracle account says, as long as its exponent is −10.
    fn published(&self) -> AcceptedPrice {
        let handle = &self.world.markets[self.market.0];
        let data = self.world.svm.get_account(&handle.accounts.oracle).expect("oracle account").data;
        let word = |at: usize| u64::from_le_bytes(data[at..at + 8].try_into().expect("8 bytes"));
        // Pull: behind discriminator 8, authority 32, level 1, feed id 32;
        // the average 28 bytes further. Push: as in Pyth's price_t.
        let (price, confidence, time, ema) =
            if handle.kind as u8 == 0 { (73, 81, 93, 109) } else { (208, 216, 96, 48) };
        AcceptedPrice {
            price: word(price),
            confidence: word(confidence),
            ema: word(ema),
            publish_time: word(time) as i64,
        }
    }

    pub fn new_key(&mut self) -> anchor_lang::prelude::Pubkey {
        self.world.new_key().pubkey()
    }
}
