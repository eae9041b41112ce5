//! Decoding of events from the inner instructions that carry them.

pub use crate::generated::events::Event;
use crate::generated::types::FeeParts;

/// What the data of every self-CPI that carries an event starts with:
/// Anchor's, the first 8 bytes of SHA-256 of `anchor:event`, reversed.
pub const EVENT_TAG: [u8; 8] = [0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d];

/// Decodes the data of an inner instruction of the program that was emitted
/// by `emit_cpi!`; none for anything else.
pub fn decode(data: &[u8]) -> Option<Event> {
    Event::decode(data.strip_prefix(&EVENT_TAG)?)
}

impl From<ringfence_math::FeeSplit> for FeeParts {
    fn from(split: ringfence_math::FeeSplit) -> Self {
        Self {
            liquidity: split.liquidity.0,
            insurance: split.insurance.0,
            protocol: split.protocol.0,
            referrer: split.referrer.0,
        }
    }
}
