//! The instructions of a trader, and of whoever liquidates him. He has one
//! position at a time, so that its addresses are the same for the whole run:
//! they are derived once, and only the arguments change.

use borsh::BorshSerialize;
use ringfence_client::state::Side;
use ringfence_client::{ClosePositionArgs, Instruction, OpenPositionArgs, Pubkey, pda};
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
}

impl Calls {
    pub fn new(world: &mut World, market: MarketId, trader: &Trader, keeper: &Trader, side: Side) -> Self {
        let position = world.position_key(market, trader, 0);
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

/// The same instruction with other arguments.
fn with(call: &Instruction, arguments: &impl BorshSerialize) -> Instruction {
    let mut data = call.data[..DISCRIMINATOR_LEN].to_vec();
    arguments.serialize(&mut data).expect("a vector takes what is written");
    Instruction { program_id: call.program_id, accounts: call.accounts.clone(), data }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringfence_testkit::quote;

    #[test]
    fn calls_are_those_of_the_builders() {
        let mut world = World::quick();
        let market = world.market("CALLS-PERP").price("100").build();
        let (trader, keeper) = (world.trader_of(market, quote("1000")), world.trader(0));
        for side in [Side::Long, Side::Short] {
            let calls = Calls::new(&mut world, market, &trader, &keeper, side);
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
}
