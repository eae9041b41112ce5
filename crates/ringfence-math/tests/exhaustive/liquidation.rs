//! What a liquidation closes, and how its vault is divided.

use ringfence_math::{
    LiquidationInputs, MarginRates, PositionTerms, Ppm, Price, Quote, Scale, Side, SignedQuote, Size,
    liquidation_waterfall, notional_ceil, partial_liquidation,
};

/// Every margin ≤ 12, gain from −18 to 9, fee ≤ 9, closing fee ≤ 4, minimum ≤ 5,
/// insurance ≤ 7, at four shares: nothing is made and nothing is lost; the keeper
/// gets his minimum as far as vault and insurance reach; bad debt is what the
/// vault could not pay, and insurance never pays more than it has.
#[test]
fn a_vault_is_divided_without_rest() {
    let mut cases = 0u64;
    for margin in 0..=12u64 {
        for gain in -18..=9i128 {
            for (fee_due, closing_fee) in
                (0..=9u64).flat_map(|fee| (0..=4u64).map(move |closing| (fee, closing)))
            {
                for (minimum, insurance) in
                    (0..=5u64).flat_map(|least| (0..=7u64).map(move |held| (least, held)))
                {
                    for share in [0, 333_333, 500_000, 1_000_000] {
                        let inputs = LiquidationInputs {
                            margin: Quote(margin),
                            gain: SignedQuote(gain),
                            fee_due: Quote(fee_due),
                            closing_fee: Quote(closing_fee),
                            keeper_share: Ppm(share),
                            min_keeper_reward: Quote(minimum),
                            insurance: Quote(insurance),
                        };
                        judge(&inputs);
                        cases += 1;
                    }
                }
            }
        }
    }
    println!("{cases} vaults");
}

fn judge(inputs: &LiquidationInputs) {
    let done = liquidation_waterfall(inputs).unwrap();
    let (margin, insurance, minimum) = (inputs.margin.0, inputs.insurance.0, inputs.min_keeper_reward.0);
    let (gain, loss) = (inputs.gain.0.max(0) as u64, (-inputs.gain.0).max(0) as u64);
    let paid = done.loss_paid.0 + done.keeper_from_vault.0 + done.insurance_fee.0 + done.remainder.0;
    assert_eq!(margin + gain, paid, "{inputs:?}");
    assert_eq!(done.gain_paid.0, gain);
    assert_eq!(done.loss_paid.0 + done.bad_debt.0, loss);
    assert_eq!(done.insurance_cover.0 + done.pool_absorbs.0, done.bad_debt.0);
    let reward = done.keeper_from_vault.0 + done.keeper_from_insurance.0;
    assert!(reward >= minimum.min(margin + gain + insurance), "{inputs:?}: {reward}");
    assert!(done.keeper_from_insurance.0 <= insurance);
    assert!(done.keeper_from_insurance.0 + done.insurance_cover.0 <= insurance + done.insurance_fee.0);
    // debt and a remainder exclude each other; beyond the minimum the closing fee goes first
    assert!(done.bad_debt.0 == 0 || done.remainder.0 == 0);
    let beyond = done.keeper_from_vault.0 > minimum;
    assert!(!beyond || done.insurance_fee.0 >= inputs.closing_fee.0, "{inputs:?}");
}

/// Every position of size ≤ 40 at prices ≤ 12, margins from nothing to beyond the
/// target, four sets of rates: what is closed restores the target at the price
/// by the exact condition of design §5, one size unit less does not, or all of
/// it is closed for a stated reason.
#[test]
fn the_part_closed_is_the_least_that_restores() {
    let scale = Scale::from_divisor(1).unwrap();
    let (mut cases, mut parts) = (0u64, 0u64);
    for (initial, fee) in [(500_000, 100_000), (200_000, 50_000), (100_000, 10_000), (50_000, 60_000)] {
        let rates =
            MarginRates { initial: Ppm(initial), liquidation_fee: Ppm(fee), ..MarginRates::default() };
        for size in 1..=40u64 {
            for price in 1..=12u64 {
                for equity in 0..=size * price {
                    for minimum in [0, 30] {
                        let notional = size * price;
                        // of a long without any PnL the equity is the margin
                        let terms = PositionTerms {
                            side: Side::Long,
                            size: Size(size),
                            entry_notional: Quote(notional),
                            margin: Quote(equity),
                            reserve: Quote(notional),
                            ..PositionTerms::default()
                        };
                        let plan =
                            partial_liquidation(&terms, &rates, Quote(minimum), Price(price), scale).unwrap();
                        let closed = plan.close_size.0;
                        // equity − fee × closed ≥ target × (N − closed), in ppm
                        let restores = |closed: u64| {
                            let (worth, left) =
                                (i128::from(closed * price), i128::from((size - closed) * price));
                            i128::from(equity) * 1_000_000 - worth * i128::from(fee)
                                >= left * i128::from(initial)
                        };
                        assert_eq!(
                            plan.close_notional,
                            notional_ceil(plan.close_size, Price(price), scale).unwrap()
                        );
                        if closed == 0 {
                            assert!(restores(0));
                        } else if plan.full {
                            assert_eq!(closed, size);
                            let least = (0..size).find(|closed| restores(*closed));
                            let too_small = |least: u64| (size - least) * price < minimum;
                            assert!(equity == 0 || least.is_none_or(too_small), "{terms:?} {rates:?}");
                        } else {
                            assert!(
                                restores(closed) && !restores(closed - 1),
                                "{terms:?} {rates:?} {closed}"
                            );
                            parts += 1;
                        }
                        cases += 1;
                    }
                }
            }
        }
    }
    println!("{cases} liquidations, {parts} of them partial");
}
