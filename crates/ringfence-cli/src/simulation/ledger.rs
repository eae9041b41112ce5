//! Who paid what to whom, added up from the program's events.

use ringfence_client::event::{PositionDecreased, PositionLiquidated, PositionOpened};
use ringfence_client::state::Market;
use serde::Serialize;

use super::audit::hold;

/// Lifetime flows between vaults, pool, insurance, protocol and keeper, atoms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Fees of openings and closes; the sum of the four parts after it.
    #[serde(rename = "trading_fees_atoms")]
    pub trading_fees: u64,
    #[serde(rename = "trading_fees_lp_atoms")]
    pub trading_fees_lp: u64,
    #[serde(rename = "trading_fees_insurance_atoms")]
    pub trading_fees_insurance: u64,
    #[serde(rename = "trading_fees_protocol_atoms")]
    pub trading_fees_protocol: u64,
    #[serde(skip)]
    pub trading_fees_referrer: u64,
    /// Closing fees that a vault could not pay.
    #[serde(rename = "trading_fees_forgiven_atoms")]
    pub trading_fees_forgiven: u64,
    /// What liquidations took from vaults; the sum of the two parts after it.
    #[serde(rename = "liquidation_fees_atoms")]
    pub liquidation_fees: u64,
    #[serde(rename = "liquidation_fees_keeper_atoms")]
    pub liquidation_fees_keeper: u64,
    #[serde(rename = "liquidation_fees_insurance_atoms")]
    pub liquidation_fees_insurance: u64,
    /// Put into insurance at the start.
    #[serde(rename = "insurance_start_atoms")]
    pub insurance_start: u64,
    /// What insurance paid of the bad debt.
    #[serde(rename = "insurance_to_bad_debt_atoms")]
    pub insurance_to_bad_debt: u64,
    /// What insurance paid where a vault could not pay a keeper his minimum.
    #[serde(rename = "insurance_to_keeper_atoms")]
    pub insurance_to_keeper: u64,
    /// Losses that vaults could not pay.
    #[serde(rename = "bad_debt_atoms")]
    pub bad_debt: u64,
    /// Paid by the pool to positions, and by positions to the pool; funding
    /// and borrow are in them.
    #[serde(rename = "gains_atoms")]
    pub gains: u128,
    #[serde(rename = "losses_atoms")]
    pub losses: u128,
    /// Funding that was settled: positive where traders received more than
    /// they owed.
    #[serde(rename = "funding_atoms")]
    pub funding: i128,
    /// Borrow fees that were settled.
    #[serde(rename = "borrow_atoms")]
    pub borrow: u64,
}

impl Ledger {
    pub fn opened(&mut self, event: &PositionOpened) {
        self.fee(event.fee, &event.fee_parts);
    }

    pub fn decreased(&mut self, event: &PositionDecreased) {
        self.fee(event.fee, &event.fee_parts);
        self.trading_fees_forgiven += event.fee_forgiven;
        self.settled(event.gain, event.loss, event.funding, event.borrow);
        self.bad_debt += event.bad_debt;
        self.insurance_to_bad_debt += event.insurance_cover;
    }

    pub fn liquidated(&mut self, event: &PositionLiquidated) {
        self.liquidation_fees += event.keeper_from_vault + event.insurance_fee;
        self.liquidation_fees_keeper += event.keeper_from_vault;
        self.liquidation_fees_insurance += event.insurance_fee;
        self.insurance_to_keeper += event.keeper_from_insurance;
        self.settled(event.gain, event.loss, event.funding, event.borrow);
        self.bad_debt += event.bad_debt;
        self.insurance_to_bad_debt += event.insurance_cover;
    }

    fn fee(&mut self, fee: u64, parts: &ringfence_client::event::FeeParts) {
        self.trading_fees += fee;
        self.trading_fees_lp += parts.liquidity;
        self.trading_fees_insurance += parts.insurance;
        self.trading_fees_protocol += parts.protocol;
        self.trading_fees_referrer += parts.referrer;
    }

    fn settled(&mut self, gain: u64, loss: u64, funding: i128, borrow: u64) {
        self.gains += u128::from(gain);
        self.losses += u128::from(loss);
        self.funding += funding;
        self.borrow += borrow;
    }

    /// Fees that went into insurance.
    pub fn insurance_income(&self) -> u64 {
        self.trading_fees_insurance + self.liquidation_fees_insurance
    }

    /// The bad debt that insurance left to the pool.
    pub fn bad_debt_of_pool(&self) -> u64 {
        self.bad_debt.saturating_sub(self.insurance_to_bad_debt)
    }

    /// The market's own numbers are what the events add up to.
    pub fn check(&self, market: &Market, pool_start: u64) -> anyhow::Result<()> {
        let sum = |parts: &[u64]| parts.iter().copied().map(i128::from).sum::<i128>();
        let same = |what: &str, found: u64, expected: i128| {
            hold(i128::from(found) == expected, || {
                format!("{what} is {found} atoms, but the events add up to {expected}")
            })
        };
        let spent = sum(&[self.insurance_to_bad_debt, self.insurance_to_keeper]);
        same("insurance", market.insurance, sum(&[self.insurance_start, self.insurance_income()]) - spent)?;
        same("bad debt", market.bad_debt, sum(&[self.bad_debt]))?;
        same("protocol fees", market.protocol_fees, sum(&[self.trading_fees_protocol]))?;
        let income = sum(&[pool_start, self.trading_fees_lp, self.insurance_to_bad_debt]);
        let result = self.losses.cast_signed() - self.gains.cast_signed();
        same("liquidity", market.liquidity, income + result)?;
        let parts = [
            self.trading_fees_lp,
            self.trading_fees_insurance,
            self.trading_fees_protocol,
            self.trading_fees_referrer,
        ];
        same("the trading fee", self.trading_fees, sum(&parts))
    }
}
