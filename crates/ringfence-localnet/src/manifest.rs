//! Where everything is: the file that tools read.

use std::path::{Path, PathBuf};
use std::{fs, io};

use ringfence_client::Pubkey;
use ringfence_client::{PROGRAM_ID, pda};
use serde::Serialize;
use solana_signer::Signer;

use crate::collateral::MINT_DECIMALS;
use crate::keys::Keys;
use crate::market::MarketInfo;

/// Addresses and URLs of a running localnet. Addresses are base58, feed
/// identifiers hexadecimal.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    pub rpc_url: String,
    pub ws_url: String,
    pub faucet_url: String,
    pub program: String,
    pub exchange: String,
    /// The collateral's mint.
    pub mint: String,
    pub mint_decimals: u8,
    pub keys: Vec<ManifestKey>,
    /// The admin's keypair file again, for scripts. None where no keys were written.
    pub admin_keypair: Option<PathBuf>,
    pub markets: Vec<ManifestMarket>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ManifestKey {
    pub name: String,
    pub address: String,
    /// In the format of the Solana tools.
    pub keypair: Option<PathBuf>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ManifestMarket {
    pub name: String,
    pub index: u16,
    pub market: String,
    pub oracle: String,
    pub feed_id: String,
    pub pool_vault: String,
    pub lp_mint: String,
    pub size_decimals: u8,
}

impl Manifest {
    /// `urls` of RPC, websocket and faucet; `directory` is where the keys were
    /// written.
    pub(crate) fn new(
        [rpc_url, ws_url, faucet_url]: [&str; 3],
        mint: Pubkey,
        keys: &Keys,
        directory: Option<&Path>,
        markets: &[MarketInfo],
    ) -> Self {
        let keypair = |name: &str| directory.map(|directory| directory.join(format!("{name}.json")));
        let markets = markets.iter().map(|market| ManifestMarket {
            name: market.name.clone(),
            index: market.index,
            market: market.accounts.market.to_string(),
            oracle: market.accounts.oracle.to_string(),
            feed_id: market.feed_id.iter().map(|byte| format!("{byte:02x}")).collect(),
            pool_vault: market.accounts.pool_vault.to_string(),
            lp_mint: market.accounts.lp_mint.to_string(),
            size_decimals: market.size_decimals,
        });
        let keys = keys.named().map(|(name, key)| ManifestKey {
            name: name.into(),
            address: key.pubkey().to_string(),
            keypair: keypair(name),
        });
        Self {
            rpc_url: rpc_url.into(),
            ws_url: ws_url.into(),
            faucet_url: faucet_url.into(),
            program: PROGRAM_ID.to_string(),
            exchange: pda::exchange().to_string(),
            mint: mint.to_string(),
            mint_decimals: MINT_DECIMALS,
            keys: keys.into(),
            admin_keypair: keypair("admin"),
            markets: markets.collect(),
        }
    }

    /// Writes the file, all of it or nothing.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        let mut partial = file.as_os_str().to_owned();
        partial.push(".partial");
        fs::write(&partial, text)?;
        fs::rename(&partial, file)
    }
}
