//! Orders: placing, cancelling, executing.

use anchor_lang::prelude::Pubkey;
use ringfence_client::events::Event;
use ringfence_client::state::{OrderKind, OrderTerms, Side};
use ringfence_testkit::market::Feed;
use ringfence_testkit::{orders, quote};

use super::{ALL, COMMON, Cases, SIDES, TOKENS};
use crate::stage::{Call, Held, Setting, Stage};

/// Keepers are paid this much.
const REWARD: &str = "0.1";
/// Both markets of which delayed orders can be: with any update of the feed.
const UNPINNED: &[Setting] = &[Setting::Unpinned];

pub fn cases(cases: &mut Cases) {
    cases.add("create_position", "for an order to open", TOKENS, |stage| {
        let (owner, id) = (stage.trader(), stage.id());
        Call::new(stage.world.create_position_ix(stage.market, &owner, id, Side::Long), &owner.key)
    });
    cases.add("create_position", "lamports sent ahead", TOKENS, |stage| {
        let (owner, id) = (stage.trader(), stage.id());
        let call =
            Call::new(stage.world.create_position_ix(stage.market, &owner, id, Side::Long), &owner.key);
        stage.send_lamports_ahead(&call);
        call
    });
    placing(cases);
    cancelling(cases);
    executing(cases);
}

fn placing(cases: &mut Cases) {
    cases.add("place_order", "stop-loss of an open position", TOKENS, |stage| {
        let held = stage.open(Side::Long, 5);
        let (id, terms) = (stage.number(), stage.stop_loss(&held));
        Call::new(stage.world.place_ix(stage.market, &held.owner, held.position, id, terms), &held.owner.key)
    });
    cases.add("place_order", "lamports sent ahead", TOKENS, |stage| {
        let held = stage.open(Side::Long, 5);
        let (id, terms) = (stage.number(), stage.stop_loss(&held));
        let place = stage.world.place_ix(stage.market, &held.owner, held.position, id, terms);
        let call = Call::new(place, &held.owner.key);
        stage.send_lamports_ahead(&call);
        call
    });
    cases.add("place_order", "limit order with margin, to open", TOKENS, |stage| {
        let (owner, position) = stage.created(Side::Long);
        let (id, terms) = (stage.number(), stage.entry(OrderKind::Limit));
        Call::new(stage.world.place_ix(stage.market, &owner, position, id, terms), &owner.key)
    });
    cases.add("place_order", "delayed order with margin, to open", UNPINNED, |stage| {
        let (owner, position) = stage.created(Side::Long);
        let (id, terms) = (stage.number(), stage.entry(OrderKind::Delayed));
        Call::new(stage.world.place_ix(stage.market, &owner, position, id, terms), &owner.key)
    });
}

fn cancelling(cases: &mut Cases) {
    cases.add("cancel_order", "limit order, by who placed it", TOKENS, |stage| {
        let (owner, position) = stage.created(Side::Long);
        let (id, terms) = (stage.number(), stage.entry(OrderKind::Limit));
        let order = stage.world.place(stage.market, &owner, position, id, terms).expect("place");
        Call::new(stage.world.cancel_ix(stage.market, &owner, &owner, order), &owner.key)
    });
    cases.add("cancel_order", "void, its position is closed, by anyone", COMMON, |stage| {
        let held = stage.open(Side::Long, 5);
        let (id, terms) = (stage.number(), stage.stop_loss(&held));
        let order = stage.world.place(stage.market, &held.owner, held.position, id, terms).expect("place");
        stage.world.close(stage.market, &held.owner, held.position).expect("close");
        let anyone = stage.trader();
        Call::new(stage.world.cancel_ix(stage.market, &anyone, &held.owner, order), &anyone.key)
    });
}

fn executing(cases: &mut Cases) {
    for (side, name) in SIDES {
        for (kind, what, move_by) in
            [(OrderKind::TakeProfit, "take-profit", 30), (OrderKind::StopLoss, "stop-loss", -30)]
        {
            let settings = if side == Side::Long { ALL } else { COMMON };
            cases.add("execute_order", format!("{what}, all of a {name}"), settings, move |stage| {
                let held = stage.open(side, 5);
                let order = stage.placed(&held, kind, 1_000_000);
                stage.move_price(side, move_by);
                stage.execution(order)
            });
        }
    }
    cases.add("execute_order", "stop-loss, half of a long", COMMON, |stage| {
        let held = stage.open(Side::Long, 5);
        let order = stage.placed(&held, OrderKind::StopLoss, 500_000);
        stage.move_price(Side::Long, -30);
        stage.execution(order)
    });
    cases.add("execute_order", "limit order opens a long", ALL, |stage| {
        let (owner, position) = stage.created(Side::Long);
        let (id, terms) = (stage.number(), stage.entry(OrderKind::Limit));
        let order = stage.world.place(stage.market, &owner, position, id, terms).expect("place");
        stage.world.advance(5);
        stage.execution(order)
    });
    cases.add("execute_order", "stop order increases a long", COMMON, |stage| {
        let held = stage.open(Side::Long, 5);
        let (id, terms) = (stage.number(), stage.entry(OrderKind::Stop));
        let order = stage.world.place(stage.market, &held.owner, held.position, id, terms).expect("place");
        stage.world.advance(5);
        stage.execution(order)
    });
    cases.add("execute_order", "delayed order opens a long", UNPINNED, |stage| {
        let (owner, position) = stage.created(Side::Long);
        let (id, terms) = (stage.number(), stage.entry(OrderKind::Delayed));
        let order = stage.world.place(stage.market, &owner, position, id, terms).expect("place");
        let not_before = stage.world.order(order).not_before;
        stage.world.warp(5);
        let feed = stage.world.markets[stage.market.0].feed;
        let first = Feed { publish_time: not_before, ..feed };
        let oracle = stage.world.post_update(stage.market, first, not_before - 1);
        stage.execution_at(order, oracle)
    });
}

fn executed(event: &Event) -> bool {
    matches!(event, Event::OrderExecuted(_))
}

impl Stage {
    fn number(&mut self) -> u8 {
        u8::try_from(self.random(0..=255)).expect("a byte")
    }

    /// A new owner's position of no size.
    fn created(&mut self, side: Side) -> (ringfence_testkit::Trader, Pubkey) {
        let (owner, id) = (self.trader(), self.id());
        let position = self.world.create_position(self.market, &owner, id, side).expect("create");
        (owner, position)
    }

    fn stop_loss(&mut self, held: &Held) -> OrderTerms {
        let trigger = self.world.markets[self.market.0].feed.price / 2;
        let terms = orders::reducing(&self.world, OrderKind::StopLoss, held.side, 1_000_000, trigger);
        OrderTerms { reward: quote(REWARD), ..terms }
    }

    /// An order of a long that adds, triggered by any price.
    fn entry(&mut self, kind: OrderKind) -> OrderTerms {
        let (size, margin) = self.stake(5);
        if kind == OrderKind::Delayed {
            return orders::delayed(Side::Long, size, margin, quote(REWARD));
        }
        let trigger = if kind == OrderKind::Limit { u64::MAX } else { 1 };
        let terms = orders::adding(&self.world, kind, Side::Long, size, margin, trigger);
        OrderTerms { reward: quote(REWARD), ..terms }
    }

    /// An order that closes this share of a position, triggered by any move in
    /// its direction, a few seconds ago.
    fn placed(&mut self, held: &Held, kind: OrderKind, share_ppm: u32) -> Pubkey {
        let trigger = self.world.markets[self.market.0].feed.price;
        let terms = orders::reducing(&self.world, kind, held.side, share_ppm, trigger);
        let terms = OrderTerms { reward: quote(REWARD), ..terms };
        let id = self.number();
        let order = self.world.place(self.market, &held.owner, held.position, id, terms).expect("place");
        self.world.warp(5);
        order
    }

    fn execution(&mut self, order: Pubkey) -> Call {
        let oracle = self.world.markets[self.market.0].accounts.oracle;
        self.execution_at(order, oracle)
    }

    fn execution_at(&mut self, order: Pubkey, oracle: Pubkey) -> Call {
        let executor = self.trader();
        let instruction = self.world.execute_ix(self.market, &executor, order, oracle);
        Call::new(instruction, &executor.key).proven_by(executed)
    }
}
