//! Prices for pull feeds that nobody else keeps fresh.

mod hermes;
mod post;

use async_trait::async_trait;
pub use hermes::Hermes;
pub use post::{Post, Poster};
use ringfence_client::oracle::PriceReading;
use ringfence_math::{PRICE_DECIMALS, Price};

pub type FeedId = [u8; 32];

/// A signed price as it is published: the guardians' message, and the proof
/// that the feed's price is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceUpdate {
    pub feed_id: FeedId,
    /// × 10^exponent.
    pub price: i64,
    /// × 10^exponent.
    pub confidence: u64,
    /// × 10^exponent.
    pub ema: i64,
    pub exponent: i32,
    pub publish_time: i64,
    /// When the price before this one was published.
    pub previous_publish_time: i64,
    /// Signed by the guardians.
    pub vaa: Vec<u8>,
    /// The feed's message, a leaf of the signed tree.
    pub message: Vec<u8>,
    /// From the leaf to the root.
    pub proof: Vec<[u8; 20]>,
}

/// Where signed prices come from. The localnet's publisher needs none: its
/// prices are on chain already.
#[async_trait]
pub trait PriceSource: Send + Sync + 'static {
    /// The latest of each feed that there is one for.
    async fn latest(&self, feeds: &[FeedId]) -> Result<Vec<PriceUpdate>, String>;

    /// The first of a feed published at `since` or later, unix seconds; none
    /// where there is none yet. Whoever asks checks that it is the first.
    async fn first(&self, feed: &FeedId, since: i64) -> Result<Option<PriceUpdate>, String>;
}

impl PriceUpdate {
    /// Whether it is the first one published at `since` or later.
    pub fn is_first(&self, since: i64) -> bool {
        self.previous_publish_time < since && since <= self.publish_time
    }

    /// As the program will read it once it is posted in `slot`: rounded as the
    /// program does. None where the program would refuse the numbers.
    pub fn reading(&self, slot: u64) -> Option<PriceReading> {
        let shift = self.exponent.checked_add(i32::from(PRICE_DECIMALS))?;
        let factor = 10u64.checked_pow(shift.unsigned_abs())?;
        let scale = |value: u64, up: bool| match (shift >= 0, up) {
            (true, _) => value.checked_mul(factor),
            (false, true) => Some(value.div_ceil(factor)),
            (false, false) => Some(value / factor),
        };
        let price = scale(u64::try_from(self.price).ok()?, false)?;
        (price > 0).then_some(())?;
        Some(PriceReading {
            price: Price(price),
            confidence: Price(scale(self.confidence, true)?),
            ema: Price(scale(u64::try_from(self.ema).unwrap_or(0), false)?),
            publish_time: self.publish_time,
            previous_publish_time: self.previous_publish_time,
            slot,
        })
    }

    /// Decodes Pyth's transfer format: `PNAU`, version 1.x, a Wormhole message
    /// and updates with their Merkle proofs; all integers big-endian.
    pub fn decode_all(bytes: &[u8]) -> Option<Vec<Self>> {
        let mut rest = Reader(bytes);
        if rest.take(4)? != b"PNAU" || rest.byte()? != 1 {
            return None;
        }
        rest.byte()?; // minor version
        let trailing = rest.byte()?;
        rest.take(usize::from(trailing))?;
        if rest.byte()? != 0 {
            return None;
        }
        let vaa = rest.sized()?.to_vec();
        let count = rest.byte()?;
        (0..count).map(|_| Self::decode(&mut rest, &vaa)).collect()
    }

    fn decode(rest: &mut Reader<'_>, vaa: &[u8]) -> Option<Self> {
        let message = rest.sized()?.to_vec();
        let length = rest.byte()?;
        let proof = (0..length).map(|_| rest.array::<20>()).collect::<Option<Vec<_>>>()?;
        let mut fields = Reader(&message);
        if fields.byte()? != 0 {
            return None;
        }
        let feed_id = fields.array()?;
        let price = i64::from_be_bytes(fields.array()?);
        let confidence = u64::from_be_bytes(fields.array()?);
        let exponent = i32::from_be_bytes(fields.array()?);
        let publish_time = i64::from_be_bytes(fields.array()?);
        let previous_publish_time = i64::from_be_bytes(fields.array()?);
        let ema = i64::from_be_bytes(fields.array()?);
        let vaa = vaa.to_vec();
        Some(Self {
            feed_id,
            price,
            confidence,
            ema,
            exponent,
            publish_time,
            previous_publish_time,
            vaa,
            message,
            proof,
        })
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.first_chunk().copied()
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = u16::from_be_bytes(self.array()?);
        self.take(usize::from(length))
    }
}

#[cfg(test)]
pub mod tests;
