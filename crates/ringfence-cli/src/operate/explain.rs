//! Why a transaction fails, in words, with the way out.

use ringfence_client::{PROGRAM_ID, errors};
use solana_instruction::error::InstructionError;
use solana_transaction_error::TransactionError;

/// What a failed transaction says to a person. `logs` are the program's, as
/// far as there are any.
pub fn transaction(error: &TransactionError, logs: &[String]) -> String {
    match error {
        TransactionError::InstructionError(_, cause) => instruction(cause, logs),
        TransactionError::AccountNotFound => {
            "the key that pays has no SOL: send it some (on devnet: solana airdrop 1)".into()
        }
        TransactionError::InsufficientFundsForFee => {
            "insufficient funds: the key that pays has too little SOL for the network fee: send it some".into()
        }
        TransactionError::InsufficientFundsForRent { .. } => {
            "insufficient funds: the key that pays has too little SOL for the rent of a new account: send it some".into()
        }
        TransactionError::BlockhashNotFound => {
            "the cluster does not know the transaction's blockhash, so nothing happened: run the command again".into()
        }
        TransactionError::AlreadyProcessed => "this very transaction was executed before".into(),
        TransactionError::AccountInUse => "the cluster is busy with one of the accounts: run the command again".into(),
        TransactionError::ProgramAccountNotFound => {
            format!("Ringfence ({PROGRAM_ID}) is not deployed on this cluster: choose another by --url")
        }
        TransactionError::SignatureFailure => "a signature is missing or wrong: pass the right --keypair".into(),
        other => format!("the cluster refuses the transaction: {other}"),
    }
}

fn instruction(error: &InstructionError, logs: &[String]) -> String {
    if let InstructionError::Custom(code) = error {
        return custom(*code, failing_program(logs).as_deref(), logs);
    }
    match error {
        InstructionError::ComputationalBudgetExceeded | InstructionError::ProgramFailedToComplete => {
            "the transaction ran out of compute units: report this, with the command".into()
        }
        InstructionError::InsufficientFunds => {
            "insufficient funds: an account holds less than is taken from it".into()
        }
        InstructionError::MissingRequiredSignature => {
            "a signature is missing: pass the right --keypair".into()
        }
        InstructionError::IncorrectProgramId | InstructionError::UnsupportedProgramId => {
            format!("Ringfence ({PROGRAM_ID}) is not deployed on this cluster: choose another by --url")
        }
        other => format!("the program failed: {other}"),
    }
}

/// A program's own number for what went wrong.
fn custom(code: u32, program: Option<&str>, logs: &[String]) -> String {
    let is_ours = program.is_none_or(|program| program == PROGRAM_ID.to_string());
    if let Some(error) = errors::from_code(code).filter(|_| is_ours) {
        return format!("{error} ({}, {code})", error.name());
    }
    if let Some(message) = anchor_message(logs).filter(|_| is_ours) {
        return format!("the program refuses an account: {message} ({code})");
    }
    let token = program.is_some_and(|program| program.starts_with("Token"));
    let system = program.is_some_and(|program| program == "11111111111111111111111111111111");
    match code {
        0 if system => "an account with this address exists already: choose another --id, or see what is there".into(),
        1 if system => "insufficient funds: the key that pays has too little SOL for rent: send it some".into(),
        1 if token => "insufficient funds: the token account holds less than the command needs: add to it, or ask for less".into(),
        3 if token => "the token account holds another mint: pass one of the market's collateral".into(),
        4 if token => "the token account is another owner's: pass the right --keypair".into(),
        17 if token => "the token account is frozen by its mint's freeze authority: use another one".into(),
        _ => match program {
            Some(program) => format!("program {program} failed with its error {code}"),
            None => format!("a program failed with its error {code}"),
        },
    }
}

/// The innermost program that failed: the first that says so.
fn failing_program(logs: &[String]) -> Option<String> {
    let failed = |line: &String| {
        let (program, _) = line.strip_prefix("Program ")?.split_once(" failed: ")?;
        Some(program.to_owned())
    };
    logs.iter().find_map(failed)
}

/// What Anchor logs about an account that does not fit.
fn anchor_message(logs: &[String]) -> Option<String> {
    let line = logs.iter().rev().find(|line| line.contains("AnchorError"))?;
    let (_, message) = line.split_once("Error Message: ")?;
    let account = line.split_once("caused by account: ").and_then(|(_, rest)| rest.split_once('.'));
    let message = message.trim_end_matches('.');
    Some(match account {
        Some((account, _)) => format!("{account}: {message}"),
        None => message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(code: u32, logs: &[&str]) -> String {
        let logs: Vec<String> = logs.iter().map(|&line| line.to_owned()).collect();
        transaction(&TransactionError::InstructionError(1, InstructionError::Custom(code)), &logs)
    }

    #[test]
    fn the_programs_errors_speak_for_themselves() {
        let ours = format!("Program {PROGRAM_ID} failed: custom program error: 0x1770");
        // Code 6000 is the first of the program's own.
        assert_eq!(
            fails(6_000, &[&ours]),
            "A number left its range: use a smaller size, amount or price (MathOverflow, 6000)"
        );
        assert_eq!(fails(6_000, &[]), fails(6_000, &[&ours]), "without logs too");
    }

    #[test]
    fn the_innermost_program_is_to_blame() {
        let token = "Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x1";
        let ours = format!("Program {PROGRAM_ID} failed: custom program error: 0x1");
        assert!(fails(1, &[token, &ours]).starts_with("insufficient funds: the token account"));
        let system = "Program 11111111111111111111111111111111 failed: custom program error: 0x1";
        assert!(fails(1, &[system, &ours]).contains("too little SOL for rent"));
        assert!(
            fails(0, &["Program 11111111111111111111111111111111 failed: custom program error: 0x0"])
                .contains("exists already")
        );
        assert_eq!(
            fails(9, &["Program Other failed: custom program error: 0x9"]),
            "program Other failed with its error 9"
        );
    }

    #[test]
    fn anchors_refusals_name_the_account() {
        let log = "Program log: AnchorError caused by account: position. Error Code: AccountNotInitialized. Error Number: 3012. Error Message: The program expected this account to be already initialized.";
        let ours = format!("Program {PROGRAM_ID} failed: custom program error: 0xbc4");
        assert_eq!(
            fails(3_012, &[log, &ours]),
            "the program refuses an account: position: The program expected this account to be already initialized (3012)"
        );
    }

    #[test]
    fn a_payer_without_sol_is_told_so() {
        assert!(transaction(&TransactionError::AccountNotFound, &[]).contains("no SOL"));
        assert!(
            transaction(&TransactionError::InsufficientFundsForFee, &[]).starts_with("insufficient funds")
        );
    }
}
