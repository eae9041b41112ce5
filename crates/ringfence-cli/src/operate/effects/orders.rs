//! What happened to orders, and to the positions that wait for them.

use ringfence_client::errors;
use ringfence_client::event::{OrderEnd, OrderPlaced};
use ringfence_client::events::Event;
use ringfence_client::state::{OrderKind, OrderTerms};

use super::{Teller, optional, side};
use crate::operate::amount;
use crate::operate::record::Record;
use crate::operate::time;

pub fn kind(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::TakeProfit => "take-profit",
        OrderKind::StopLoss => "stop-loss",
        OrderKind::Limit => "limit",
        OrderKind::Stop => "stop",
        OrderKind::Delayed => "market",
    }
}

fn end(end: OrderEnd) -> &'static str {
    match end {
        OrderEnd::Cancelled => "cancelled",
        OrderEnd::Expired => "expired",
        OrderEnd::Void => "void",
        OrderEnd::Failed => "failed",
    }
}

impl Teller {
    pub(super) fn order_fields(&self, event: &Event) -> Record {
        let record = Record::default();
        match event {
            Event::PositionCreated(e) => record
                .with("position", e.position.to_string())
                .with("owner", e.owner.to_string())
                .with("side", side(e.side))
                .with("referral", optional(&e.referral)),
            Event::OrderPlaced(e) => self.placed(e),
            Event::OrderExecuted(e) => record
                .with("order", e.order.to_string())
                .with("id", e.id)
                .with("kind", kind(e.kind))
                .with("size", self.size(e.size))
                .with("fill_price", self.price(e.fill_price))
                .with("reward", self.quote(e.reward))
                .with("executor", e.executor.to_string())
                .with("paid_in", self.quote(e.to_vault))
                .with("price_published_at", time::utc(e.publish_time)),
            Event::OrderFailed(e) => record
                .with("order", e.order.to_string())
                .with("id", e.id)
                .with("why", errors::from_code(e.error).map(|error| error.to_string()))
                .with("code", e.error)
                .with("reward", self.quote(e.reward))
                .with("executor", e.executor.to_string())
                .with("price_published_at", time::utc(e.publish_time)),
            Event::OrderCancelled(e) => record
                .with("order", e.order.to_string())
                .with("id", e.id)
                .with("position", e.position.to_string())
                .with("was", end(e.end))
                .with("trader", e.trader.to_string())
                .with("refund", self.quote(e.refund)),
            _ => self.pool_fields(event),
        }
    }

    fn placed(&self, e: &OrderPlaced) -> Record {
        Record::default()
            .with("order", e.order.to_string())
            .with("id", e.id)
            .with("position", e.position.to_string())
            .and(self.terms(&e.terms))
            .with("price_published_from", time::utc(e.not_before))
            .with("expires_at", time::utc(e.expires_at))
    }

    fn terms(&self, terms: &OrderTerms) -> Record {
        let record = Record::default().with("kind", kind(terms.kind));
        let record = if terms.kind.adds() {
            record.with("size", self.size(terms.size)).with("margin", self.quote(terms.margin))
        } else {
            record.with("share", amount::percent(terms.share_ppm))
        };
        let trigger = (terms.trigger_price > 0).then(|| self.price(terms.trigger_price));
        record
            .with("trigger_price", trigger)
            .with("acceptable_price", self.price(terms.acceptable_price))
            .with("reward", self.quote(terms.reward))
            .with("cancels", terms.cancels)
    }
}
