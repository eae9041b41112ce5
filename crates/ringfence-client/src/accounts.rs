//! Decoding of program accounts from their bytes.

use bytemuck::Pod;

use crate::Discriminator;
pub use crate::state::{Exchange, LiquidityDeposit, Market, Order, ParamsProposal, Position, Referral};

/// Copies a zero-copy account out of its data; none where the discriminator
/// or the length is another account's.
pub fn decode<T: Pod + Discriminator>(data: &[u8]) -> Option<T> {
    let body = data.strip_prefix(T::DISCRIMINATOR)?;
    (body.len() == size_of::<T>()).then(|| bytemuck::pod_read_unaligned(body))
}
