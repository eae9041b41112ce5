//! The keys of a localnet: the same in every run, so that addresses can be
//! put into configuration files. They are published here, in the source, and
//! must never hold anything elsewhere.

use std::path::{Path, PathBuf};
use std::{fs, io};

use solana_keypair::{Keypair, read_keypair_file, write_keypair_file};

/// Who acts on a localnet. All have SOL and collateral.
#[derive(Debug)]
pub struct Keys {
    /// Upgrade authority of the program, admin of the exchange, authority of
    /// the collateral mint; pays for airdrops.
    pub admin: Keypair,
    pub guardian: Keypair,
    pub treasury: Keypair,
    /// Provided the liquidity of every pool.
    pub provider: Keypair,
    /// For whoever wants to trade at once.
    pub trader: Keypair,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            admin: key("admin"),
            guardian: key("guardian"),
            treasury: key("treasury"),
            provider: key("provider"),
            trader: key("trader"),
        }
    }
}

impl Keys {
    /// Each key with its name.
    pub fn named(&self) -> [(&'static str, &Keypair); 5] {
        [
            ("admin", &self.admin),
            ("guardian", &self.guardian),
            ("treasury", &self.treasury),
            ("provider", &self.provider),
            ("trader", &self.trader),
        ]
    }

    /// Writes each key to `NAME.json` in `directory`, as the Solana tools read
    /// it, and returns the directory's absolute path. Error: a file of that
    /// name that holds anything else.
    pub fn write(&self, directory: &Path) -> io::Result<PathBuf> {
        fs::create_dir_all(directory)?;
        for (name, key) in self.named() {
            let file = directory.join(format!("{name}.json"));
            if file.exists() {
                // Whatever lies there, it is not for us to lose.
                let same = read_keypair_file(&file).is_ok_and(|found| found == *key);
                let refused = || format!("{} exists and is another key", file.display());
                same.then_some(()).ok_or_else(|| io::Error::other(refused()))?;
                continue;
            }
            write_keypair_file(key, &file).map_err(|error| io::Error::other(error.to_string()))?;
        }
        directory.canonicalize()
    }
}

/// The key of a name, which is its seed.
pub(crate) fn key(name: &str) -> Keypair {
    let mut seed = *b"ringfence-localnet..............";
    seed[32 - name.len()..].copy_from_slice(name.as_bytes());
    Keypair::new_from_array(seed)
}
