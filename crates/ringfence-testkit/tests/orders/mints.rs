//! Orders in collateral of either token program: the same numbers.

use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType::{
    InterestBearingConfig, MetadataPointer, ScaledUiAmount,
};
use ringfence_client::state::OrderKind::*;
use ringfence_client::state::OrderTerms;
use ringfence_client::state::Side::Long;
use ringfence_testkit::{MintKind, World, price, quote};

use crate::support::*;

fn live(mint: MintKind) {
    let what = format!("{mint:?}");
    let mut desk = Desk::of(World::new(), mint, |_| ());
    let rent = desk.lamports_of_alice();
    let position = desk.created(Long);
    let rent_of_position = rent - desk.lamports_of_alice();
    let entry = desk.place(position, 0, desk.any(Delayed, Long));
    let loss = OrderTerms { cancels: Some(2), share_ppm: 1_000_000, ..desk.stop_loss(Long) };
    let loss = desk.place(position, 1, loss);
    let profit = OrderTerms { trigger_price: price("110"), ..desk.any(TakeProfit, Long) };
    let profit = desk.place(position, 2, profit);
    balanced(&desk.world);
    desk.world.warp(3);
    desk.world.set_price(desk.market, price("100"));
    passes(&what, desk.execute(entry));
    assert_position(&desk.world, position, "10", "1005", "99.4975");
    desk.reach("95");
    passes(&what, desk.execute(loss));
    // as in together.rs
    assert_position(&desk.world, position, "0", "0", "48.770125");
    passes(&what, desk.sweep(profit));
    passes(&what, desk.world.close(desk.market, &desk.alice, position));
    // the rewards of the two that executed, and what the position lost
    assert_eq!(desk.pays(), quote("10000") - quote("1") - quote("100") + quote("48.770125"));
    assert_eq!(desk.earned(), quote("1"));
    assert_eq!(desk.lamports_of_alice(), rent, "{rent_of_position} with the position's");
    for order in [entry, loss, profit] {
        desk.ended(order);
    }
}

#[test]
fn of_the_token_program() {
    live(MintKind::Token);
}

#[test]
fn of_token_2022() {
    for extensions in
        [vec![], vec![MetadataPointer], vec![InterestBearingConfig, MetadataPointer], vec![ScaledUiAmount]]
    {
        live(MintKind::Token2022(extensions));
    }
}
