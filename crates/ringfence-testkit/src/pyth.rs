//! Pyth accounts of both kinds, written byte for byte.

use anchor_lang::prelude::Pubkey;
use ringfence_client::state::OracleKind;
use solana_account::Account;

pub const RECEIVER: Pubkey = Pubkey::from_str_const("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
pub const PUSH_PROGRAM: Pubkey = Pubkey::from_str_const("FsJ3A3u2vn5cTVofAjvy6y5kwABJAqYWpe4975bi2epH");

/// A feed's state in Pyth's own integers: value × 10^exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PythPrice {
    pub price: i64,
    pub confidence: u64,
    pub ema: i64,
    pub exponent: i32,
    pub publish_time: i64,
    /// When the price before this one was published.
    pub previous_publish_time: i64,
    pub slot: u64,
}

/// How far the guardians' signatures of a pull update were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    Partial(u8),
    Full,
}

/// Status byte of a push account.
pub const TRADING: u8 = 1;

/// `PriceUpdateV2` (134 bytes): discriminator, write authority, verification
/// level, price message, posted slot; one byte of padding where it is `Full`.
pub fn pull_update(feed_id: &[u8; 32], verification: Verification, price: &PythPrice) -> Vec<u8> {
    let mut data = vec![0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
    data.extend([0; 32]);
    match verification {
        Verification::Partial(signatures) => data.extend([0, signatures]),
        Verification::Full => data.push(1),
    }
    data.extend(feed_id);
    data.extend(price.price.to_le_bytes());
    data.extend(price.confidence.to_le_bytes());
    data.extend(price.exponent.to_le_bytes());
    data.extend(price.publish_time.to_le_bytes());
    data.extend(price.previous_publish_time.to_le_bytes());
    data.extend(price.ema.to_le_bytes());
    data.extend(price.confidence.to_le_bytes());
    data.extend(price.slot.to_le_bytes());
    data.resize(134, 0);
    data
}

/// Legacy price account (3,312 bytes); offsets as in Pyth's `price_t`.
pub fn push_account(status: u8, price: &PythPrice) -> Vec<u8> {
    let mut data = vec![0; 3_312];
    let mut put = |offset: usize, bytes: &[u8]| data[offset..offset + bytes.len()].copy_from_slice(bytes);
    put(0, &0xa1b2_c3d4u32.to_le_bytes()); // magic
    put(4, &2u32.to_le_bytes()); // version
    put(8, &3u32.to_le_bytes()); // account type: price
    put(12, &3_312u32.to_le_bytes()); // size
    put(16, &1u32.to_le_bytes()); // price type: price
    put(20, &price.exponent.to_le_bytes());
    put(32, &price.slot.to_le_bytes()); // last slot
    put(40, &price.slot.to_le_bytes()); // valid slot
    put(48, &price.ema.to_le_bytes());
    put(72, &price.confidence.to_le_bytes()); // confidence of the average
    put(96, &price.publish_time.to_le_bytes());
    put(104, &[3]); // min publishers
    put(200, &price.previous_publish_time.to_le_bytes());
    put(208, &price.price.to_le_bytes());
    put(216, &price.confidence.to_le_bytes());
    put(224, &[status]);
    put(232, &price.slot.to_le_bytes()); // publish slot
    data
}

/// The account that holds a healthy price of either kind.
pub fn account(kind: OracleKind, feed_id: &[u8; 32], price: &PythPrice) -> Account {
    let (owner, data) = match kind {
        OracleKind::PythPull => (RECEIVER, pull_update(feed_id, Verification::Full, price)),
        OracleKind::PythPush => (PUSH_PROGRAM, push_account(TRADING, price)),
    };
    account_of(owner, data)
}

/// A rent-exempt account.
pub fn account_of(owner: Pubkey, data: Vec<u8>) -> Account {
    let lamports = (128 + data.len() as u64) * 6_960;
    Account { lamports, data, owner, executable: false, rent_epoch: u64::MAX }
}
