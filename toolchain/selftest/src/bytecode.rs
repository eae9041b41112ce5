//! The compiled program, loaded into LiteSVM.

use std::{
    env,
    path::{Path, PathBuf},
};

use litesvm::LiteSVM;
use ringfence_selftest::{CASE_BYTES, Reply};
use solana_address::{Address, address};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;

/// A pair of operands.
pub type Case = (u128, u128);

/// How the program is built.
pub const BUILD: &str = "toolchain/build toolchain/selftest/program";

const COMPUTE_BUDGET: Address = address!("ComputeBudget111111111111111111111111111111");
/// The most that a transaction may ask for.
const COMPUTE_UNITS: u32 = 1_400_000;

/// Lamports for the fees of 160 million transactions.
const FEES: u64 = 800_000_000_000;

/// The self-test's program in an SVM of its own.
pub struct Bytecode {
    svm: LiteSVM,
    program: Address,
    payer: Keypair,
    budget: Instruction,
}

impl Bytecode {
    /// Loads `ringfence_selftest.so` from the target directory.
    ///
    /// # Panics
    /// Where it is not there or is not a program, saying how to build it.
    pub fn load() -> Self {
        let path = program_path();
        assert!(
            path.is_file(),
            "the self-test's program is not at {}: build it with `{BUILD}`",
            path.display()
        );
        let program = Address::new_unique();
        let payer = Keypair::new();
        // Signatures, blockhashes and history are not what is tried here.
        let mut svm = LiteSVM::new()
            .with_sigverify(false)
            .with_blockhash_check(false)
            .with_transaction_history(0)
            .with_log_bytes_limit(Some(1_000));
        if let Err(error) = svm.add_program_from_file(program, &path) {
            panic!("{} does not load ({error}): build it with `{BUILD}`", path.display());
        }
        svm.airdrop(&payer.pubkey(), FEES).expect("the faucet of a fresh SVM pays");
        let mut set_limit = vec![2];
        set_limit.extend_from_slice(&COMPUTE_UNITS.to_le_bytes());
        let budget = Instruction { program_id: COMPUTE_BUDGET, accounts: vec![], data: set_limit };
        Self { svm, program, payer, budget }
    }

    /// What the program returns for `cases` of one operation, given by its
    /// group and its index.
    ///
    /// # Errors
    /// The transaction's failure, with the program's logs.
    pub fn run(&mut self, operation: [u8; 2], reply: Reply, cases: &[Case]) -> Result<Vec<u8>, String> {
        let mut data = Vec::with_capacity(3 + cases.len() * CASE_BYTES);
        data.push(reply as u8);
        data.extend_from_slice(&operation);
        for (a, b) in cases {
            data.extend_from_slice(&a.to_le_bytes());
            data.extend_from_slice(&b.to_le_bytes());
        }
        self.send(data)
    }

    /// What the program returns for instruction data as it is.
    ///
    /// # Errors
    /// The transaction's failure, with the program's logs.
    pub fn send(&mut self, data: Vec<u8>) -> Result<Vec<u8>, String> {
        let call = Instruction { program_id: self.program, accounts: vec![], data };
        let message = Message::new(&[self.budget.clone(), call], Some(&self.payer.pubkey()));
        match self.svm.send_transaction(Transaction::new_unsigned(message)) {
            // The runtime cuts trailing zeros off nothing here: data is as set.
            Ok(done) => Ok(done.return_data.data),
            Err(failed) => Err(format!("{}: {}", failed.err, failed.meta.logs.join(" | "))),
        }
    }
}

/// `deploy/` of the target directory that this very executable lies in, or,
/// where it was moved, of the repository's own.
fn program_path() -> PathBuf {
    let so = Path::new("deploy/ringfence_selftest.so");
    let executable = env::current_exe().unwrap_or_default();
    executable
        .ancestors()
        .map(|folder| folder.join(so))
        .find(|path| path.is_file())
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(so))
}
