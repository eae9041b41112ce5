//! Each kind, long and short, does what it says to the atom.

use ringfence_client::event::OrderExecuted;
use ringfence_client::events::Event;
use ringfence_client::state::OrderKind::{self, *};
use ringfence_client::state::OrderTerms;
use ringfence_client::state::Side::{self, *};
use ringfence_testkit::{orders, price, quote, size};

use crate::support::*;

/// What is left of 10 that were open, or what was opened.
struct Path {
    kind: OrderKind,
    side: Side,
    /// Whether 10 are open when it is placed.
    open: bool,
    at: &'static str,
    /// What it closes, ppm.
    share: u32,
    fill: &'static str,
    /// Afterwards: size, entry notional (and reserve), margin.
    position: [&'static str; 3],
    liquidity: &'static str,
    insurance: &'static str,
}

/// 10 long open at 100.5, for 1,005 and a fee of 0.5025: margin 99.4975, the
/// pool has 0.402 of it and insurance 0.05025. 10 short open at 99.5, for 995
/// and a fee of 0.4975: margin 99.5025, 0.398 and 0.04975.
const PATHS: [Path; 11] = [
    // sold from a skew of 10 to 0: 110 × 1.005 = 110.55, gain 1,105.5 − 1,005
    // = 100.5, fee 0.55275: 0.4422 the pool's, 0.055275 insurance's
    Path {
        kind: TakeProfit,
        side: Long,
        open: true,
        at: "110",
        share: 1_000_000,
        fill: "110.55",
        position: ["0", "0", "199.44475"],
        liquidity: "99900.3442",
        insurance: "0.105525",
    },
    // bought from −10 to 0: 90 × 0.995 = 89.55, gain 995 − 895.5 = 99.5, fee
    // 0.44775: 0.3582 and 0.044775
    Path {
        kind: TakeProfit,
        side: Short,
        open: true,
        at: "90",
        share: 1_000_000,
        fill: "89.55",
        position: ["0", "0", "198.55475"],
        liquidity: "99901.2562",
        insurance: "0.094525",
    },
    // 5 sold from 10 to 5: 95 × 1.0075 = 95.7125, loss 502.5 − 478.5625 =
    // 23.9375, fee 0.23928125, rounded up; insurance 0.023928, and so protocol
    Path {
        kind: StopLoss,
        side: Long,
        open: true,
        at: "95",
        share: 500_000,
        fill: "95.7125",
        position: ["5", "502.5", "75.320718"],
        liquidity: "100024.530926",
        insurance: "0.074178",
    },
    // 5 bought from −10 to −5: 105 × 0.9925 = 104.2125, loss 521.0625 − 497.5
    // = 23.5625, fee 0.26053125, rounded up; insurance 0.026053
    Path {
        kind: StopLoss,
        side: Short,
        open: true,
        at: "105",
        share: 500_000,
        fill: "104.2125",
        position: ["5", "497.5", "75.679468"],
        liquidity: "100024.168926",
        insurance: "0.075803",
    },
    // 95 × 1.005 = 95.475, fee 0.477375; insurance 0.047737
    Path {
        kind: Limit,
        side: Long,
        open: false,
        at: "95",
        share: 0,
        fill: "95.475",
        position: ["10", "954.75", "99.522625"],
        liquidity: "100000.381901",
        insurance: "0.047737",
    },
    // 105 × 0.995 = 104.475, fee 0.522375; insurance 0.052237
    Path {
        kind: Limit,
        side: Short,
        open: false,
        at: "105",
        share: 0,
        fill: "104.475",
        position: ["10", "1044.75", "99.477625"],
        liquidity: "100000.417901",
        insurance: "0.052237",
    },
    // 105 × 1.005 = 105.525, fee 0.527625; insurance 0.052762
    Path {
        kind: Stop,
        side: Long,
        open: false,
        at: "105",
        share: 0,
        fill: "105.525",
        position: ["10", "1055.25", "99.472375"],
        liquidity: "100000.422101",
        insurance: "0.052762",
    },
    // 95 × 0.995 = 94.525, fee 0.472625; insurance 0.047262
    Path {
        kind: Stop,
        side: Short,
        open: false,
        at: "95",
        share: 0,
        fill: "94.525",
        position: ["10", "945.25", "99.527375"],
        liquidity: "100000.378101",
        insurance: "0.047262",
    },
    // from a skew of 10 to 20: 95 × 1.015 = 96.425, fee 0.482125 of the new
    // 964.25; insurance 0.048212
    Path {
        kind: Limit,
        side: Long,
        open: true,
        at: "95",
        share: 0,
        fill: "96.425",
        position: ["20", "1969.25", "199.015375"],
        liquidity: "100000.787701",
        insurance: "0.098462",
    },
    // 101 × 1.005 = 101.505, fee 0.507525; insurance 0.050752
    Path {
        kind: Delayed,
        side: Long,
        open: false,
        at: "101",
        share: 0,
        fill: "101.505",
        position: ["10", "1015.05", "99.492475"],
        liquidity: "100000.406021",
        insurance: "0.050752",
    },
    // 101 × 0.995 = 100.495, fee 0.502475; insurance 0.050247
    Path {
        kind: Delayed,
        side: Short,
        open: false,
        at: "101",
        share: 0,
        fill: "100.495",
        position: ["10", "1004.95", "99.497525"],
        liquidity: "100000.401981",
        insurance: "0.050247",
    },
];

#[test]
fn each_kind_does_what_it_says_to_the_atom() {
    for path in PATHS {
        let Path { kind, side, open, at, share, fill, position: [left, entry, margin], .. } = path;
        let what = format!("{kind:?} {side:?}, open {open}");
        let mut desk = Desk::new();
        let position = if open { desk.open(side) } else { desk.created(side) };
        let mut terms = desk.entry(kind, side, price(at));
        if !kind.adds() {
            terms = OrderTerms {
                reward: quote(REWARD),
                ..orders::reducing(&desk.world, kind, side, share, price(at))
            };
        }
        let (paid, rent) = (desk.pays(), desk.lamports_of_alice());
        let order = desk.place(position, 7, terms);
        balanced(&desk.world);
        assert_eq!(paid - desk.pays(), terms.margin + quote(REWARD), "{what}: escrowed");
        assert_eq!(rent - desk.lamports_of_alice(), RENTS, "{what}: rent");
        // a delayed order's first price; the others wait for any good one
        desk.world.warp(3);
        desk.world.set_price(desk.market, price(at));
        let receipt = passes(&what, desk.execute(order));

        let Some(Event::OrderExecuted(event)) = receipt.events.last() else { panic!("{what}") };
        let expected = OrderExecuted {
            market: desk.world.market_key(desk.market),
            position,
            order,
            trader: desk.alice.pubkey(),
            executor: desk.keeper.pubkey(),
            id: 7,
            kind,
            size: if kind.adds() { size("10") } else { size("10") - size(left) },
            fill_price: price(fill),
            reward: quote(REWARD),
            to_vault: terms.margin,
            publish_time: desk.world.now(),
        };
        assert_eq!(format!("{event:#?}"), format!("{expected:#?}"), "{what}");
        assert_eq!(receipt.events.len(), 2, "{what}: the trade's own event comes first");
        assert_position(&desk.world, position, left, entry, margin);
        assert_pool(&desk.world, desk.market, path.liquidity, entry, path.insurance);
        let state = desk.world.market_state(desk.market);
        assert_eq!(state.protocol_fees, state.insurance, "{what}: a tenth each");
        assert_eq!(state.side(side).open_interest, size(left), "{what}");
        assert_eq!(desk.earned(), quote(REWARD), "{what}: the reward");
        assert_eq!(desk.pays(), paid - terms.margin - quote(REWARD), "{what}: nothing comes out");
        assert_eq!(desk.lamports_of_alice(), rent, "{what}: the rent");
        desk.ended(order);
    }
}

/// 333,333 ppm of 10 are 3.33333 to the size unit; of 5 units one is left out.
#[test]
fn a_share_is_of_the_size_at_execution_and_rounds_down() {
    let mut desk = Desk::new();
    let position = desk.open(Long);
    let third = orders::reducing(&desk.world, StopLoss, Long, 333_333, price("200"));
    let order = desk.place(position, 0, third);
    passes("decrease", desk.world.decrease(desk.market, &desk.alice, position, size("5.000000001")));
    // 4.999999999 are left: 333,333 ppm of it are 1.66666499966…
    desk.reach("100");
    passes("execute", desk.execute(order));
    assert_eq!(desk.world.position(position).size, size("4.999999999") - size("1.666664999"));
    desk.ended(order);
}

/// A position that an order fills is the one that opening at once makes.
#[test]
fn a_filled_position_was_opened_when_it_was_filled() {
    let mut desk = Desk::new();
    let position = desk.created(Long);
    let created = desk.world.position(position).opened_at;
    let order = desk.place(position, 0, desk.any(Limit, Long));
    desk.reach("100");
    passes("execute", desk.execute(order));
    let state = desk.world.position(position);
    assert_eq!((created, state.opened_at), (desk.world.now() - 5, desk.world.now()));
    let (market, alice) = (desk.market, &desk.alice);
    passes("close", desk.world.close(market, alice, position));
    assert_eq!(lamports(&desk.world, position), 0);
    balanced(&desk.world);
}
