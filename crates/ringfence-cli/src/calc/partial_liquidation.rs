use anyhow::Result;
use clap::Args;
use ringfence_math::{
    LiquidationInputs, MarginRates, MathError, PartialLiquidation, PositionTerms, Ppm, Price, Quote,
    SignedQuote, Size, entry_notional_share, is_liquidatable, liquidation_waterfall, partial_liquidation,
};

use super::Holding;
use super::report::Report;
use super::units::Units;

/// How much of a liquidatable position a liquidation closes, and what is left
///
/// The least notional that brings the margin ratio back to the target is
/// closed, or all of it where no part can do that. `fee` is what the vault
/// pays. A position that is not liquidatable is left as it is.
#[derive(Args, Debug)]
pub struct PartialLiquidationArgs {
    #[command(flatten)]
    holding: Holding,
    /// Mark price, quote per base
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    mark: String,
    /// Margin ratio to restore (the initial one) in parts per million of the notional
    #[arg(long, value_name = "PPM")]
    target_ppm: u32,
    /// Liquidation fee in parts per million of the notional
    #[arg(long, value_name = "PPM")]
    fee_ppm: u32,
    /// A part that would leave less notional than this, in quote, closes everything
    #[arg(long, value_name = "QUOTE", default_value = "0", allow_negative_numbers = true)]
    min_position_notional: String,
}

/// What a liquidation leaves of a position.
struct Remains {
    fee: Quote,
    size: Size,
    equity: SignedQuote,
}

impl PartialLiquidationArgs {
    pub fn compute(&self, units: &Units) -> Result<Report> {
        let terms = self.holding.terms(units)?;
        let rates = MarginRates {
            initial: Ppm(self.target_ppm),
            liquidation_fee: Ppm(self.fee_ppm),
            ..self.holding.rates()
        };
        let mark = units.price("--mark", &self.mark)?;
        let minimum = units.quote("--min-position-notional", &self.min_position_notional)?;

        let (closed, remains) =
            units.check("partial liquidation", liquidate(&terms, &rates, minimum, mark, units))?;
        Ok(Report::several([
            ("close_size", units.size_value(closed.close_size)),
            ("close_notional", units.quote_value(closed.close_notional)),
            ("fee", units.quote_value(remains.fee)),
            ("remaining_size", units.size_value(remains.size)),
            ("remaining_equity", units.quote_value(remains.equity)),
        ]))
    }
}

fn liquidate(
    terms: &PositionTerms,
    rates: &MarginRates,
    minimum: Quote,
    mark: Price,
    units: &Units,
) -> Result<(PartialLiquidation, Remains), MathError> {
    if !is_liquidatable(terms, rates, mark, units.scale)? {
        eprintln!("note: not liquidatable at this mark price, nothing is closed");
        let equity = terms.equity(mark, units.scale)?;
        return Ok((PartialLiquidation::default(), Remains { fee: Quote::ZERO, size: terms.size, equity }));
    }
    let closed = partial_liquidation(terms, rates, minimum, mark, units.scale)?;
    Ok((closed, settle(terms, &closed, mark, units)?))
}

/// Settles the closed share from the vault, as the program does.
fn settle(
    terms: &PositionTerms,
    closed: &PartialLiquidation,
    mark: Price,
    units: &Units,
) -> Result<Remains, MathError> {
    let entry_notional =
        entry_notional_share(terms.side, terms.entry_notional, closed.close_size, terms.size)?;
    let share = PositionTerms { size: closed.close_size, entry_notional, ..*terms };
    let outcome = liquidation_waterfall(&LiquidationInputs {
        margin: terms.margin,
        gain: share.gain(mark, units.scale)?,
        fee_due: closed.fee,
        ..LiquidationInputs::default()
    })?;
    let rest = PositionTerms {
        size: terms.size.checked_sub(closed.close_size)?,
        entry_notional: terms.entry_notional.checked_sub(entry_notional)?,
        margin: outcome.remainder,
        ..*terms
    };
    Ok(Remains {
        fee: outcome.keeper_from_vault.checked_add(outcome.insurance_fee)?,
        size: rest.size,
        equity: rest.equity(mark, units.scale)?,
    })
}
