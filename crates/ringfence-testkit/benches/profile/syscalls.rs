//! What a syscall is charged, from its operands. Constants of Agave 4.2's
//! `SVMTransactionExecutionCost`.

/// Name, and units that do not depend on what the syscall reads from memory.
const COSTS: [(&str, u64); 13] = [
    ("sol_invoke_signed_rust", 946),
    ("sol_invoke_signed_c", 946),
    ("sol_sha256", 85),
    ("sol_curve_validate_point", 159),
    ("sol_try_find_program_address", 1_500),
    ("sol_create_program_address", 1_500),
    ("sol_get_clock_sysvar", 100 + 40),
    ("sol_get_rent_sysvar", 100 + 17),
    ("sol_get_last_restart_slot", 100 + 8),
    ("sol_get_sysvar", 100),
    ("sol_log_", 100),
    ("sol_log_pubkey", 100),
    ("sol_set_return_data", 100),
];

const MEMORY: [&str; 4] = ["sol_memcpy_", "sol_memmove_", "sol_memset_", "sol_memcmp_"];

/// The syscall with this hash, and its units as far as they follow from its
/// registers; a CPI's accounts and data, and what a hash reads, come on top.
pub fn cost(hash: u32, registers: &[u64; 12]) -> (&'static str, u64) {
    if let Some((name, units)) = COSTS.iter().find(|(name, _)| murmur3(name.as_bytes()) == hash) {
        return (name, *units);
    }
    if let Some(name) = MEMORY.iter().find(|name| murmur3(name.as_bytes()) == hash) {
        return (name, (registers[3] / 250).max(10));
    }
    ("others", 0)
}

/// Murmur3, 32 bits, seed 0: how a v3 program names a syscall.
fn murmur3(name: &[u8]) -> u32 {
    let mix = |word: u32| word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (words, rest) = name.as_chunks::<4>();
    let mut hash = words.iter().fold(0u32, |hash, word| {
        (hash ^ mix(u32::from_le_bytes(*word))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
    });
    if !rest.is_empty() {
        let mut word = [0; 4];
        word[..rest.len()].copy_from_slice(rest);
        hash ^= mix(u32::from_le_bytes(word));
    }
    hash ^= name.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}
