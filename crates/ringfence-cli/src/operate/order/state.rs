//! What can be said of an order at a moment.

use ringfence_client::accounts::{Order, Position};
use ringfence_client::oracle::PriceReading;

use crate::operate::time;

/// Where an order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Its trigger price has not been reached.
    Waiting,
    /// The price executes it: a keeper has yet to come.
    Triggered,
    /// Delayed, and its price is not published yet or not executed.
    Pending,
    Expired,
    /// Delayed, and could not be filled at its price.
    Failed,
    /// Nothing executes it any more, for this reason.
    Void(&'static str),
}

impl State {
    /// As the program would judge at `now`; `reading` is the present price.
    pub fn of(order: &Order, position: Option<&Position>, reading: Option<&PriceReading>, now: i64) -> Self {
        if order.has_failed() {
            return Self::Failed;
        }
        let Some(position) = position else {
            return Self::Void("its position is closed");
        };
        if position.generation != order.generation {
            return Self::Void("its position was closed, emptied or liquidated since");
        }
        if !position.honours(order) {
            return Self::Void(if position.may_trade(&order.trader) {
                "its partner was executed"
            } else {
                "who placed it may no longer trade the position"
            });
        }
        if order.has_expired(now) {
            Self::Expired
        } else if order.is_delayed() {
            Self::Pending
        } else if reading.is_some_and(|reading| order.is_triggered(reading)) {
            Self::Triggered
        } else {
            Self::Waiting
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Triggered => "triggered",
            Self::Pending => "pending",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Void(_) => "void",
        }
    }

    /// What there is to add: why it is void, until when it is pending.
    pub fn why(&self, order: &Order, now: i64) -> Option<String> {
        match self {
            Self::Void(why) => Some((*why).to_owned()),
            Self::Failed => {
                Some("it could not be filled at its price: cancelling it takes the margin back".into())
            }
            Self::Pending if now < order.not_before => Some(format!(
                "its price is published from {}, in {}",
                time::utc(order.not_before),
                time::span(order.not_before - now)
            )),
            Self::Pending => Some(format!(
                "a keeper has until {}, {} more",
                time::utc(order.expires_at),
                time::span(order.expires_at - now)
            )),
            _ => None,
        }
    }

    /// Whether anybody may send home what it holds.
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::Expired | Self::Failed | Self::Void(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;
    use ringfence_client::Pubkey;
    use ringfence_client::state::OrderKind;
    use ringfence_math::Price;

    const NOW: i64 = 1_000;

    fn stage() -> (Order, Position) {
        let (mut order, mut position) = (Order::zeroed(), Position::zeroed());
        (position.owner, order.trader) = (Pubkey::new_from_array([1; 32]), Pubkey::new_from_array([1; 32]));
        (position.generation, order.generation, order.id) = (7, 7, 3);
        order.kind = OrderKind::StopLoss as u8;
        (order.trigger_price, order.not_before, order.expires_at) = (140, 903, NOW);
        (order, position)
    }

    fn at(price: u64, publish_time: i64) -> PriceReading {
        PriceReading {
            price: Price(price),
            confidence: Price(0),
            ema: Price(price),
            publish_time,
            previous_publish_time: publish_time - 1,
            slot: 0,
        }
    }

    #[test]
    fn an_order_waits_until_it_is_triggered_or_its_time_has_passed() {
        let (order, position) = stage();
        let state = |price, time, now| State::of(&order, Some(&position), Some(&at(price, time)), now);
        assert_eq!(state(141, NOW, NOW), State::Waiting);
        assert_eq!(state(140, NOW, NOW), State::Triggered);
        assert_eq!(state(140, 902, NOW), State::Waiting, "published before the order was due");
        assert_eq!(state(140, NOW, NOW + 1), State::Expired);
        assert_eq!(State::of(&order, Some(&position), None, NOW), State::Waiting);
    }

    #[test]
    fn a_void_order_says_why() {
        let (order, position) = stage();
        let why = |order: &Order, position: Option<Position>| match State::of(
            order,
            position.as_ref(),
            None,
            NOW,
        ) {
            State::Void(why) => why,
            state => panic!("{state:?}"),
        };
        assert_eq!(why(&order, None), "its position is closed");
        let reopened = Position { generation: 8, ..position };
        assert!(why(&order, Some(reopened)).contains("liquidated since"));
        let paired = Position { void_orders: [1 << 3, 0, 0, 0], ..position };
        assert_eq!(why(&order, Some(paired)), "its partner was executed");
        let dismissed = Order { trader: Pubkey::new_from_array([2; 32]), ..order };
        assert!(why(&dismissed, Some(position)).contains("may no longer trade"));
        let delayed = Order { kind: OrderKind::Delayed as u8, ..dismissed };
        let state = State::of(&delayed, Some(&position), None, NOW);
        assert_eq!(state, State::Pending, "a commitment outlives its delegate");
        assert!(state.why(&delayed, 901).unwrap().ends_with("in 2 s"));
        let named = Position { void_orders: [1 << 3, 0, 0, 0], ..position };
        assert_eq!(State::of(&delayed, Some(&named), None, NOW), State::Pending, "and its partner");
        let failed = Order { failed: 1, ..delayed };
        for position in [Some(&position), None] {
            let state = State::of(&failed, position, None, NOW);
            assert!(state == State::Failed && state.has_ended());
        }
        assert!(state.why(&delayed, 990).unwrap().ends_with("10 s more"));
    }
}
