//! Addresses, filters, and accounts: their bytes, and what is in them.

use std::mem::offset_of;

use bytemuck::{Zeroable, bytes_of};
use rand::Rng;
use ringfence_client::filters::{self, Filter};
use ringfence_client::state::{LiquidityDeposit, Market, MarketStatus, Order, Position, Side};
use ringfence_client::{Discriminator, Pubkey, pda};

use crate::page::{Page, Row, hex};
use crate::random::*;
use crate::row;

fn key(random: &mut rand::rngs::StdRng) -> Pubkey {
    Pubkey::new_from_array(random.random())
}

#[test]
fn addresses() {
    let mut page = Page::default();
    let random = &mut seeded(1);
    let rows = (0..24).map(|_| {
        let (owner, id, index) = (key(random), random.random::<u16>(), random.random::<u16>());
        let market = pda::market(index);
        let position = pda::position(&market, &owner, id);
        let order = pda::order(&position, id as u8);
        let (escrow, bump) = pda::order_escrow_and_bump(&order);
        row![
            index,
            owner,
            id,
            market,
            pda::pool_vault(&market),
            pda::lp_mint(&market),
            position,
            pda::position_vault(&position),
            order,
            escrow,
            bump,
            pda::liquidity_deposit(&market, &owner, id),
            pda::referral(&market, &owner),
            pda::params_proposal(&market),
        ]
    });
    page.group("derived", rows.collect());
    page.group("fixed", vec![row![pda::exchange(), pda::event_authority()]]);
    page.group("filters", filtered());
    page.group("accounts", encoded());
    page.check("accounts.json");
}

/// A filter as `offset:bytes`, or the size alone.
fn conditions(filters: &[Filter]) -> Row {
    filters
        .iter()
        .map(|filter| match filter {
            Filter::DataSize(size) => size.to_string(),
            Filter::Memcmp { offset, bytes } => {
                let bytes: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{offset}:{bytes}")
            }
        })
        .collect()
}

fn filtered() -> Vec<Row> {
    let [a, b] = [7, 8].map(|byte| Pubkey::new_from_array([byte; 32]));
    [
        ("markets", filters::markets(None)),
        ("pausedMarkets", filters::markets(Some(MarketStatus::Paused))),
        ("positions", filters::positions(None, None)),
        ("positionsOf", filters::positions(Some(&a), Some(&b))),
        ("positionsOfDelegate", filters::positions_of_delegate(&a)),
        ("shorts", filters::positions_of_side(&a, Side::Short)),
        ("orders", filters::orders(Some(&a))),
        ("ordersOfTrader", filters::orders_of_trader(&a)),
        ("deposits", filters::deposits(Some(&a), Some(&b))),
        ("referrals", filters::referrals(Some(&a), Some(&b))),
        ("proposals", filters::proposals()),
    ]
    .into_iter()
    .map(|(name, filters)| [row![name], conditions(&filters)].concat())
    .collect()
}

fn data<T: Discriminator + bytemuck::Pod>(account: &T) -> Vec<u8> {
    [T::DISCRIMINATOR, bytes_of(account)].concat()
}

/// Accounts of random bytes, enums and flags aside, and some of their fields.
fn encoded() -> Vec<Row> {
    let random = &mut seeded(2);
    let mut fill = |bytes: &mut [u8]| random.fill(bytes);
    let mut rows = Vec::new();
    for round in 0..6u8 {
        let mut market = Market::zeroed();
        fill(bytemuck::bytes_of_mut(&mut market));
        (market.status, market.oracle.kind) = (round % 4, round % 2);
        rows.push(row![
            "market",
            hex(&data(&market)),
            market.funding_index.get(),
            market.borrow_basis.get(),
            market.params.min_keeper_reward,
            market.short.open_interest,
            market.accepted.publish_time,
            market.referral_fees,
        ]);
        let mut position = Position::zeroed();
        fill(bytemuck::bytes_of_mut(&mut position));
        position.side = round % 2;
        rows.push(row![
            "position",
            hex(&data(&position)),
            position.owner,
            position.size,
            position.entry_funding_index.get(),
            position.realised_pnl.get(),
            position.committed_until,
            position.void_orders[3],
        ]);
        let mut order = Order::zeroed();
        fill(bytemuck::bytes_of_mut(&mut order));
        (order.kind, order.trigger_above, order.has_partner, order.failed) =
            (round % 5, round % 2, u8::from(round > 2), u8::from(round == 4));
        rows.push(row![
            "order",
            hex(&data(&order)),
            order.trader,
            order.share_ppm,
            order.trigger_price,
            order.expires_at,
            order.trigger_above == 1,
            order.failed == 1,
        ]);
        let mut deposit = LiquidityDeposit::zeroed();
        fill(bytemuck::bytes_of_mut(&mut deposit));
        rows.push(row![
            "deposit",
            hex(&data(&deposit)),
            deposit.provider,
            deposit.id,
            deposit.amount,
            deposit.shares,
            deposit.deposited_at,
            deposit.unlocks_at,
        ]);
    }
    assert_eq!(offset_of!(Order, failed), 7);
    rows
}
