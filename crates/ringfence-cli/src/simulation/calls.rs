//! The instructions of a trader, and of the keeper who liquidates him and executes
//! his orders. He has one position at a time, and with it always the same orders,
//! so that their addresses are the same for the whole run: they are derived once,
//! and only the arguments change.

use borsh::BorshSerialize;
use ringfence_client::state::{Order, OrderKind, OrderTerms, Side};
use ringfence_client::{ClosePositionArgs, Instruction, OpenPositionArgs, PlaceOrderArgs, Pubkey};
use ringfence_client::{instructions, pda};
use ringfence_testkit::orders::reducing;
use ringfence_testkit::trade::any_price;
use ringfence_testkit::{MarketId, Trader, World};

/// Bytes that say which instruction it is; its arguments follow.
const DISCRIMINATOR_LEN: usize = 8;

/// Of one trader.
#[derive(Clone, Debug)]
pub struct Calls {
    pub position: Pubkey,
    pub vault: Pubkey,
    open: Instruction,
    add_margin: Instruction,
    remove_margin: Instruction,
    close: Instruction,
    liquidate: Instruction,
    /// By their number.
    pub orders: Vec<OrderCalls>,
}

/// Of one of his orders.
#[derive(Clone, Debug)]
pub struct OrderCalls {
    pub order: Pubkey,
    id: u8,
    escrow_bump: u8,
    place: Instruction,
    cancel: Instruction,
    execute: Instruction,
}

impl Calls {
    /// With those of `orders` orders.
    pub fn new(
        world: &mut World,
        market: MarketId,
        [trader, keeper]: [&Trader; 2],
        side: Side,
        orders: u8,
    ) -> Self {
        let position = world.position_key(market, trader, 0);
        let order = |id| OrderCalls::new(world, market, [trader, keeper], position, id);
        let orders = (0..orders).map(order).collect();
        let open = OpenPositionArgs { id: 0, side, size: 0, margin: 0, acceptable_price: 0 };
        let close = ClosePositionArgs { acceptable_price: any_price(false, side) };
        Self {
            position,
            vault: pda::position_vault(&position),
            open: world.open_ix(market, trader, open),
            add_margin: world.add_margin_ix(market, trader, position, 0),
            remove_margin: world.remove_margin_ix(market, trader, position, 0),
            close: world.close_ix(market, trader, position, close),
            liquidate: world.liquidate_ix(market, keeper, position),
            orders,
        }
    }

    pub fn open(&self, args: OpenPositionArgs) -> Instruction {
        with(&self.open, &args)
    }

    pub fn add_margin(&self, amount: u64) -> Instruction {
        with(&self.add_margin, &amount)
    }

    pub fn remove_margin(&self, amount: u64) -> Instruction {
        with(&self.remove_margin, &amount)
    }

    /// At any fill price.
    pub fn close(&self) -> Instruction {
        self.close.clone()
    }

    pub fn liquidate(&self) -> Instruction {
        self.liquidate.clone()
    }
}

impl OrderCalls {
    fn new(
        world: &mut World,
        market: MarketId,
        [trader, keeper]: [&Trader; 2],
        position: Pubkey,
        id: u8,
    ) -> Self {
        let [tokens, keeper_tokens] = [trader, keeper].map(|who| world.tokens_of(market, who));
        let accounts = world.markets[market.0].accounts;
        let order = pda::order(&position, id);
        let (escrow, escrow_bump) = pda::order_escrow_and_bump(&order);
        // What the addresses follow from; `place` has its own terms.
        let state = Order { trader: trader.pubkey(), position, escrow, ..Order::default() };
        let terms = reducing(world, OrderKind::StopLoss, Side::Long, 0, 0);
        let [who, executor] = [trader, keeper].map(Trader::pubkey);
        Self {
            order,
            id,
            escrow_bump,
            place: world.place_ix(market, trader, position, id, terms),
            cancel: instructions::cancel_order(accounts.token_program, order, &state, who, tokens),
            execute: instructions::execute_order(&accounts, order, &state, executor, keeper_tokens, None),
        }
    }

    pub fn place(&self, terms: OrderTerms) -> Instruction {
        let args = PlaceOrderArgs { id: self.id, escrow_bump: self.escrow_bump, terms };
        with(&self.place, &args)
    }

    pub fn cancel(&self) -> Instruction {
        self.cancel.clone()
    }

    pub fn execute(&self) -> Instruction {
        self.execute.clone()
    }
}

/// The same instruction with other arguments.
fn with(call: &Instruction, arguments: &impl BorshSerialize) -> Instruction {
    let mut data = call.data[..DISCRIMINATOR_LEN].to_vec();
    arguments.serialize(&mut data).expect("a vector takes what is written");
    Instruction { program_id: call.program_id, accounts: call.accounts.clone(), data }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfence_math::PPM;
    use ringfence_testkit::{price, quote, size};

    #[test]
    fn calls_are_those_of_the_builders() {
        let mut world = World::quick();
        let market = world.market("CALLS-PERP").price("100").build();
        let (trader, keeper) = (world.trader_of(market, quote("1000")), world.trader(0));
        for side in [Side::Long, Side::Short] {
            let calls = Calls::new(&mut world, market, [&trader, &keeper], side, 2);
            let acceptable_price = any_price(true, side);
            let args = OpenPositionArgs { id: 0, side, size: 5, margin: 7, acceptable_price };
            assert_eq!(calls.open(args), world.open_ix(market, &trader, args));
            let position = calls.position;
            assert_eq!(calls.add_margin(9), world.add_margin_ix(market, &trader, position, 9));
            assert_eq!(calls.remove_margin(11), world.remove_margin_ix(market, &trader, position, 11));
            let args = ClosePositionArgs { acceptable_price: any_price(false, side) };
            assert_eq!(calls.close(), world.close_ix(market, &trader, position, args));
            assert_eq!(calls.liquidate(), world.liquidate_ix(market, &keeper, position));
        }
    }

    #[test]
    fn so_are_those_of_orders() {
        let mut world = World::quick();
        let market = world.market("CALLS-PERP").price("100").liquidity(100_000).build();
        let (trader, keeper) = (world.trader_of(market, quote("1000")), world.trader(0));
        let calls = Calls::new(&mut world, market, [&trader, &keeper], Side::Long, 2);
        world.open(market, &trader, 0, Side::Long, size("1"), quote("50")).unwrap();
        let oracle = world.markets[market.0].accounts.oracle;
        for (id, order) in (0u8..).zip(&calls.orders) {
            let terms = reducing(&world, OrderKind::StopLoss, Side::Long, PPM, price("95"));
            let terms = OrderTerms { reward: quote("0.1"), ..terms };
            assert_eq!(order.place(terms), world.place_ix(market, &trader, calls.position, id, terms));
            assert_eq!(world.place(market, &trader, calls.position, id, terms).unwrap(), order.order);
            assert_eq!(order.cancel(), world.cancel_ix(market, &trader, &trader, order.order));
            assert_eq!(order.execute(), world.execute_ix(market, &keeper, order.order, oracle));
        }
        assert_eq!(calls.orders.len(), 2);
    }
}
