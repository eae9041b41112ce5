//! `getProgramAccounts` filters: one kind of account, and which of them. The
//! offsets are those of the account structs themselves.

use std::mem::offset_of;

use solana_pubkey::Pubkey;

use crate::Discriminator;
use crate::state::{LiquidityDeposit, Market, MarketStatus, Order, ParamsProposal, Position, Referral, Side};

/// One condition, in the terms of the RPC. Offsets count from the start of
/// the account's data, the 8 bytes of its discriminator included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Bytes that the account's data has.
    DataSize(u64),
    /// Bytes that stand at an offset.
    Memcmp { offset: usize, bytes: Vec<u8> },
}

impl Filter {
    /// Whether an account's data meets it, as an RPC node would judge.
    pub fn matches(&self, data: &[u8]) -> bool {
        match self {
            Self::DataSize(size) => u64::try_from(data.len()).is_ok_and(|length| length == *size),
            Self::Memcmp { offset, bytes } => {
                data.get(*offset..).is_some_and(|rest| rest.starts_with(bytes.as_slice()))
            }
        }
    }
}

/// Every account of this kind.
pub fn of<T: Discriminator>() -> Vec<Filter> {
    let size = T::DISCRIMINATOR.len() + size_of::<T>();
    vec![Filter::DataSize(size as u64), Filter::Memcmp { offset: 0, bytes: T::DISCRIMINATOR.to_vec() }]
}

macro_rules! field {
    ($filters:ident, $account:ident.$field:ident, $bytes:expr) => {
        if let Some(value) = $bytes {
            let offset = $account::DISCRIMINATOR.len() + offset_of!($account, $field);
            $filters.push(Filter::Memcmp { offset, bytes: value });
        }
    };
}

fn key(key: Option<&Pubkey>) -> Option<Vec<u8>> {
    key.map(|key| key.to_bytes().to_vec())
}

/// Markets, all or those of one status.
pub fn markets(status: Option<MarketStatus>) -> Vec<Filter> {
    let mut filters = of::<Market>();
    field!(filters, Market.status, status.map(|status| vec![status as u8]));
    filters
}

/// Positions of a market, of an owner, of both, or all; open and emptied.
pub fn positions(market: Option<&Pubkey>, owner: Option<&Pubkey>) -> Vec<Filter> {
    let mut filters = of::<Position>();
    field!(filters, Position.market, key(market));
    field!(filters, Position.owner, key(owner));
    filters
}

/// Positions of one side of a market; open and emptied.
pub fn positions_of_side(market: &Pubkey, side: Side) -> Vec<Filter> {
    let mut filters = positions(Some(market), None);
    field!(filters, Position.side, Some(vec![side as u8]));
    filters
}

/// Positions that a delegate may trade.
pub fn positions_of_delegate(delegate: &Pubkey) -> Vec<Filter> {
    let mut filters = of::<Position>();
    field!(filters, Position.delegate, key(Some(delegate)));
    filters
}

/// Deposits whose shares have not been claimed.
pub fn deposits(market: Option<&Pubkey>, provider: Option<&Pubkey>) -> Vec<Filter> {
    let mut filters = of::<LiquidityDeposit>();
    field!(filters, LiquidityDeposit.market, key(market));
    field!(filters, LiquidityDeposit.provider, key(provider));
    filters
}

/// Referrals of a market, of a referrer, of both, or all.
pub fn referrals(market: Option<&Pubkey>, referrer: Option<&Pubkey>) -> Vec<Filter> {
    let mut filters = of::<Referral>();
    field!(filters, Referral.market, key(market));
    field!(filters, Referral.referrer, key(referrer));
    filters
}

/// Parameters that wait for their timelock.
pub fn proposals() -> Vec<Filter> {
    of::<ParamsProposal>()
}

/// Orders of a position, or all.
pub fn orders(position: Option<&Pubkey>) -> Vec<Filter> {
    let mut filters = of::<Order>();
    field!(filters, Order.position, key(position));
    filters
}

/// Orders that a trader placed: whoever's position they are for, and whether
/// it is there or not.
pub fn orders_of_trader(trader: &Pubkey) -> Vec<Filter> {
    let mut filters = of::<Order>();
    field!(filters, Order.trader, key(Some(trader)));
    filters
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::{Zeroable, bytes_of};

    fn data<T: Discriminator + bytemuck::Pod>(account: &T) -> Vec<u8> {
        [T::DISCRIMINATOR, bytes_of(account)].concat()
    }

    fn all(filters: &[Filter], data: &[u8]) -> bool {
        filters.iter().all(|filter| filter.matches(data))
    }

    fn position(market: u8, owner: u8, delegate: u8, side: Side) -> Vec<u8> {
        let key = |byte: u8| Pubkey::new_from_array([byte; 32]);
        let mut position = Position::zeroed();
        (position.market, position.owner, position.delegate) = (key(market), key(owner), key(delegate));
        position.side = side as u8;
        data(&position)
    }

    #[test]
    fn offsets_are_those_of_the_documented_layout() {
        // docs/accounts.md: discriminator 8, version, bump, side, vault bump
        // 4, id 2, reserved 2, then market, owner, delegate of 32 each.
        let at = |filters: Vec<Filter>| match filters.last() {
            Some(Filter::Memcmp { offset, .. }) => *offset,
            other => panic!("{other:?}"),
        };
        let key = Pubkey::default();
        assert_eq!(at(positions(Some(&key), None)), 16);
        assert_eq!(at(positions(None, Some(&key))), 48);
        assert_eq!(at(positions_of_delegate(&key)), 80);
        assert_eq!(at(positions_of_side(&key, Side::Long)), 10);
        assert_eq!(at(markets(Some(MarketStatus::Paused))), 10);
        assert_eq!(at(deposits(Some(&key), None)), 16);
        assert_eq!(at(deposits(None, Some(&key))), 48);
        assert_eq!(at(referrals(Some(&key), None)), 16);
        assert_eq!(at(referrals(None, Some(&key))), 48);
        // Order: eight bytes, then market, position, trader.
        assert_eq!(at(orders(Some(&key))), 16 + 32);
        assert_eq!(at(orders_of_trader(&key)), 16 + 64);
    }

    #[test]
    fn a_filter_takes_its_own_accounts_and_no_others() {
        let key = |byte: u8| Pubkey::new_from_array([byte; 32]);
        let account = position(1, 2, 3, Side::Short);
        assert!(all(&positions(None, None), &account));
        assert!(all(&positions(Some(&key(1)), Some(&key(2))), &account));
        assert!(!all(&positions(Some(&key(2)), None), &account));
        assert!(!all(&positions(None, Some(&key(1))), &account));
        assert!(all(&positions_of_delegate(&key(3)), &account));
        assert!(!all(&positions_of_delegate(&key(2)), &account));
        assert!(all(&positions_of_side(&key(1), Side::Short), &account));
        assert!(!all(&positions_of_side(&key(1), Side::Long), &account));
        assert!(!all(&markets(None), &account), "another kind of account");
        assert!(!all(&positions(None, None), &account[..account.len() - 1]), "another size");
    }

    #[test]
    fn orders_are_found_by_position_and_by_trader() {
        let key = |byte: u8| Pubkey::new_from_array([byte; 32]);
        let mut order = Order::zeroed();
        (order.market, order.position, order.trader) = (key(1), key(2), key(3));
        order.escrow = key(4);
        let account = data(&order);
        assert!(all(&orders(None), &account) && all(&orders(Some(&key(2))), &account));
        assert!(all(&orders_of_trader(&key(3)), &account));
        for other in [1, 3, 4] {
            assert!(!all(&orders(Some(&key(other))), &account), "{other}");
        }
        assert!(!all(&orders_of_trader(&key(2)), &account));
        assert!(!all(&orders(None), &position(1, 2, 3, Side::Long)), "another kind of account");
    }

    #[test]
    fn markets_are_told_apart_by_status() {
        let mut market = Market::zeroed();
        market.status = MarketStatus::Settling as u8;
        let account = data(&market);
        assert!(all(&markets(None), &account));
        assert!(all(&markets(Some(MarketStatus::Settling)), &account));
        assert!(!all(&markets(Some(MarketStatus::Active)), &account));
    }
}
