//! Which cluster, which key: Solana's own configuration file, monikers, and
//! an RPC connection whose errors are said in words.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use bytemuck::Pod;
use ringfence_client::Discriminator;
use ringfence_client::accounts::{Exchange, decode};
use ringfence_client::filters::Filter;
use ringfence_client::{PROGRAM_ID, Pubkey, pda};
use serde::Deserialize;
use solana_account::Account;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_commitment_config::CommitmentConfig;
use solana_keypair::{Keypair, read_keypair_file};
use solana_rpc_client::rpc_client::RpcClient;
use solana_rpc_client_api::client_error::{Error as ClientError, ErrorKind};
use solana_rpc_client_api::config::{RpcAccountInfoConfig, RpcProgramAccountsConfig};
use solana_rpc_client_api::filter::{Memcmp, MemcmpEncodedBytes, RpcFilterType};
use solana_rpc_client_api::request::RpcError;
use solana_signer::Signer;

use super::ConnectionArgs;

/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Most accounts that a node returns by their addresses at once.
const ACCOUNTS_PER_CALL: usize = 100;
/// Offset of the time in the clock's account: slot, epoch start, epoch and
/// leader schedule epoch come before, 8 bytes each.
const CLOCK_TIME: usize = 32;

/// What of Solana's configuration file counts here.
#[derive(Clone, Debug, Default, Deserialize)]
struct ConfigFile {
    json_rpc_url: Option<String>,
    keypair_path: Option<String>,
    commitment: Option<String>,
}

impl ConfigFile {
    /// The file given; without one Solana's own, where there is one.
    fn read(given: Option<&Path>) -> Result<Self> {
        let path = match given {
            Some(path) => path.to_owned(),
            None => match in_home(".config/solana/cli/config.yml").filter(|path| path.exists()) {
                Some(path) => path,
                None => return Ok(Self::default()),
            },
        };
        let shown = path.display();
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
        serde_yaml::from_str(&text).with_context(|| format!("{shown} is no configuration of Solana's CLI"))
    }
}

fn in_home(path: &str) -> Option<PathBuf> {
    std::env::home_dir().map(|home| home.join(path))
}

/// The URL that a moniker stands for, or the URL itself.
fn expand(text: &str) -> Result<String> {
    let url = match text {
        "m" | "mainnet-beta" => "https://api.mainnet-beta.solana.com",
        "t" | "testnet" => "https://api.testnet.solana.com",
        "d" | "devnet" => "https://api.devnet.solana.com",
        "l" | "localhost" => "http://localhost:8899",
        url if url.starts_with("http://") || url.starts_with("https://") => url,
        other => bail!(
            "`{other}` is neither a URL nor a moniker: pass http(s)://…, mainnet-beta, testnet, devnet or localhost"
        ),
    };
    Ok(url.to_owned())
}

/// A cluster and, where a command needs one, a key.
pub struct Connection {
    rpc: RpcClient,
    url: String,
    keypair: PathBuf,
}

impl Connection {
    /// Errors: a configuration that cannot be read, an unknown moniker.
    pub fn new(args: &ConnectionArgs) -> Result<Self> {
        let config = ConfigFile::read(args.config.as_deref())?;
        let url = args.url.clone().or(config.json_rpc_url);
        let url = expand(url.as_deref().unwrap_or("mainnet-beta"))?;
        let commitment = match (args.commitment, config.commitment.as_deref()) {
            (Some(level), _) => level.into(),
            (None, Some(text)) => text.parse().ok().with_context(|| format!("`{text}` is no commitment"))?,
            (None, None) => CommitmentConfig::confirmed(),
        };
        let keypair = args.keypair.clone().or(config.keypair_path).map(PathBuf::from);
        let keypair = keypair.or_else(|| in_home(".config/solana/id.json")).unwrap_or_default();
        let rpc = RpcClient::new_with_timeout_and_commitment(url.clone(), TIMEOUT, commitment);
        Ok(Self { rpc, url, keypair })
    }

    pub fn rpc(&self) -> &RpcClient {
        &self.rpc
    }

    /// The key that signs and pays.
    pub fn keypair(&self) -> Result<Keypair> {
        let shown = self.keypair.display();
        if let Some(scheme) = self.keypair.to_str().and_then(|path| path.split_once("://")).map(|(s, _)| s) {
            bail!("`{shown}`: {scheme} signers are not supported: pass a keypair file by --keypair");
        }
        ensure!(
            self.keypair.exists(),
            "no keypair at {shown}: pass one by --keypair, or make one with solana-keygen new"
        );
        let read = read_keypair_file(&self.keypair);
        read.map_err(|_| {
            anyhow!("{shown} is no keypair: it must hold the 64 numbers that solana-keygen writes")
        })
    }

    /// The public key of `--keypair`.
    pub fn identity(&self) -> Result<Pubkey> {
        Ok(self.keypair()?.pubkey())
    }

    /// An RPC error in words, with the URL.
    pub fn explain(&self, error: &ClientError) -> anyhow::Error {
        let url = &self.url;
        match error.kind() {
            ErrorKind::Reqwest(cause) if cause.is_timeout() => {
                anyhow!(
                    "no answer from {url} within {} s: try again, or another node by --url",
                    TIMEOUT.as_secs()
                )
            }
            ErrorKind::Reqwest(cause) if cause.is_connect() => {
                anyhow!(
                    "cannot reach {url}: check --url and the network; for localhost, start ringfence-localnet"
                )
            }
            ErrorKind::Reqwest(cause) => match cause.status() {
                Some(status) => anyhow!("{url} answered {status}: is it the URL of a Solana RPC node?"),
                None => anyhow!("{url} did not answer as a Solana RPC node does: check --url"),
            },
            ErrorKind::RpcError(RpcError::RpcResponseError { code, message, .. }) => {
                anyhow!("{url} refused the request: {message} (code {code})")
            }
            other => anyhow!("{url}: {other}"),
        }
    }

    /// The result of a call of the RPC client, its error in words.
    pub fn ask<T>(&self, result: Result<T, ClientError>) -> Result<T> {
        result.map_err(|error| self.explain(&error))
    }

    pub fn account(&self, key: &Pubkey) -> Result<Option<Account>> {
        // The client's call for one account turns every error into text.
        Ok(self.accounts(std::slice::from_ref(key))?.pop().flatten())
    }

    /// Accounts by their addresses, in order.
    pub fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>> {
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(ACCOUNTS_PER_CALL) {
            found.extend(self.ask(self.rpc.get_multiple_accounts(keys))?);
        }
        Ok(found)
    }

    /// An account of the program; none where there is none.
    pub fn read<T: Pod + Discriminator>(&self, key: &Pubkey) -> Result<Option<T>> {
        let Some(account) = self.account(key)? else {
            return Ok(None);
        };
        ensure!(
            account.owner == PROGRAM_ID,
            "{key} is no account of Ringfence: its owner is {}",
            account.owner
        );
        decode(&account.data).map(Some).with_context(|| format!("{key} is another kind of Ringfence account"))
    }

    /// Every account of the program that meets the filters, by address.
    pub fn program_accounts<T: Pod + Discriminator>(&self, filters: Vec<Filter>) -> Result<Vec<(Pubkey, T)>> {
        let filters = filters.into_iter().map(|filter| match filter {
            Filter::DataSize(size) => RpcFilterType::DataSize(size),
            Filter::Memcmp { offset, bytes } => RpcFilterType::Memcmp(Memcmp::new(
                offset,
                MemcmpEncodedBytes::Base58(bs58::encode(bytes).into_string()),
            )),
        });
        let config = RpcProgramAccountsConfig {
            filters: Some(filters.collect()),
            account_config: RpcAccountInfoConfig {
                encoding: Some(UiAccountEncoding::Base64),
                commitment: Some(self.rpc.commitment()),
                ..RpcAccountInfoConfig::default()
            },
            ..RpcProgramAccountsConfig::default()
        };
        let found = self.ask(self.rpc.get_program_ui_accounts_with_config(&PROGRAM_ID, config))?;
        let mut accounts: Vec<(Pubkey, T)> = found
            .into_iter()
            .filter_map(|(key, account)| Some((key, decode(&account.data.decode()?)?)))
            .collect();
        accounts.sort_by_key(|(key, _)| *key);
        Ok(accounts)
    }

    /// The cluster's own clock, unix seconds.
    pub fn now(&self) -> Result<i64> {
        let clock = self.account(&solana_clock::sysvar::ID)?.context("the cluster has no clock")?;
        let time = clock.data.get(CLOCK_TIME..CLOCK_TIME + 8).and_then(|bytes| bytes.try_into().ok());
        Ok(i64::from_le_bytes(time.context("the cluster's clock cannot be read")?))
    }

    /// Says what is wrong with the cluster where the program is not there.
    pub fn ensure_program(&self) -> Result<()> {
        let program = self.account(&PROGRAM_ID)?;
        ensure!(
            program.is_some_and(|account| account.executable),
            "Ringfence ({PROGRAM_ID}) is not deployed at {}: choose its cluster by --url, or deploy it (migrations/README.md)",
            self.url
        );
        Ok(())
    }

    /// The exchange. Errors say whether the cluster is another, or lacks the
    /// program, or only the exchange.
    pub fn exchange(&self) -> Result<Exchange> {
        match self.read(&pda::exchange())? {
            Some(exchange) => Ok(exchange),
            None => {
                self.ensure_program()?;
                bail!(
                    "no exchange at {} yet: its upgrade authority makes one with `ringfence exchange init`",
                    self.url
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monikers_are_those_of_solanas_own_tools() {
        for (moniker, url) in [
            ("m", "https://api.mainnet-beta.solana.com"),
            ("mainnet-beta", "https://api.mainnet-beta.solana.com"),
            ("t", "https://api.testnet.solana.com"),
            ("d", "https://api.devnet.solana.com"),
            ("l", "http://localhost:8899"),
            ("localhost", "http://localhost:8899"),
            ("https://node.example/key", "https://node.example/key"),
        ] {
            assert_eq!(expand(moniker).unwrap(), url);
        }
        assert!(
            expand("mainet").unwrap_err().to_string().starts_with("`mainet` is neither a URL nor a moniker")
        );
    }

    #[test]
    fn solanas_configuration_file_is_read_whatever_else_it_has() {
        let text = "---\njson_rpc_url: http://localhost:8899\nwebsocket_url: ''\nkeypair_path: /k.json\naddress_labels:\n  '11111111111111111111111111111111': System Program\ncommitment: confirmed\n";
        let config: ConfigFile = serde_yaml::from_str(text).unwrap();
        assert_eq!(config.json_rpc_url.as_deref(), Some("http://localhost:8899"));
        assert_eq!(config.keypair_path.as_deref(), Some("/k.json"));
        assert_eq!(config.commitment.as_deref(), Some("confirmed"));
    }
}
