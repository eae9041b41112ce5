//! The markets that a localnet lists.

use ringfence_client::Pubkey;
use ringfence_client::state::{MarketParams, OracleConfig, OracleKind};
use ringfence_client::{CreateMarketArgs, MarketAccounts};
use ringfence_math::Price;
use ringfence_testkit::market::{default_oracle, default_params};

use crate::error::StartError;

/// Pyth's push oracle on mainnet: owns no price accounts, but its seeds give
/// their addresses.
const PYTH_PUSH_ORACLE: Pubkey = Pubkey::from_str_const("pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT");

/// What is fixed about a market before it is created.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing {
    pub name: &'static str,
    /// Pyth's identifier of the feed, as on mainnet.
    pub feed_id: [u8; 32],
    pub size_decimals: u8,
    /// Whole quote units that the first price is, where no series says so.
    first_price: u64,
    /// Base units of skew that move the fill price by 100 %.
    skew_scale: u64,
}

/// A first price × skew scale of 1.5e9 quote, as the testkit's market has it.
pub(crate) const LISTINGS: [Listing; 3] = [
    Listing {
        name: "SOL-PERP",
        feed_id: hex("ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d"),
        size_decimals: 9,
        first_price: 150,
        skew_scale: 10_000_000,
    },
    Listing {
        name: "BTC-PERP",
        feed_id: hex("e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43"),
        size_decimals: 9,
        first_price: 60_000,
        skew_scale: 25_000,
    },
    Listing {
        name: "ETH-PERP",
        feed_id: hex("ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace"),
        size_decimals: 9,
        first_price: 3_000,
        skew_scale: 500_000,
    },
];

impl Listing {
    pub fn first_price(&self) -> Price {
        Price(self.first_price * 10u64.pow(u32::from(ringfence_math::PRICE_DECIMALS)))
    }

    /// Where the feed's price lies: the address that it has on mainnet.
    pub fn oracle(&self) -> Pubkey {
        Pubkey::find_program_address(&[&0u16.to_le_bytes(), &self.feed_id], &PYTH_PUSH_ORACLE).0
    }

    /// `pinned`: to the account where its price lies.
    pub fn create_args(&self, pinned: bool, liquidity_cooldown_seconds: u32) -> CreateMarketArgs {
        let mut name = [0; 16];
        name[..self.name.len()].copy_from_slice(self.name.as_bytes());
        CreateMarketArgs {
            name,
            size_decimals: self.size_decimals,
            oracle: OracleConfig {
                feed_id: self.feed_id,
                account: if pinned { self.oracle() } else { Pubkey::default() },
                kind: OracleKind::PythPull as u8,
                ..default_oracle()
            },
            params: MarketParams {
                skew_scale: self.skew_scale * 10u64.pow(u32::from(self.size_decimals)),
                liquidity_cooldown_seconds,
                ..default_params()
            },
        }
    }
}

/// Recent updates that are kept of a feed, one a second.
pub const UPDATES_KEPT: i64 = 64;

/// Where the first update that a feed published in a second lies, for as long
/// as it is kept: derived from the push oracle's address by `update`, the feed's
/// identifier, and the second modulo [`UPDATES_KEPT`], a byte.
pub fn update_account(feed_id: &[u8; 32], publish_time: i64) -> Pubkey {
    let number = publish_time.rem_euclid(UPDATES_KEPT) as u8;
    Pubkey::find_program_address(&[b"update", feed_id, &[number]], &PYTH_PUSH_ORACLE).0
}

/// Index of a market by its name, "SOL-PERP" or just "SOL".
pub fn market_index(name: &str) -> Result<usize, StartError> {
    let named = |listing: &Listing| listing.name == name || listing.name.split('-').next() == Some(name);
    LISTINGS.iter().position(named).ok_or_else(|| {
        let known = LISTINGS.map(|listing| listing.name).join(", ");
        StartError::Options(format!("no market `{name}`; there are {known}"))
    })
}

/// A market that was created.
#[derive(Clone, Debug)]
pub struct MarketInfo {
    pub name: String,
    pub index: u16,
    pub accounts: MarketAccounts,
    pub size_decimals: u8,
    /// Pyth's identifier of the feed.
    pub feed_id: [u8; 32],
}

/// 32 bytes of lower-case hexadecimal.
const fn hex(text: &str) -> [u8; 32] {
    const fn digit(byte: u8) -> u8 {
        match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => panic!("not a hexadecimal digit"),
        }
    }
    assert!(text.len() == 64);
    let (text, mut bytes, mut index) = (text.as_bytes(), [0; 32], 0);
    while index < 32 {
        bytes[index] = digit(text[2 * index]) << 4 | digit(text[2 * index + 1]);
        index += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use ringfence::state as program;

    use super::*;

    #[test]
    fn oracles_lie_where_pyth_has_them_on_mainnet() {
        // Pyth's list of sponsored feeds on Solana, shard 0.
        let expected = [
            "7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE",
            "4cSM2e6rvbGQUFiJbqytoVMi5GgghSMr8LwVrT9VPSPo",
            "42amVS4KgzR9rA28tkVYqVXjq9Qa8dcZQMbH5EYFX6XC",
        ];
        assert_eq!(LISTINGS.map(|listing| listing.oracle().to_string()), expected);
    }

    #[test]
    fn markets_are_found_by_name_and_by_asset() {
        assert_eq!(market_index("SOL-PERP").unwrap(), 0);
        assert_eq!(market_index("ETH").unwrap(), 2);
        let message = market_index("DOGE").unwrap_err().to_string();
        assert_eq!(message, "no market `DOGE`; there are SOL-PERP, BTC-PERP, ETH-PERP");
        assert!(market_index("").is_err());
    }

    #[test]
    fn every_listing_is_one_that_the_program_accepts() {
        for listing in LISTINGS {
            let args = listing.create_args(true, 3_600);
            let params: program::MarketParams = bytemuck::cast(args.params);
            let oracle: program::OracleConfig = bytemuck::cast(args.oracle);
            assert!(params.validate().is_ok(), "{}", listing.name);
            assert!(oracle.validate().is_ok(), "{}", listing.name);
            let depth = u128::from(listing.first_price) * u128::from(listing.skew_scale);
            assert_eq!(depth, 1_500_000_000, "{}", listing.name);
        }
    }
}
