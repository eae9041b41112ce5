//! A localnet of a test's own, and the binary run against it.

use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use ringfence_localnet::{Localnet, Options};
use serde_json::Value;
use solana_signer::Signer;

use crate::common::{Folder, ringfence, stderr, stdout, words};

/// Slots short enough that no test waits long for one.
const SLOT: Duration = Duration::from_millis(50);

pub struct Stage {
    pub localnet: Localnet,
    pub folder: Folder,
}

impl Stage {
    pub fn new(name: &str) -> Self {
        Self::with(name, Options::default())
    }

    pub fn with(name: &str, options: Options) -> Self {
        let folder = Folder::new(&format!("operate-{name}"));
        let keys = Some(PathBuf::from(folder.path("keys")));
        let options = Options { slot: SLOT, publish_every: SLOT, keys, ..options };
        let localnet = Localnet::start(options).unwrap_or_else(|error| panic!("{error}"));
        Self { localnet, folder }
    }

    pub fn keypair(&self, name: &str) -> String {
        self.folder.path(&format!("keys/{name}.json"))
    }

    /// The command line, signed by `key`, on this localnet.
    pub fn run(&self, key: &str, line: &str) -> Output {
        let (keypair, url) = (self.keypair(key), self.localnet.rpc_url().to_owned());
        let mut args = words(line);
        args.extend(["--keypair", &keypair, "--url", &url]);
        ringfence(&args)
    }

    /// What a command that must succeed prints for people.
    pub fn text(&self, key: &str, line: &str) -> String {
        let output = self.run(key, line);
        assert!(output.status.success(), "{line}: {}", stderr(&output));
        stdout(&output)
    }

    pub fn json(&self, key: &str, line: &str) -> Value {
        let text = self.text(key, &format!("{line} --output json"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"))
    }

    /// The effect of this name in what a command did.
    pub fn effect(&self, key: &str, line: &str, event: &str) -> Value {
        let outcome = self.json(key, line);
        assert!(outcome["signature"].is_string(), "{outcome}");
        let effects = outcome["effects"].as_array().expect("effects");
        let found = effects.iter().find(|effect| effect["event"] == event);
        found.unwrap_or_else(|| panic!("{line}: no {event} in {outcome:#}")).clone()
    }

    /// The one line of a command that must fail with code 1. What it says
    /// before that, to people, stands on standard output.
    pub fn fail(&self, key: &str, line: &str) -> String {
        let output = self.run(key, line);
        let errors = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{line}: {}{errors}", stdout(&output));
        let error = errors.strip_prefix("error: ").unwrap_or_else(|| panic!("{line}: {errors}"));
        assert_eq!(error.lines().count(), 1, "{line}: {errors}");
        error.trim_end().to_owned()
    }

    /// Collateral in the associated account of a key, atoms.
    pub fn funds(&self, key: &str) -> u64 {
        let keys = self.localnet.keys();
        let owner = keys.named().into_iter().find(|(name, _)| *name == key).expect("a key").1.pubkey();
        let account =
            anchor_spl::associated_token::get_associated_token_address(&owner, &self.localnet.mint());
        let rpc = solana_rpc_client::rpc_client::RpcClient::new_with_commitment(
            self.localnet.rpc_url().to_owned(),
            solana_commitment_config::CommitmentConfig::confirmed(),
        );
        let data = rpc.get_account_data(&account).expect("a token account");
        u64::from_le_bytes(data[64..72].try_into().expect("an amount"))
    }
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// Decimal text as an integer of 10^-`decimals`.
pub fn atoms(value: &Value, decimals: u8) -> i128 {
    ringfence_client::decimal::parse(text(value), decimals).expect("a decimal")
}
