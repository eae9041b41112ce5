//! The liquidation price is the first at which the engine liquidates.

use ringfence_math::{
    MarginRates, PositionTerms, Ppm, Price, Quote, Scale, Side, SignedQuote, Size, is_liquidatable,
    liquidation_price, pnl,
};

const RATES: [(u32, u32, u64); 6] = [
    (0, 0, 0),
    (1, 0, 0),
    (25_000, 10_000, 0),
    (25_000, 10_000, 7),
    (300_000, 150_000, 2),
    (500_000, 499_999, 3),
];

fn positions(side: Side) -> impl Iterator<Item = PositionTerms> {
    let amounts = [0u64, 1, 9, 40];
    (1..=7u64).flat_map(move |size| {
        [0u64, 1, 13, 50, 90].into_iter().flat_map(move |entry| {
            amounts.into_iter().flat_map(move |margin| {
                [-11i128, 0, 4].into_iter().flat_map(move |funding| {
                    [0u64, 3].into_iter().flat_map(move |borrow| {
                        [0u64, 12, 90].into_iter().map(move |reserve| PositionTerms {
                            side,
                            size: Size(size),
                            entry_notional: Quote(entry),
                            margin: Quote(margin),
                            funding: SignedQuote(funding),
                            borrow: Quote(borrow),
                            reserve: Quote(reserve),
                        })
                    })
                })
            })
        })
    })
}

/// Beyond a notional of entry + margin + reserve + charges + minimum a long is at
/// its cap and a short is liquidated: every price up to there is tried.
fn check(side: Side) {
    let (mut cases, mut found) = (0u64, 0u64);
    for terms in positions(side) {
        for (maintenance, fee, reward) in RATES {
            let rates = MarginRates {
                initial: Ppm(0),
                maintenance: Ppm(maintenance),
                liquidation_fee: Ppm(fee),
                min_keeper_reward: Quote(reward),
            };
            for divisor in [1, 10] {
                let scale = Scale::from_divisor(divisor).unwrap();
                let notional = terms.entry_notional.0 + terms.margin.0 + terms.reserve.0 + 40;
                let last = notional * divisor / terms.size.0 + 2 * divisor;
                let liquidates =
                    |price: &u64| is_liquidatable(&terms, &rates, Price(*price), scale) == Ok(true);
                let uncapped = |price: &u64| {
                    let pnl =
                        pnl(terms.side, terms.size, terms.entry_notional, Price(*price), scale).unwrap().0;
                    pnl + terms.funding.0 - i128::from(terms.borrow.0) <= i128::from(terms.reserve.0)
                };
                let first = match side {
                    Side::Long => (1..=last).rev().find(|price| uncapped(price) && liquidates(price)),
                    Side::Short => (1..=last).find(liquidates),
                };
                let view = liquidation_price(&terms, &rates, scale).unwrap();
                assert_eq!(view, first.map(Price), "{terms:?} {rates:?} ÷ {divisor}");
                cases += 1;
                found += u64::from(first.is_some());
            }
        }
    }
    println!("{cases} {side:?} positions, {found} of them with a price");
}

#[test]
fn of_every_small_long_it_is_the_highest_that_liquidates() {
    check(Side::Long);
}

#[test]
fn of_every_small_short_it_is_the_lowest_that_liquidates() {
    check(Side::Short);
}
