//! What is fixed about a market when it is created, and where its price is.

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use ringfence_client::Pubkey;
use ringfence_client::state::{OracleConfig, OracleKind};
use serde::Deserialize;

/// What a market is called and made of.
#[derive(Clone, Debug)]
pub struct Identity {
    pub name: String,
    pub mint: Pubkey,
    pub size_decimals: u8,
}

impl Identity {
    /// The name, padded. Error: empty, too long, not visible ASCII.
    pub fn name(&self) -> Result<[u8; 16]> {
        let (text, mut name) = (self.name.as_bytes(), [0; 16]);
        let visible = !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
        ensure!(
            visible && text.len() <= name.len(),
            "`{}`: a name is 1 to 16 visible ASCII characters",
            self.name
        );
        name.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        Ok(name)
    }
}

/// Where a market's price comes from.
#[derive(Args, Clone, Debug, Default)]
pub struct OracleArgs {
    /// Pyth feed id, 64 hexadecimal digits; for a push feed leave it out
    #[arg(long, value_name = "HEX")]
    pub feed: Option<String>,
    /// The one price account to read; without it any update of a pull feed
    #[arg(long, value_name = "ADDRESS")]
    pub oracle_account: Option<Pubkey>,
    /// Kind of Pyth account
    #[arg(long, value_enum)]
    pub oracle_kind: Option<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `PriceUpdateV2` of the Pyth receiver
    Pull,
    /// Legacy price account
    Push,
}

impl OracleArgs {
    /// Sets what is given. Errors: a feed id that is none.
    pub fn apply(&self, oracle: &mut OracleConfig) -> Result<()> {
        if let Some(kind) = self.oracle_kind {
            oracle.kind = match kind {
                Kind::Pull => OracleKind::PythPull,
                Kind::Push => OracleKind::PythPush,
            } as u8;
        }
        if let Some(account) = self.oracle_account {
            oracle.account = account;
            if oracle.kind == OracleKind::PythPush as u8 {
                oracle.feed_id = account.to_bytes();
            }
        }
        if let Some(feed) = &self.feed {
            oracle.feed_id = feed_id(feed)?;
        }
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.feed.is_none() && self.oracle_account.is_none() && self.oracle_kind.is_none()
    }
}

/// 32 bytes from hexadecimal, with or without `0x`.
fn feed_id(text: &str) -> Result<[u8; 32]> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let mut id = [0; 32];
    let fits = digits.len() == 64 && digits.is_ascii();
    ensure!(fits, "--feed: `{text}` is no feed id: 64 hexadecimal digits expected");
    for (byte, pair) in id.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair)?;
        *byte = u8::from_str_radix(pair, 16)
            .with_context(|| format!("--feed: `{text}` is no feed id: 64 hexadecimal digits expected"))?;
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn feed_ids_are_64_digits() {
        let id = feed_id(&format!("0x{}", "0fA0".repeat(16))).unwrap();
        assert_eq!(id[..4], [0x0f, 0xa0, 0x0f, 0xa0]);
        assert!(feed_id("0fa0").is_err());
        assert!(feed_id(&"0g".repeat(32)).is_err());
    }

    #[test]
    fn a_push_feed_is_its_account() {
        let account = Pubkey::new_from_array([7; 32]);
        let args = OracleArgs { feed: None, oracle_account: Some(account), oracle_kind: Some(Kind::Push) };
        let mut oracle = OracleConfig::zeroed();
        args.apply(&mut oracle).unwrap();
        assert_eq!((oracle.feed_id, oracle.account, oracle.kind), ([7; 32], account, 1));
    }

    #[test]
    fn names_are_visible_ascii() {
        let named =
            |name: &str| Identity { name: name.into(), mint: Pubkey::default(), size_decimals: 9 }.name();
        assert_eq!(&named("SOL-PERP").unwrap(), b"SOL-PERP\0\0\0\0\0\0\0\0");
        for name in ["", "SOL PERP", "SÖL", "12345678901234567"] {
            assert!(named(name).is_err(), "{name}");
        }
    }
}
