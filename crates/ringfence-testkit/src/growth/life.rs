//! Every instruction of traders, keepers and providers, one after the other.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::PositionLiquidated;
use ringfence_client::events::Event;
use ringfence_client::state::{OrderKind, OrderTerms, Side};
use ringfence_client::{AddLiquidityArgs, RemoveLiquidityArgs};

use super::Stage;
use crate::decimal::{price, quote, size};
use crate::orders;
use crate::tx::{Failure, Receipt};

/// One instruction, and the compute units that its transaction took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The instruction, and which of its paths where there is more than one.
    pub name: &'static str,
    pub units: u64,
}

/// Whether all of a position was liquidated.
fn whole(receipt: &Receipt) -> Option<bool> {
    let all = |event: &PositionLiquidated| event.remaining_size == 0;
    receipt.events.iter().find_map(|event| match event {
        Event::PositionLiquidated(liquidated) => Some(all(liquidated)),
        _ => None,
    })
}

#[derive(Default)]
struct Steps(Vec<Step>);

impl Steps {
    fn take(&mut self, name: &'static str, sent: Result<Receipt, Failure>) -> Receipt {
        let receipt = sent.unwrap_or_else(|failure| panic!("{name}: {failure:#?}"));
        self.0.push(Step { name, units: receipt.compute_units });
        receipt
    }
}

impl Stage {
    pub(super) fn live(&mut self) -> Vec<Step> {
        let mut steps = Steps::default();
        self.provide(&mut steps);
        self.order(&mut steps);
        self.trade(&mut steps);
        self.fail(&mut steps);
        self.win(&mut steps);
        steps.0
    }

    fn provide(&mut self, steps: &mut Steps) {
        let Self { world, market, provider, .. } = self;
        let market = *market;
        let args = AddLiquidityArgs { id: 0, amount: quote("1_000"), min_shares: 1 };
        let add = world.add_liquidity_ix(market, provider, args);
        steps.take("add_liquidity", world.send(&[add], &[&provider.key]));
        // The cool-down of default_params.
        world.advance(3_600);
        steps.take("claim_shares", world.claim_shares(market, provider, 0));
        let account = world.shares_of(market, provider);
        let args = RemoveLiquidityArgs { shares: world.balance(&account) / 2, min_amount: 1 };
        let remove = world.remove_liquidity_ix(market, provider, args);
        steps.take("remove_liquidity", world.send(&[remove], &[&provider.key]));
    }

    fn order(&mut self, steps: &mut Steps) {
        let Self { world, market, trader, keeper, .. } = self;
        let market = *market;
        let reward = quote("0.1");
        let create = world.create_position_ix(market, trader, 1, Side::Long);
        steps.take("create_position", world.send(&[create], &[&trader.key]));
        let position = world.position_key(market, trader, 1);
        let terms = orders::adding(world, OrderKind::Limit, Side::Long, size("1"), quote("30"), u64::MAX);
        let place = world.place_ix(market, trader, position, 0, OrderTerms { reward, ..terms });
        steps.take("place_order", world.send(&[place], &[&trader.key]));
        world.advance(5);
        let order = ringfence_client::pda::order(&position, 0);
        let execute = world.execute_ix(market, keeper, order, world.markets[market.0].accounts.oracle);
        steps.take("execute_order, opens", world.send(&[execute], &[&keeper.key]));

        let trigger = price("160");
        let terms = orders::reducing(world, OrderKind::TakeProfit, Side::Long, 1_000_000, trigger);
        let terms = OrderTerms { reward, ..terms };
        for id in [1, 2] {
            world.place(market, trader, position, id, terms).expect("place");
        }
        let order = ringfence_client::pda::order(&position, 1);
        steps.take("cancel_order", world.cancel(market, trader, trader, order));
        world.warp(5);
        world.set_price(market, price("165"));
        let order = ringfence_client::pda::order(&position, 2);
        let execute = world.execute_ix(market, keeper, order, world.markets[market.0].accounts.oracle);
        steps.take("execute_order, closes", world.send(&[execute], &[&keeper.key]));
        world.close(market, trader, position).expect("close");
        world.set_price(market, price("150"));
    }

    fn open(&mut self, id: u16, margin: u64) -> (Pubkey, Receipt) {
        let Self { world, market, trader, .. } = self;
        let args = ringfence_client::OpenPositionArgs {
            id,
            side: Side::Long,
            size: size("10"),
            margin,
            acceptable_price: u64::MAX,
        };
        let receipt = world.open_with(*market, trader, args).expect("open");
        (world.position_key(*market, trader, id), receipt)
    }

    fn trade(&mut self, steps: &mut Steps) {
        let (position, opened) = self.open(2, quote("300"));
        steps.take("open_position", Ok(opened));
        let Self { world, market, trader, .. } = self;
        let market = *market;
        let increased = world.increase(market, trader, position, size("1"), quote("10"));
        steps.take("increase_position", increased);
        steps.take("add_margin", world.add_margin(market, trader, position, quote("10")));
        steps.take("remove_margin", world.remove_margin(market, trader, position, quote("5")));
        steps.take("decrease_position", world.decrease(market, trader, position, size("2")));
        world.advance(60);
        let accrue = world.accrue_ix(market);
        steps.take("accrue", world.send(&[accrue], &[]));
        steps.take("close_position", world.close(market, trader, position));
    }

    /// A position that is liquidated, first a part of it, then the rest.
    fn fail(&mut self, steps: &mut Steps) {
        let (position, _) = self.open(3, quote("150"));
        let Self { world, market, trader, keeper, .. } = self;
        let market = *market;
        let (state, held) = (world.market_state(market), world.position(position));
        let mark = ringfence_client::health::liquidation_price(&state, &held);
        let mark = mark.expect("arithmetic").expect("a price that liquidates").0;
        // The edge of the interval is what counts, 0.05 further up.
        world.set_price(market, mark - price("0.1"));
        let part = steps.take("liquidate, a part", world.liquidate(market, keeper, position));
        assert_eq!(whole(&part), Some(false), "{part:?}");
        world.set_price(market, price("110"));
        let rest = steps.take("liquidate, the rest", world.liquidate(market, keeper, position));
        assert_eq!(whole(&rest), Some(true), "{rest:?}");
        steps.take("close_position, emptied", world.close(market, trader, position));
        world.set_price(market, price("150"));
    }

    /// A position whose gain reaches its reserve, all of its entry notional.
    fn win(&mut self, steps: &mut Steps) {
        let (position, _) = self.open(4, quote("300"));
        let Self { world, market, trader, keeper, .. } = self;
        let market = *market;
        world.set_price(market, price("310"));
        let close = world.close_at_cap_ix(market, keeper, position);
        steps.take("close_at_cap", world.send(&[close], &[&keeper.key]));
        world.close(market, trader, position).expect("close");
    }
}
