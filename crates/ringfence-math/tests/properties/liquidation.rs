use num_bigint::BigInt;
use proptest::prelude::*;
use ringfence_math::{
    LiquidationInputs, MarginRates, MathError, PartialLiquidation, PositionTerms, Ppm, Price, Quote, Result,
    Scale, Side, SignedQuote, Size, entry_notional_share, health, liquidation_waterfall, partial_liquidation,
    pnl, settle,
};

use crate::{
    big::{self, PPM, big, ceil, fit_u64},
    strategies::{any_rates, any_terms, market_rates, open_position, scale, share, word},
};

fn expected_partial(
    terms: &PositionTerms,
    rates: &MarginRates,
    min_notional: u64,
    price: u64,
    scale: Scale,
) -> Result<PartialLiquidation> {
    if price == 0 {
        return Err(MathError::InvalidParameter);
    }
    let (_, notional) = big::notional(terms.size.0, price, scale);
    fit_u64(notional.clone())?;
    let gain = (big::pnl(terms.side, terms.size.0, terms.entry_notional.0, price, scale) + terms.funding.0
        - terms.borrow.0)
        .min(big(terms.reserve.0));
    let equity = gain + terms.margin.0;
    let (target, fee) = (big(rates.initial.0), big(rates.liquidation_fee.0));

    let zero = BigInt::ZERO;
    let shortage = &target * &notional - &equity * PPM;
    let close_size = if notional == zero || (equity > zero && shortage <= zero) {
        return Ok(PartialLiquidation::default());
    } else if equity <= zero || target <= fee {
        big(terms.size.0)
    } else {
        let amount = ceil(shortage, target - fee);
        if amount >= notional {
            big(terms.size.0)
        } else {
            ceil(amount * scale.divisor(), price).min(big(terms.size.0))
        }
    };
    let left = big(terms.size.0) - &close_size;
    let left_notional = ceil(&left * price, scale.divisor());
    let full = left == zero || left_notional < big(min_notional);
    let close_size = if full { terms.size.0 } else { fit_u64(close_size)? };
    let (_, close_notional) = big::notional(close_size, price, scale);
    Ok(PartialLiquidation {
        close_size: Size(close_size),
        close_notional: Quote(fit_u64(close_notional.clone())?),
        fee: Quote(fit_u64(ceil(close_notional * rates.liquidation_fee.0, PPM))?),
        full,
    })
}

fn any_inputs() -> impl Strategy<Value = LiquidationInputs> {
    (word(), -(1i128 << 64)..1i128 << 64, word(), word(), share(), word(), word(), 0u32..64).prop_map(
        |(margin, gain, fee, closing, keeper_share, reward, insurance, shift)| LiquidationInputs {
            margin: Quote(margin),
            gain: SignedQuote(gain >> shift),
            fee_due: Quote(fee),
            closing_fee: Quote(closing),
            keeper_share,
            min_keeper_reward: Quote(reward),
            insurance: Quote(insurance),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn partial_size_of_unrelated_terms(
        terms in any_terms(), rates in any_rates(), min in word(), price in word(), scale in scale(),
    ) {
        prop_assert_eq!(
            partial_liquidation(&terms, &rates, Quote(min), Price(price), scale),
            expected_partial(&terms, &rates, min, price, scale)
        );
    }

    #[test]
    fn partial_size_of_positions_as_they_are_opened(
        (terms, entry, scale) in open_position(),
        rates in market_rates(),
        min in 0u64..=10_000_000,
        move_ppm in 500_000u64..1_500_000,
    ) {
        let price = (u128::from(entry.0) * u128::from(move_ppm) / 1_000_000)
            .clamp(1, u128::from(u64::MAX)) as u64;
        prop_assert_eq!(
            partial_liquidation(&terms, &rates, Quote(min), Price(price), scale),
            expected_partial(&terms, &rates, min, price, scale)
        );
    }

    /// What a partial liquidation leaves is back at the target, but for the
    /// atoms of the roundings: the sizes' ceil, the shares' and the fee's.
    #[test]
    fn partial_restores_the_target(
        side in prop_oneof![Just(Side::Long), Just(Side::Short)],
        size in 1_000_000u64..=1_000_000_000_000,
        price in 10_000_000_000u64..=10_000_000_000_000,
        rates in market_rates(),
        above in 0u32..1_000_000,
    ) {
        let scale = Scale::new(9, 6).unwrap();
        let notional = ringfence_math::notional_ceil(Size(size), Price(price), scale).unwrap();
        // equity anywhere under the maintenance requirement
        let maintenance = rates.maintenance_requirement(notional).unwrap();
        let terms = PositionTerms {
            side,
            size: Size(size),
            entry_notional: notional,
            margin: maintenance.ppm_floor(Ppm(above)).unwrap(),
            reserve: notional,
            ..PositionTerms::default()
        };
        let step = partial_liquidation(&terms, &rates, Quote(0), Price(price), scale).unwrap();
        if step.full || step.close_size.is_zero() {
            return Ok(());
        }

        let left = Size(size - step.close_size.0);
        let entry_out =
            entry_notional_share(side, terms.entry_notional, step.close_size, terms.size).unwrap();
        let realised = pnl(side, step.close_size, entry_out, Price(price), scale).unwrap();
        let settled = settle(terms.margin, realised, step.fee).unwrap();
        prop_assert_eq!((settled.bad_debt, settled.fee_forgiven), (Quote(0), Quote(0)));
        let after = PositionTerms {
            size: left,
            entry_notional: Quote(terms.entry_notional.0 - entry_out.0),
            margin: settled.margin_after,
            ..terms
        };
        let after = health(&after, &rates, Price(price), scale).unwrap();
        prop_assert!(after.equity.0 + 6 >= i128::from(after.initial.0), "{after:?}");
    }

    #[test]
    fn waterfall_follows_its_order(inputs in any_inputs()) {
        let outcome = liquidation_waterfall(&inputs);
        let zero = BigInt::ZERO;
        let gain = big(inputs.gain.0).max(zero.clone());
        let loss = (-big(inputs.gain.0)).max(zero.clone());
        let vault = big(inputs.margin.0) + &gain;
        let reward = big(inputs.min_keeper_reward.0);
        let floor = reward.clone().min(vault.clone());
        let loss_paid = loss.clone().min(&vault - &floor);
        let bad_debt = &loss - &loss_paid;
        let fee = big(inputs.fee_due.0).max(floor.clone()).min(&vault - &loss_paid);
        let beyond_closing = (&fee - inputs.closing_fee.0).max(zero.clone());
        let from_vault = floor.max(big::floor(&fee * inputs.keeper_share.0, PPM).min(beyond_closing));
        let to_insurance = &fee - &from_vault;
        let from_insurance = (reward - &from_vault).max(zero).min(big(inputs.insurance.0));
        let insurance = big(inputs.insurance.0) + &to_insurance - &from_insurance;
        let cover = bad_debt.clone().min(insurance.clone());
        let fits = [&gain, &loss, &vault, &insurance]
            .into_iter()
            .all(|amount| fit_u64(amount.clone()).is_ok());
        if !fits {
            prop_assert_eq!(outcome, Err(MathError::Overflow));
            return Ok(());
        }
        let outcome = outcome.unwrap();
        prop_assert_eq!(big(outcome.gain_paid.0), gain);
        prop_assert_eq!(big(outcome.loss_paid.0), loss_paid.clone());
        prop_assert_eq!(big(outcome.bad_debt.0), bad_debt.clone());
        prop_assert_eq!(big(outcome.keeper_from_vault.0), from_vault);
        prop_assert_eq!(big(outcome.insurance_fee.0), to_insurance);
        prop_assert_eq!(big(outcome.keeper_from_insurance.0), from_insurance);
        prop_assert_eq!(big(outcome.insurance_cover.0), cover.clone());
        prop_assert_eq!(big(outcome.pool_absorbs.0), bad_debt - cover);
        prop_assert_eq!(big(outcome.remainder.0), vault - loss_paid - fee);
    }

    /// Design invariants 5 and 6: nothing appears or vanishes, and a keeper is
    /// paid whenever there is anything to pay one from.
    #[test]
    fn waterfall_conserves_every_atom(inputs in any_inputs()) {
        let Ok(outcome) = liquidation_waterfall(&inputs) else { return Ok(()) };
        let vault = big(inputs.margin.0) + outcome.gain_paid.0;
        prop_assert_eq!(
            vault.clone(),
            big(outcome.loss_paid.0)
                + outcome.keeper_from_vault.0
                + outcome.insurance_fee.0
                + outcome.remainder.0
        );
        prop_assert_eq!(
            (-big(inputs.gain.0)).max(BigInt::ZERO),
            big(outcome.loss_paid.0) + outcome.insurance_cover.0 + outcome.pool_absorbs.0
        );
        let spent = big(outcome.keeper_from_insurance.0) + outcome.insurance_cover.0;
        prop_assert!(spent <= big(inputs.insurance.0) + outcome.insurance_fee.0);
        if let Ok(reward) = outcome.keeper_reward() {
            let most = vault + inputs.insurance.0;
            prop_assert!(big(reward.0) >= big(inputs.min_keeper_reward.0).min(most));
        }
    }

    /// Liquidating oneself brings what closing free of charge would, or the
    /// keeper's minimum where that is more: no keeper can be told from the owner.
    #[test]
    fn liquidating_oneself_brings_a_close_or_the_minimum_reward(inputs in any_inputs()) {
        let Ok(outcome) = liquidation_waterfall(&inputs) else { return Ok(()) };
        let closed = settle(inputs.margin, inputs.gain, Quote(0)).unwrap();
        let taken = big(outcome.remainder.0)
            + outcome.keeper_from_vault.0
            + outcome.keeper_from_insurance.0;
        prop_assert!(taken <= big(closed.margin_after.max(inputs.min_keeper_reward).0));
    }

    /// And where the fee covers the closing fee and the minimum, as it does on
    /// chain, not even the fee of a close is spared.
    #[test]
    fn liquidating_oneself_spares_no_closing_fee(inputs in any_inputs()) {
        let Ok(least) = inputs.closing_fee.checked_add(inputs.min_keeper_reward) else { return Ok(()) };
        let inputs = LiquidationInputs { fee_due: inputs.fee_due.max(least), ..inputs };
        let Ok(outcome) = liquidation_waterfall(&inputs) else { return Ok(()) };
        let closed = settle(inputs.margin, inputs.gain, inputs.closing_fee).unwrap();
        let taken = big(outcome.remainder.0)
            + outcome.keeper_from_vault.0
            + outcome.keeper_from_insurance.0;
        prop_assert!(taken <= big(closed.margin_after.max(inputs.min_keeper_reward).0));
    }

    #[test]
    fn a_share_over_one_is_refused(inputs in any_inputs(), over in 1_000_001u32..) {
        let inputs = LiquidationInputs { keeper_share: Ppm(over), ..inputs };
        prop_assert_eq!(liquidation_waterfall(&inputs), Err(MathError::InvalidParameter));
    }
}

/// By hand: margin 100, loss 150, minimum reward 5, insurance 20. The keeper's
/// 5 stay back, 95 go to the pool, 55 are bad debt; insurance gives its 20,
/// the pool bears 35.
#[test]
fn a_bankrupt_position_still_pays_its_keeper() {
    let outcome = liquidation_waterfall(&LiquidationInputs {
        margin: Quote(100),
        gain: SignedQuote(-150),
        fee_due: Quote(10),
        closing_fee: Quote(1),
        keeper_share: Ppm(500_000),
        min_keeper_reward: Quote(5),
        insurance: Quote(20),
    })
    .unwrap();
    assert_eq!(outcome.keeper_from_vault, Quote(5));
    assert_eq!(outcome.keeper_from_insurance, Quote(0));
    assert_eq!(outcome.loss_paid, Quote(95));
    assert_eq!(outcome.bad_debt, Quote(55));
    assert_eq!(outcome.insurance_cover, Quote(20));
    assert_eq!(outcome.pool_absorbs, Quote(35));
    assert_eq!(outcome.remainder, Quote(0));
    assert_eq!(outcome.keeper_reward(), Ok(Quote(5)));
}
