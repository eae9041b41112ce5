//! What can be read off an order, as the program reads it.

use ringfence_math as math;
use solana_pubkey::Pubkey;

use super::{Order, OrderKind, Position, Side};
use crate::errors::{Result, RingfenceError};
use crate::oracle::PriceReading;

impl OrderKind {
    pub fn from_byte(byte: u8) -> Result<Self> {
        match byte {
            0 => Ok(Self::TakeProfit),
            1 => Ok(Self::StopLoss),
            2 => Ok(Self::Limit),
            3 => Ok(Self::Stop),
            4 => Ok(Self::Delayed),
            _ => Err(RingfenceError::InvalidEnumValue),
        }
    }

    /// Whether it adds size; the others close some.
    pub fn adds(self) -> bool {
        matches!(self, Self::Limit | Self::Stop | Self::Delayed)
    }

    /// Whether the index price triggers at or above the trigger price, rather
    /// than at or below. Of no meaning for a delayed order.
    pub fn triggers_above(self, side: Side) -> bool {
        (side == Side::Long) == matches!(self, Self::TakeProfit | Self::Stop)
    }
}

impl Order {
    pub fn kind(&self) -> Result<OrderKind> {
        OrderKind::from_byte(self.kind)
    }

    pub fn is_delayed(&self) -> bool {
        self.kind == OrderKind::Delayed as u8
    }

    /// The order that ends when this one executes.
    pub fn partner(&self) -> Option<u8> {
        (self.has_partner == 1).then_some(self.partner)
    }

    pub fn has_expired(&self, now: i64) -> bool {
        now > self.expires_at
    }

    /// Whether anybody may send its funds home: its position is gone or no
    /// longer honours it, or its time has passed.
    pub fn has_ended(&self, position: Option<&Position>, now: i64) -> bool {
        self.has_expired(now) || !position.is_some_and(|position| position.honours(self))
    }

    /// Whether `reading` executes it, the position's own conditions apart.
    pub fn is_triggered(&self, reading: &PriceReading) -> bool {
        if reading.publish_time < self.not_before {
            return false;
        }
        if self.is_delayed() {
            return reading.previous_publish_time < self.not_before;
        }
        let (index, trigger) = (reading.price.0, self.trigger_price);
        if self.trigger_above == 1 { index >= trigger } else { index <= trigger }
    }

    /// What an order that closes takes of a position of `size` size units.
    pub fn share_of(&self, size: u64) -> Result<u64> {
        let share = math::mul_div_floor(size, u64::from(self.share_ppm), u64::from(math::PPM));
        share.map_err(RingfenceError::from)
    }
}

impl Position {
    /// Whether an order still stands: placed in this generation, and either
    /// delayed, or not ended by its partner and by somebody who may still trade.
    pub fn honours(&self, order: &Order) -> bool {
        let void = self.void_orders[usize::from(order.id / 64)] >> (order.id % 64) & 1 == 1;
        self.generation == order.generation
            && (order.is_delayed() || (!void && self.may_trade(&order.trader)))
    }

    /// Whether a delayed order is pending at `now`: the owner of an active
    /// market's position can neither close it nor take margin out.
    pub fn is_committed(&self, now: i64) -> bool {
        now <= self.committed_until
    }

    /// Who, besides the position's owner, may cancel a live order.
    pub fn may_cancel(&self, order: &Order, key: &Pubkey) -> bool {
        !order.is_delayed() && (*key == order.trader || *key == self.owner)
    }
}
