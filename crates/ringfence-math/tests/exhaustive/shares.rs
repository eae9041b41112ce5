//! Parts of a position and of a fee sum to the whole, each rounded as stated.

use ringfence_math::{
    FeeShares, Ppm, Quote, Side, SignedQuote, Size, amount_for_shares, entry_notional_share, reserve_share,
    settle, shares_for_deposit, split_fee,
};

use crate::{ceil, floor};

/// Every entry notional ≤ 60, size ≤ 24 and way to close it in two or three
/// parts: what is taken out and what is left sum exactly; a long's part is
/// rounded down, a short's up, never beyond the whole.
#[test]
fn parts_of_an_entry_sum_to_it() {
    let mut cases = 0u64;
    for side in [Side::Long, Side::Short] {
        for entry in 0..=60u64 {
            for size in 1..=24u64 {
                for first in 1..=size {
                    let out = entry_notional_share(side, Quote(entry), Size(first), Size(size)).unwrap().0;
                    let exact = i128::from(entry) * i128::from(first);
                    let expected = match side {
                        Side::Long => floor(exact, i128::from(size)),
                        Side::Short => ceil(exact, i128::from(size)),
                    };
                    assert_eq!(i128::from(out), expected);
                    let (left, rest) = (entry - out, size - first);
                    for second in 1..=rest {
                        let next =
                            entry_notional_share(side, Quote(left), Size(second), Size(rest)).unwrap().0;
                        assert!(next <= left);
                        if second == rest {
                            assert_eq!(next, left, "the last part is what is left");
                        }
                        cases += 1;
                    }
                }
            }
        }
    }
    println!("{cases} splits of an entry");
}

/// Every reserve ≤ 60 and size ≤ 40: a part is rounded down, so what stays
/// reserved is enough for what stays open.
#[test]
fn parts_of_a_reserve_never_release_too_much() {
    let mut cases = 0u64;
    for reserve in 0..=60u64 {
        for size in 1..=40u64 {
            for closed in 1..=size {
                let out = reserve_share(Quote(reserve), Size(closed), Size(size)).unwrap().0;
                let exact = i128::from(reserve) * i128::from(closed);
                assert_eq!(i128::from(out), floor(exact, i128::from(size)));
                assert!((reserve - out) * size >= reserve * (size - closed));
                cases += 1;
            }
        }
    }
    println!("{cases} splits of a reserve");
}

/// Every fee ≤ 120 at every triple of shares in steps of 12.5 % and next to
/// them: the parts sum to the fee, and no floor exceeds its share.
#[test]
fn parts_of_a_fee_sum_to_it() {
    let rates: Vec<u32> = (0..=8u32)
        .flat_map(|step| [step * 125_000, step * 125_000 + 1])
        .filter(|rate| *rate <= 1_000_000)
        .collect();
    let mut cases = 0u64;
    for fee in 0..=120u64 {
        for &insurance in &rates {
            for &protocol in &rates {
                for &referrer in &rates {
                    let shares = FeeShares {
                        insurance: Ppm(insurance),
                        protocol: Ppm(protocol),
                        referrer: Ppm(referrer),
                    };
                    let Ok(split) = split_fee(Quote(fee), shares) else {
                        assert!(insurance + protocol + referrer > 1_000_000);
                        continue;
                    };
                    let parts = [split.insurance.0, split.protocol.0, split.referrer.0];
                    assert_eq!(split.liquidity.0 + parts.iter().sum::<u64>(), fee);
                    for (part, rate) in parts.into_iter().zip([insurance, protocol, referrer]) {
                        assert_eq!(part, fee * u64::from(rate) / 1_000_000);
                    }
                    cases += 1;
                }
            }
        }
    }
    println!("{cases} splits of a fee");
}

/// Every margin ≤ 40, gain from −60 to 60 and fee ≤ 30: nothing is made and
/// nothing is lost, the loss goes before the fee, and a fee is never a debt.
#[test]
fn a_settlement_conserves() {
    let mut cases = 0u64;
    for margin in 0..=40u64 {
        for gain in -60..=60i128 {
            for fee in 0..=30u64 {
                let done = settle(Quote(margin), SignedQuote(gain), Quote(fee)).unwrap();
                let loss = (-gain).max(0) as u64;
                assert_eq!(
                    margin + done.gain_paid.0,
                    done.loss_paid.0 + done.fee_paid.0 + done.margin_after.0
                );
                assert_eq!(done.gain_paid.0, gain.max(0) as u64);
                assert_eq!(done.loss_paid.0 + done.bad_debt.0, loss);
                assert_eq!(done.fee_paid.0 + done.fee_forgiven.0, fee);
                assert!(done.bad_debt.0 == 0 || (done.fee_paid.0 == 0 && done.margin_after.0 == 0));
                assert!(done.fee_forgiven.0 == 0 || done.margin_after.0 == 0);
                cases += 1;
            }
        }
    }
    println!("{cases} settlements");
}

/// Every deposit ≤ 60 into every pool worth ≤ 60 with ≤ 60 shares, and all of it
/// out again: neither step takes from those who stay.
#[test]
fn no_deposit_and_no_withdrawal_lowers_a_share() {
    let mut cases = 0u64;
    for supply in 1..=60u64 {
        for value in 1..=60u64 {
            for amount in 1..=60u64 {
                let Ok(shares) = shares_for_deposit(Quote(amount), Quote(value), supply) else {
                    assert!(amount * supply < value, "refused, though it buys a share");
                    continue;
                };
                // value ÷ supply before ≤ after, multiplied out
                assert!(value * (supply + shares) <= (value + amount) * supply);
                let (worth, all) = (value + amount, supply + shares);
                let out = amount_for_shares(shares, Quote(worth), all).unwrap().0;
                assert!(out <= amount, "{amount} in, {out} out");
                assert!(worth * (all - shares) <= (worth - out) * all);
                cases += 1;
            }
        }
    }
    println!("{cases} deposits and withdrawals");
}
