//! Errors by their names: those of the IDL, and those of Anchor, the token
//! programs, the System program and the runtime.

use anchor_lang::error::ErrorCode;
use anchor_spl::token_2022::spl_token_2022::error::TokenError;
use serde_json::Value;
use solana_instruction::error::InstructionError;

/// What a set of accounts has to be refused with: one error, or the few that
/// it may be where two parties check the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Intended {
    pub name: String,
    pub errors: Vec<InstructionError>,
}

impl Intended {
    pub fn of(name: &str) -> Self {
        Self { name: name.to_owned(), errors: vec![InstructionError::Custom(code(name))] }
    }

    pub fn runtime(errors: &[InstructionError]) -> Self {
        let names: Vec<_> = errors.iter().map(|error| format!("{error:?}")).collect();
        Self { name: names.join(" or "), errors: errors.to_vec() }
    }
}

/// The errors that are not the program's own.
const FOREIGN: [(&str, u32); 17] = [
    ("ConstraintMut", ErrorCode::ConstraintMut as u32),
    ("ConstraintSeeds", ErrorCode::ConstraintSeeds as u32),
    ("ConstraintClose", ErrorCode::ConstraintClose as u32),
    ("ConstraintAddress", ErrorCode::ConstraintAddress as u32),
    ("ConstraintMintTokenProgram", ErrorCode::ConstraintMintTokenProgram as u32),
    ("ConstraintDuplicateMutableAccount", ErrorCode::ConstraintDuplicateMutableAccount as u32),
    ("AccountDiscriminatorNotFound", ErrorCode::AccountDiscriminatorNotFound as u32),
    ("AccountDiscriminatorMismatch", ErrorCode::AccountDiscriminatorMismatch as u32),
    ("AccountOwnedByWrongProgram", ErrorCode::AccountOwnedByWrongProgram as u32),
    ("InvalidProgramId", ErrorCode::InvalidProgramId as u32),
    ("AccountNotSigner", ErrorCode::AccountNotSigner as u32),
    ("AccountNotSystemOwned", ErrorCode::AccountNotSystemOwned as u32),
    ("AccountNotInitialized", ErrorCode::AccountNotInitialized as u32),
    ("AccountNotProgramData", ErrorCode::AccountNotProgramData as u32),
    ("OwnerMismatch", TokenError::OwnerMismatch as u32),
    // the System program's
    ("AccountAlreadyInUse", 0),
    ("ResultWithNegativeLamports", 1),
];

fn code(name: &str) -> u32 {
    if let Some((_, code)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name) {
        return *code;
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../idl/ringfence.json");
    let idl: Value = serde_json::from_str(&std::fs::read_to_string(path).expect(path)).expect(path);
    let errors = idl["errors"].as_array().expect("errors");
    let error = errors.iter().find(|error| error["name"] == name).unwrap_or_else(|| panic!("no {name}"));
    u32::try_from(error["code"].as_u64().expect("a code")).expect("a code")
}
