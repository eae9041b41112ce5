//! Limits of compute units and of loaded account data, so that a transaction
//! asks for what it needs: a limit that is too low fails, one that is too high
//! costs priority fees, and room in a block (docs/contention.md).
//!
//! The numbers are the largest that docs/compute-units.md has measured for
//! any path of an instruction, Token-2022 and addresses with lamports on them
//! included, and a quarter more: what bumps still cost beyond those that were
//! sampled, at 370 units each (1,500 in create_market, create_referral,
//! propose_params and close_market). A test reads that page and fails where a
//! limit falls behind it.

use solana_compute_budget_interface::{self as budget, ComputeBudgetInstruction};
use solana_instruction::Instruction;
use solana_pubkey::{Pubkey, pubkey};
use solana_sdk_ids::system_program;

use crate::generated::instruction_data as program;
use crate::{Discriminator, PROGRAM_ID};

/// The associated token program.
const ASSOCIATED_TOKEN: Pubkey = pubkey!("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
const TOKEN: Pubkey = pubkey!("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
const TOKEN_2022: Pubkey = pubkey!("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/// An instruction of the program.
struct Measured {
    name: &'static str,
    discriminator: &'static [u8],
    /// The largest number of units on the page.
    units: u32,
}

macro_rules! measured {
    ($($name:ident, $instruction:ident, $units:literal;)*) => {
        &[$(Measured {
            name: stringify!($name),
            discriminator: program::$instruction::DISCRIMINATOR,
            units: $units,
        }),*]
    };
}

const MEASURED: &[Measured] = measured![
    initialize_exchange, InitializeExchange, 8_623;
    create_market, CreateMarket, 45_245;
    set_status, SetStatus, 2_954;
    add_liquidity, AddLiquidity, 16_908;
    remove_liquidity, RemoveLiquidity, 15_087;
    open_position, OpenPosition, 29_726;
    increase_position, IncreasePosition, 16_744;
    add_margin, AddMargin, 6_678;
    remove_margin, RemoveMargin, 11_416;
    decrease_position, DecreasePosition, 15_611;
    close_position, ClosePosition, 20_482;
    liquidate, Liquidate, 22_234;
    accrue, Accrue, 5_136;
    close_at_cap, CloseAtCap, 10_746;
    claim_shares, ClaimShares, 7_746;
    fund_insurance, FundInsurance, 6_797;
    collect_protocol_fees, CollectProtocolFees, 6_935;
    create_referral, CreateReferral, 19_524;
    claim_referral_fees, ClaimReferralFees, 7_329;
    set_delegate, SetDelegate, 2_702;
    propose_params, ProposeParams, 21_464;
    apply_params, ApplyParams, 5_292;
    cancel_params, CancelParams, 3_479;
    nominate_admin, NominateAdmin, 2_747;
    accept_admin, AcceptAdmin, 2_709;
    announce_settlement, AnnounceSettlement, 3_188;
    settle_market, SettleMarket, 5_237;
    close_settled, CloseSettled, 17_664;
    close_market, CloseMarket, 21_605;
    create_position, CreatePosition, 15_515;
    place_order, PlaceOrder, 19_010;
    cancel_order, CancelOrder, 10_386;
    execute_order, ExecuteOrder, 25_157;
    migrate_market, MigrateMarket, 2_479;
    migrate_position, MigratePosition, 2_917;
];

/// Creating an associated token account: its own bump search and two CPIs.
/// Not on the page; 22,000 to 35,000 with SPL Token and Token-2022.
const CREATE_TOKEN_ACCOUNT: u32 = 45_000;
/// What the runtime grants an instruction of a program unknown here.
const UNKNOWN: u32 = 200_000;
/// What an instruction of the compute budget program costs.
const BUDGET_INSTRUCTION: u32 = 150;
/// What a transaction has of them: limit, loaded data, price.
const BUDGET_INSTRUCTIONS: u32 = 3;
/// The most that a transaction may ask for.
pub const MAX_LIMIT: u32 = 1_400_000;

/// Bytes of account data that a transaction may load: 64 for each account and
/// its data, for a program its bytecode, 8,248 for each lookup table. Without a
/// limit it counts as 64 MiB, which takes 16,384 units of a block, more than
/// increasing a position does; this takes 1,024.
///
/// Bytecode is what matters: 1.8 MB of this program, 0.1 of SPL Token or 0.6 of
/// Token-2022, 0.1 of the associated token program. The program may grow by half
/// before clients have to know: tests/tests/contention sees to it.
pub const LOADED_DATA_LIMIT: u32 = 4 * 1024 * 1024;

/// The limit of loaded data for a transaction of these instructions: none where
/// one of them is of a program whose size is not known here.
pub fn loaded_data_limit(instructions: &[Instruction]) -> Option<u32> {
    let known = [PROGRAM_ID, TOKEN, TOKEN_2022, ASSOCIATED_TOKEN, system_program::ID];
    let is_known = |it: &Instruction| known.contains(&it.program_id) || budget::check_id(&it.program_id);
    instructions.iter().all(is_known).then_some(LOADED_DATA_LIMIT)
}

/// What one instruction may use, margin included.
fn units(instruction: &Instruction) -> u32 {
    if instruction.program_id == PROGRAM_ID {
        let found = MEASURED.iter().find(|entry| instruction.data.starts_with(entry.discriminator));
        return found.map_or(UNKNOWN, |entry| with_margin(entry.units));
    }
    if instruction.program_id == ASSOCIATED_TOKEN {
        return CREATE_TOKEN_ACCOUNT;
    }
    if budget::check_id(&instruction.program_id) { BUDGET_INSTRUCTION } else { UNKNOWN }
}

fn with_margin(units: u32) -> u32 {
    units.saturating_add(units.div_ceil(4)).next_multiple_of(1_000)
}

/// The most that the instruction of this name was measured to use; none where
/// the program has no such instruction.
pub fn measured(name: &str) -> Option<u32> {
    MEASURED.iter().find(|entry| entry.name == name).map(|entry| entry.units)
}

/// What the instruction of this name may use by itself, margin included; none
/// where the program has no such instruction.
pub fn instruction_limit(name: &str) -> Option<u32> {
    measured(name).map(with_margin)
}

/// The limit for a transaction of these instructions and those that set its
/// limits and its price.
pub fn limit(instructions: &[Instruction]) -> u32 {
    let budget = BUDGET_INSTRUCTIONS * BUDGET_INSTRUCTION;
    let total = instructions.iter().map(units).fold(budget, u32::saturating_add);
    total.min(MAX_LIMIT)
}

/// The same instructions behind their limits and, where it is above zero, a
/// price in micro-lamports per unit.
pub fn with_budget(instructions: &[Instruction], price: u64) -> Vec<Instruction> {
    with_limit(instructions, limit(instructions), price)
}

/// The same behind another limit of units. Where the program refuses, it logs why, and
/// formatting keys takes more units than succeeding: simulate with
/// [`MAX_LIMIT`] to learn the reason.
pub fn with_limit(instructions: &[Instruction], limit: u32, price: u64) -> Vec<Instruction> {
    let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(limit)];
    if let Some(bytes) = loaded_data_limit(instructions) {
        all.push(ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(bytes));
    }
    if price > 0 {
        all.push(ComputeBudgetInstruction::set_compute_unit_price(price));
    }
    all.extend_from_slice(instructions);
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Largest number of units of each instruction on the page, in the last
    /// column of every row of the table of paths.
    fn page() -> BTreeMap<String, u32> {
        let text = include_str!("../../../docs/compute-units.md");
        let (_, paths) = text.split_once("## Paths").expect("the table of paths");
        let (paths, _) = paths.split_once("## Accounts").expect("the end of it");
        let mut largest = BTreeMap::new();
        for row in paths.lines().filter(|line| line.starts_with('|')).skip(2) {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            let units = cells.last().expect("a column").replace(',', "").parse::<u32>().expect("a number");
            let entry = largest.entry(cells[0].to_owned()).or_insert(0);
            *entry = units.max(*entry);
        }
        largest
    }

    fn instruction(discriminator: &[u8]) -> Instruction {
        Instruction { program_id: PROGRAM_ID, accounts: Vec::new(), data: discriminator.to_vec() }
    }

    #[test]
    fn no_limit_is_under_what_has_been_measured() {
        let page = page();
        assert!(page.len() >= 30, "{page:?}");
        for (name, units) in &page {
            let entry = MEASURED.iter().find(|entry| entry.name == name);
            let entry = entry.unwrap_or_else(|| panic!("no limit for {name}"));
            assert!(entry.units >= *units, "{name}: {} here, {units} on the page", entry.units);
            assert!(limit(&[instruction(entry.discriminator)]) > *units, "{name}");
        }
    }

    #[test]
    fn limits_add_up() {
        // 29,726 and a quarter is 37,158, in whole thousands 38,000.
        let open = instruction(program::OpenPosition::DISCRIMINATOR);
        assert_eq!(limit(std::slice::from_ref(&open)), 38_450);
        assert_eq!(instruction_limit("open_position"), Some(38_000));
        assert_eq!(instruction_limit("openPosition"), None);
        let create = Instruction { program_id: ASSOCIATED_TOKEN, accounts: Vec::new(), data: Vec::new() };
        assert_eq!(limit(&[create, open.clone()]), 83_450);
        assert_eq!(limit(&vec![open; 40]), 1_400_000);
    }

    #[test]
    fn a_budget_comes_first_and_a_price_only_where_there_is_one() {
        let open = instruction(program::OpenPosition::DISCRIMINATOR);
        let free = with_budget(std::slice::from_ref(&open), 0);
        // Tag 2 and the limit, little-endian: 38,450 = 0x9632. Tag 4 and 4 MiB = 0x400000.
        assert_eq!(free[0].data, [2, 0x32, 0x96, 0, 0]);
        assert_eq!(free[1].data, [4, 0, 0, 0x40, 0]);
        assert_eq!(free[2..], *std::slice::from_ref(&open));
        let paid = with_budget(std::slice::from_ref(&open), 7);
        assert_eq!(paid[2].data, [3, 7, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(paid[3], open);
    }

    #[test]
    fn loaded_data_is_limited_only_where_every_program_is_known() {
        let open = instruction(program::OpenPosition::DISCRIMINATOR);
        let of = |program_id| Instruction { program_id, accounts: Vec::new(), data: Vec::new() };
        let known = [open.clone(), of(ASSOCIATED_TOKEN), of(TOKEN), of(TOKEN_2022), of(system_program::ID)];
        assert_eq!(loaded_data_limit(&known), Some(4_194_304));
        let price_update = of(Pubkey::new_from_array([9; 32]));
        assert_eq!(loaded_data_limit(&[price_update.clone(), open.clone()]), None);
        let all = with_limit(&[price_update, open], 1, 0);
        assert_eq!(all.len(), 3, "a limit of units, and the two");
    }
}
