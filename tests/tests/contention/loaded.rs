//! The limit of loaded data on a real bank: what the client asks for is
//! enough, with room for a program that grows, and the bank does look.

use anchor_lang::prelude::Pubkey;
use ringfence_client::PROGRAM_ID;
use ringfence_client::compute::LOADED_DATA_LIMIT;
use ringfence_testkit::{MintKind, program_path};
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_transaction_error::TransactionError;

use crate::load::KINDS;
use crate::measured::Executed;

/// What Agave counts for an account beside its data, and for a lookup table.
const ACCOUNT: u32 = 64;
const LOOKUP_TABLE: u32 = 8_248;
const ASSOCIATED_TOKEN: Pubkey = Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

#[tokio::test]
async fn what_is_loaded_has_to_be_within_the_limit_to_the_byte() {
    let mut executed = Executed::start().await;
    for (kind, name, _) in KINDS {
        let loaded = executed.median(kind).await.loaded;
        for (bytes, suffices) in [(loaded, true), (loaded - 1, false), (loaded / 2, false)] {
            let limit = ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(bytes);
            let done = executed.simulate(kind, 0, &[limit]).await;
            match done {
                Ok(used) => assert!(suffices && used.loaded == loaded, "{name}: {used:?} of {bytes}"),
                Err(TransactionError::MaxLoadedAccountsDataSizeExceeded) => {
                    assert!(!suffices, "{name}: {bytes} of {loaded}");
                }
                Err(other) => panic!("{name}: {other:?}"),
            }
        }
    }
}

/// Half as much again of the program, both token programs, the one that makes
/// token accounts, two lookup tables: all fit.
#[tokio::test]
async fn the_limit_has_room_for_a_program_that_has_grown_by_half() {
    let mut executed = Executed::start().await;
    let mut loaded = 0;
    for (kind, ..) in KINDS {
        loaded = loaded.max(executed.median(kind).await.loaded);
    }
    let program = executed.program_bytes(PROGRAM_ID).await;
    let token_2022 = executed.program_bytes(MintKind::Token2022(Vec::new()).program()).await;
    let associated = executed.program_bytes(ASSOCIATED_TOKEN).await;
    println!(
        "{loaded} bytes, {program} of them this program's; Token-2022 {token_2022}, associated {associated}"
    );
    // All are there: this one is 45 bytes of header and the file.
    let file = std::fs::metadata(program_path()).expect("the compiled program").len();
    assert_eq!(u64::from(program), file + 45);
    assert!(token_2022 > 400_000 && associated > 80_000);
    let largest = loaded + program / 2 + token_2022 + associated + 8 * ACCOUNT + 2 * LOOKUP_TABLE;
    assert!(largest < LOADED_DATA_LIMIT, "{largest} bytes");
}
