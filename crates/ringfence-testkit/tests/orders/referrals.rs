//! The referrer of a position shares in the fees of its owner's orders, and of
//! nobody else's (decision 13).

use ringfence_client::state::OrderKind::{self, *};
use ringfence_client::state::Side::Long;
use ringfence_testkit::{quote, size};

use crate::support::*;

/// Ten long at 100.5 cost a fee of 0.5025: 0.1005 is the referrer's fifth. His
/// fees after an order of this kind of the owner's, or of the delegate's.
fn fees(kind: OrderKind, delegated: bool) -> u64 {
    let mut desk = Desk::with(|params| params.referrer_share_ppm = 200_000);
    let (referrer, delegate) = (desk.world.trader(0), desk.world.trader(10_000));
    let referral = passes("refer", desk.world.create_referral(desk.market, &referrer));
    let (margin, market) = (quote("200"), desk.market);
    let opened = desk.world.open_referred(market, &desk.alice, 0, Long, size("10"), margin, referral);
    let position = passes("open", opened);
    let terms = desk.any(kind, Long);
    let order = if delegated {
        passes("delegate", desk.world.set_delegate(&desk.alice, position, delegate.pubkey()));
        passes("place", desk.world.place(market, &delegate, position, 0, terms))
    } else {
        desk.place(position, 0, terms)
    };
    desk.reach("100");
    passes("execute", desk.execute(order));
    balanced(&desk.world);
    desk.world.read_referral(&referral).expect("a referral").fees
}

#[test]
fn an_order_of_the_owners_pays_his_referrer() {
    // 5 sold from a skew of 10 to 5: 100 × 1.0075 = 100.75, fee 0.251875
    assert_eq!(fees(TakeProfit, false), quote("0.1005") + quote("0.050375"));
    // 10 bought from 10 to 20: 100 × 1.015 = 101.5, fee 0.5075
    assert_eq!(fees(Limit, false), quote("0.1005") + quote("0.1015"));
}

#[test]
fn an_order_of_a_delegates_does_not() {
    assert_eq!(fees(TakeProfit, true), quote("0.1005"));
    assert_eq!(fees(Limit, true), quote("0.1005"));
}
