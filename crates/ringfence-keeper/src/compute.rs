//! Compute units of each instruction: the largest measured, with the dearer token
//! program, which the client knows, and a margin.

use ringfence_client::compute::{self, MAX_LIMIT};
use ringfence_client::state::Market;

/// Margin over the largest measured, in percent: an event or a bump more.
const MARGIN_PERCENT: u32 = 25;

/// `set_compute_unit_limit`, `set_loaded_accounts_data_size_limit` and
/// `set_compute_unit_price`.
const BUDGET_INSTRUCTIONS: u32 = 450;

/// Creating an associated token account, Token-2022 with extensions, bumps
/// searched.
const CREATE_TOKEN_ACCOUNT: u32 = 40_000;

/// What a transaction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    Liquidate,
    ExecuteOrder,
    CancelOrder,
    CloseAtCap,
    Accrue,
    CreateTokenAccount,
    /// Units that a price update asks for.
    PostPrice(u32),
}

/// The client's table has every instruction; a test names those of here.
fn measured(instruction: &str) -> u32 {
    compute::measured(instruction).unwrap_or(MAX_LIMIT)
}

/// The limit for a transaction of these steps.
pub fn limit(steps: &[Step]) -> u32 {
    let units = |step: &Step| match step {
        Step::Liquidate => measured("liquidate"),
        Step::ExecuteOrder => measured("execute_order"),
        Step::CancelOrder => measured("cancel_order"),
        Step::CloseAtCap => measured("close_at_cap"),
        Step::Accrue => measured("accrue"),
        Step::CreateTokenAccount => CREATE_TOKEN_ACCOUNT,
        Step::PostPrice(units) => *units,
    };
    let total = steps.iter().map(units).fold(BUDGET_INSTRUCTIONS, u32::saturating_add);
    total.saturating_add(total / 100 * MARGIN_PERCENT)
}

/// Lamports in a signature.
pub const LAMPORTS_PER_SIGNATURE: u64 = 5_000;
const MICRO_LAMPORTS: u64 = 1_000_000;
const LAMPORTS_PER_SOL_DECIMALS: u32 = 9;

/// What one signature and `units` at `micro_lamports` each cost, in lamports,
/// rounded up.
pub fn fee(units: u32, micro_lamports: u64) -> u64 {
    let priority = u128::from(units) * u128::from(micro_lamports);
    let priority = priority.div_ceil(u128::from(MICRO_LAMPORTS));
    LAMPORTS_PER_SIGNATURE.saturating_add(u64::try_from(priority).unwrap_or(u64::MAX))
}

/// The highest price per unit at which `units` still cost at most `lamports`.
pub fn affordable_price(units: u32, lamports: u64) -> u64 {
    let priority = u128::from(lamports.saturating_sub(LAMPORTS_PER_SIGNATURE));
    let price = priority * u128::from(MICRO_LAMPORTS) / u128::from(units.max(1));
    u64::try_from(price).unwrap_or(u64::MAX)
}

/// Atoms of the market's collateral that `lamports` are worth at `native_price`
/// (10^-10 quote per SOL), rounded up.
pub fn lamports_in_atoms(lamports: u64, native_price: u64, market: &Market) -> u64 {
    let product = u128::from(lamports) * u128::from(native_price);
    let exponent = LAMPORTS_PER_SOL_DECIMALS + u32::from(ringfence_math::PRICE_DECIMALS);
    let atoms = match exponent.checked_sub(u32::from(market.quote_decimals)) {
        Some(places) => product.div_ceil(10u128.pow(places)),
        None => product.saturating_mul(10u128.pow(u32::from(market.quote_decimals) - exponent)),
    };
    u64::try_from(atoms).unwrap_or(u64::MAX)
}

/// Lamports that `atoms` are worth, rounded down.
pub fn atoms_in_lamports(atoms: u64, native_price: u64, market: &Market) -> u64 {
    let exponent = LAMPORTS_PER_SOL_DECIMALS + u32::from(ringfence_math::PRICE_DECIMALS);
    let places = exponent.saturating_sub(u32::from(market.quote_decimals));
    let product = u128::from(atoms).saturating_mul(10u128.pow(places));
    u64::try_from(product / u128::from(native_price.max(1))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(quote_decimals: u8) -> Market {
        let mut market: Market = bytemuck::Zeroable::zeroed();
        market.quote_decimals = quote_decimals;
        market
    }

    /// 22,684 units (22,234 + 450) and a quarter of each full hundred: 226 × 25.
    #[test]
    fn a_liquidation_asks_for_the_dearest_path_and_a_quarter_more() {
        assert_eq!(limit(&[Step::Liquidate]), 22_684 + 5_650);
    }

    #[test]
    fn every_step_is_an_instruction_of_the_table() {
        for step in [Step::Liquidate, Step::ExecuteOrder, Step::CancelOrder, Step::CloseAtCap, Step::Accrue] {
            assert!(limit(&[step]) < MAX_LIMIT / 10, "{step:?}");
        }
    }

    /// 5,000 + ceil(30,001 × 1,000 ÷ 10^6) = 5,031.
    #[test]
    fn fees_round_up_and_the_affordable_price_never_costs_more() {
        assert_eq!(fee(30_001, 1_000), 5_031);
        for lamports in [5_000, 5_001, 9_999, 123_456] {
            assert!(fee(30_001, affordable_price(30_001, lamports)) <= lamports);
        }
    }

    /// 10,000 lamports = 10^-5 SOL; at 150 quote: 0.0015 quote = 1,500 atoms of
    /// six decimals; one lamport = 0.15 atoms, so 1 rounded up.
    #[test]
    fn lamports_are_worth_their_price_in_the_collateral() {
        let price = 150 * 10u64.pow(10);
        assert_eq!(lamports_in_atoms(10_000, price, &market(6)), 1_500);
        assert_eq!(lamports_in_atoms(1, price, &market(6)), 1);
        assert_eq!(atoms_in_lamports(1_500, price, &market(6)), 10_000);
    }
}
