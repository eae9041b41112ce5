//! Orders: what somebody else may do with a position, and when.

use anchor_lang::prelude::*;
use ringfence_math::{self as math, Size};

use super::{Market, Position, Side};
use crate::constants::*;
use crate::ensure;
use crate::errors::{Result, RingfenceError};
use crate::oracle::PriceReading;

/// What an order does, and which way the index price has to go for it.
///
/// | kind | does | of a long, triggers | of a short, triggers |
/// | --- | --- | --- | --- |
/// | take-profit | closes a share | at or above | at or below |
/// | stop-loss | closes a share | at or below | at or above |
/// | limit | adds size and margin | at or below | at or above |
/// | stop | adds size and margin | at or above | at or below |
/// | delayed | adds size and margin | by time alone | by time alone |
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OrderKind {
    TakeProfit,
    StopLoss,
    Limit,
    Stop,
    /// A market order that fills at the first price published once its market's
    /// delay is over, which nobody knew when it was placed.
    Delayed,
}

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

/// What a trader asks for.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderTerms {
    pub kind: OrderKind,
    /// Size units to add; 0 for an order that closes.
    pub size: u64,
    /// Margin to add in quote atoms, held in the order's escrow until then; 0
    /// for an order that closes.
    pub margin: u64,
    /// Share of the position's size at execution to close, ppm, rounded down;
    /// 0 for an order that adds.
    pub share_ppm: u32,
    /// Index price that triggers, 10^-10 quote; 0 for a delayed order.
    pub trigger_price: u64,
    /// Worst fill price, 10^-10 quote: the highest where it buys (adds to a
    /// long, closes a short), the lowest where it sells.
    pub acceptable_price: u64,
    /// Prepaid reward of whoever executes it, in quote atoms. A delayed order
    /// has at least the market's min_keeper_reward.
    pub reward: u64,
    /// Last moment at which it executes, unix seconds; 0 for a delayed order,
    /// which lives as long as its first price is fresh.
    pub expires_at: i64,
    /// Number of the order of this position that ends when this one executes.
    pub cancels: Option<u8>,
}

/// A trigger or delayed order, good for one generation of its position.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Order {
    pub version: u8,
    pub bump: u8,
    /// The trader's own number for this order of this position.
    pub id: u8,
    /// `OrderKind` as a byte.
    pub kind: u8,
    /// Whether the index price triggers at or above (1) or at or below (0).
    pub trigger_above: u8,
    /// Whether executing it ends the order `partner` (1) or none (0).
    pub has_partner: u8,
    pub partner: u8,
    /// 1 for a delayed order that could not be filled at its price.
    pub failed: u8,
    pub market: Pubkey,
    pub position: Pubkey,
    /// Who placed it, the owner or his delegate: gets back what it does not
    /// use, and the rent.
    pub trader: Pubkey,
    /// Token account of the order's margin and reward.
    pub escrow: Pubkey,
    /// Generation of the position that the order was placed for.
    pub generation: u64,
    /// Size units to add.
    pub size: u64,
    /// Margin to add, in quote atoms.
    pub margin: u64,
    /// Share of the position to close.
    pub share_ppm: u32,
    pub reserved_b: u32,
    /// Index price that triggers, 10^-10 quote.
    pub trigger_price: u64,
    /// Worst fill price, 10^-10 quote.
    pub acceptable_price: u64,
    /// Prepaid reward of whoever executes, in quote atoms.
    pub reward: u64,
    /// Unix seconds.
    pub placed_at: i64,
    /// Earliest publish time of the price that executes it.
    pub not_before: i64,
    /// Last moment at which it executes.
    pub expires_at: i64,
    pub reserved_c: [u64; 7],
}

const _: () = assert!(size_of::<Order>() == 272 && align_of::<Order>() <= 8);

/// Identity of an order, fixed when it is placed.
pub struct OrderIdentity {
    pub bump: u8,
    pub id: u8,
    pub position: Pubkey,
    pub trader: Pubkey,
    pub escrow: Pubkey,
}

impl OrderTerms {
    /// Whether the terms are those of the kind; names the one that is not.
    fn validate(&self, market: &Market, now: i64) -> Result<()> {
        let adds = self.kind.adds();
        let delayed = self.kind == OrderKind::Delayed;
        let share = if adds { 0..=0 } else { 1..=math::PPM };
        for (what, fits) in [
            ("size", (self.size > 0) == adds),
            ("margin", adds || self.margin == 0),
            ("share_ppm", share.contains(&self.share_ppm)),
            ("trigger_price", (self.trigger_price == 0) == delayed),
            ("expires_at", !delayed || self.expires_at == 0),
        ] {
            if !fits {
                msg!("{}", what);
                return Err(RingfenceError::InvalidOrderTerms);
            }
        }
        if delayed {
            ensure!(market.oracle.takes_any_update(), RingfenceError::FeedCannotDelay);
            // Somebody must want to execute it at once: an order that only its
            // trader would, he would only where it has turned out well.
            ensure!(
                self.reward >= market.params.min_keeper_reward,
                RingfenceError::OrderRewardTooLow,
                self.reward,
                market.params.min_keeper_reward
            );
        } else {
            ensure!(self.expires_at > now, RingfenceError::OrderExpiryPassed, self.expires_at, now);
            // Whoever keeps a triggered order chooses when it executes, as
            // with an opening at once.
            ensure!(!adds || market.params.instant_open(), RingfenceError::InstantOpenDisabled);
        }
        Ok(())
    }
}

impl Order {
    pub const SIZE: usize = 8 + size_of::<Self>();

    /// Takes the terms in, and what the position must remember of them.
    pub fn initialize(
        &mut self,
        identity: OrderIdentity,
        terms: &OrderTerms,
        market: &Market,
        position: &mut Position,
        now: i64,
    ) -> Result<()> {
        terms.validate(market, now)?;
        self.version = ORDER_VERSION;
        self.bump = identity.bump;
        self.id = identity.id;
        self.kind = terms.kind as u8;
        self.trigger_above = u8::from(terms.kind.triggers_above(position.side()?));
        self.has_partner = u8::from(terms.cancels.is_some());
        self.partner = terms.cancels.unwrap_or_default();
        self.market = position.market;
        self.position = identity.position;
        self.trader = identity.trader;
        self.escrow = identity.escrow;
        self.generation = position.generation;
        self.size = terms.size;
        self.margin = terms.margin;
        self.share_ppm = terms.share_ppm;
        self.trigger_price = terms.trigger_price;
        self.acceptable_price = terms.acceptable_price;
        self.reward = terms.reward;
        self.placed_at = now;
        let delayed = terms.kind == OrderKind::Delayed;
        let delay = if delayed { market.params.order_delay() } else { i64::from(MIN_ORDER_DELAY_SECONDS) };
        // Published later than anything that was known when it was placed.
        self.not_before = now.saturating_add(delay).max(market.accepted.publish_time.saturating_add(1));
        self.expires_at = if delayed {
            self.not_before.saturating_add(i64::from(market.oracle.max_age_open))
        } else {
            terms.expires_at
        };
        position.admit_order(self, market, now)
    }

    pub fn check_version(&self) -> Result<()> {
        ensure!(self.version == ORDER_VERSION, RingfenceError::UnsupportedVersion);
        Ok(())
    }

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

    /// A delayed order's one attempt has been made in vain: it has ended, and
    /// its reward has been paid.
    pub fn fail(&mut self) {
        self.failed = 1;
        self.reward = 0;
    }

    pub fn has_failed(&self) -> bool {
        self.failed != 0
    }

    pub fn has_expired(&self, now: i64) -> bool {
        now > self.expires_at
    }

    /// What holds whatever the price: it stands for the position as it is, and
    /// its time has not passed.
    pub fn ensure_stands(&self, position: &Position, now: i64) -> Result<()> {
        ensure!(position.honours(self), RingfenceError::OrderVoid, self.generation, position.generation);
        ensure!(!self.has_expired(now), RingfenceError::OrderExpired, now, self.expires_at);
        Ok(())
    }

    /// Whether `reading` triggers it: published since the order was due, and
    /// on the right side of the trigger price. A delayed order has no trigger.
    pub fn ensure_triggered(&self, reading: &PriceReading) -> Result<()> {
        ensure!(
            reading.publish_time >= self.not_before,
            RingfenceError::PriceBeforeOrder,
            reading.publish_time,
            self.not_before
        );
        let (index, trigger) = (reading.price.0, self.trigger_price);
        let reached = if self.trigger_above == 1 { index >= trigger } else { index <= trigger };
        ensure!(reached || self.is_delayed(), RingfenceError::OrderNotTriggered, index, trigger);
        Ok(())
    }

    /// What an order that closes takes of a position of `size`.
    pub fn share_of(&self, size: Size) -> Result<Size> {
        Ok(Size(math::mul_div_floor(size.0, u64::from(self.share_ppm), u64::from(math::PPM))?))
    }
}

/// Seeds with which an order signs for its escrow.
#[macro_export]
macro_rules! order_seeds {
    ($order:expr) => {
        &[$crate::constants::ORDER_SEED, $order.position.as_ref(), &[$order.id], &[$order.bump]]
    };
}
