use ringfence_math::{
    FeeShares, MarginRates, PositionTerms, Quote, Side, SignedQuote, TradeDirection, edge_against,
    entry_notional, entry_notional_share, health, reserve_share, settle, split_fee,
};

use crate::page::{Example, PRICE, scale};
use crate::position::terms;

pub fn fill_price(example: &Example) {
    let fill = |direction, size, skew| {
        ringfence_math::fill_price(
            example.price("index"),
            example.price("confidence"),
            direction,
            example.size(size),
            skew,
            example.size("skew_scale"),
        )
        .unwrap()
    };
    let skew = example.skew("skew");
    let buy = fill(TradeDirection::Buy, "size", skew);
    assert_eq!(buy, example.price("buy"));
    assert_eq!(fill(TradeDirection::Sell, "size", skew), example.price("sell"));

    assert_eq!(fill(TradeDirection::Buy, "half", skew), example.price("first_half"));
    let between = skew.after(TradeDirection::Buy, example.size("half")).unwrap();
    assert_eq!(fill(TradeDirection::Buy, "half", between), example.price("second_half"));
    assert_eq!(buy, example.price("mean_of_halves"));

    let after = skew.after(TradeDirection::Buy, example.size("size")).unwrap();
    assert_eq!(after, example.skew("skew_after"));
    let sell_back = fill(TradeDirection::Sell, "size", after);
    assert_eq!(sell_back, example.price("sell_back"));
    assert_eq!(i128::from(sell_back.0) - i128::from(buy.0), example.units("round_trip", PRICE));
}

pub fn fees(example: &Example) {
    let fee = example.quote("notional").ppm_ceil(example.ppm("open_fee")).unwrap();
    assert_eq!(fee, example.quote("fee"));
    let shares = FeeShares {
        insurance: example.ppm("insurance_share"),
        protocol: example.ppm("protocol_share"),
        referrer: example.ppm("referrer_share"),
    };
    let split = split_fee(fee, shares).unwrap();
    assert_eq!(split.insurance, example.quote("insurance"));
    assert_eq!(split.protocol, example.quote("protocol"));
    assert_eq!(split.referrer, example.quote("referrer"));
    assert_eq!(split.liquidity, example.quote("pool"));
}

pub fn reserve(example: &Example) {
    let reserve = example.quote("entry").ppm_ceil(example.ppm("reserve_factor")).unwrap();
    assert_eq!(reserve, example.quote("reserve"));
    let usable = example.quote("liquidity").ppm_floor(example.ppm("max_utilisation")).unwrap();
    assert_eq!(usable, example.quote("usable"));
    let after = example.quote("reserved_before").checked_add(reserve).unwrap();
    assert_eq!(after, example.quote("reserved_after"));
    assert_eq!(after <= usable, example.truth("fits"));
}

pub fn opening(example: &Example) {
    let (side, size, index) = (example.side(), example.size("size"), example.price("index"));
    let fill = ringfence_math::fill_price(
        index,
        example.price("confidence"),
        TradeDirection::opening(side),
        size,
        example.skew("skew"),
        example.size("skew_scale"),
    )
    .unwrap();
    assert_eq!(fill, example.price("fill"));
    let entry = entry_notional(side, size, fill, scale()).unwrap();
    assert_eq!(entry, example.quote("entry"));
    let fee = entry.ppm_ceil(example.ppm("open_fee")).unwrap();
    assert_eq!(fee, example.quote("fee"));
    let margin = example.quote("deposit").checked_sub(fee).unwrap();
    assert_eq!(margin, example.quote("margin"));

    let edge = edge_against(side, index, example.price("confidence"));
    assert_eq!(edge, example.price("edge"));
    let terms =
        PositionTerms { side, size, entry_notional: entry, margin, reserve: entry, ..Default::default() };
    let rates = MarginRates { initial: example.ppm("initial_margin"), ..MarginRates::default() };
    let health = health(&terms, &rates, edge, scale()).unwrap();
    assert_eq!(health.notional, example.quote("notional"));
    assert_eq!(health.equity, example.signed("equity"));
    assert_eq!(health.initial, example.quote("initial"));
    assert_eq!(health.equity >= health.initial.into(), example.truth("allowed"));
}

pub fn decrease(example: &Example) {
    let (size, closed) = (example.size("size"), example.size("closed"));
    let (entry, reserve) = (example.quote("entry"), example.quote("reserve"));
    for (side, share, rest) in
        [(Side::Long, "long_share", "long_rest"), (Side::Short, "short_share", "short_rest")]
    {
        let found = entry_notional_share(side, entry, closed, size).unwrap();
        assert_eq!(found, example.quote(share));
        assert_eq!(entry.checked_sub(found), Ok(example.quote(rest)));
    }
    let found = reserve_share(reserve, closed, size).unwrap();
    assert_eq!(found, example.quote("reserve_share"));
    assert_eq!(reserve.checked_sub(found), Ok(example.quote("reserve_rest")));
}

pub fn settlement(example: &Example) {
    let lost = |loss| {
        let gain = SignedQuote::from(example.quote(loss)).checked_neg().unwrap();
        settle(example.quote("margin"), gain, example.quote("fee_due")).unwrap()
    };
    let small = lost("loss");
    assert_eq!(small.gain_paid, Quote::ZERO);
    assert_eq!(small.loss_paid, example.quote("loss_paid"));
    assert_eq!(small.fee_paid, example.quote("fee_paid"));
    assert_eq!(small.fee_forgiven, example.quote("fee_forgiven"));
    assert_eq!(small.bad_debt, example.quote("bad_debt"));
    assert_eq!(small.margin_after, example.quote("margin_after"));
    let large = lost("large_loss");
    assert_eq!(large.loss_paid, example.quote("large_loss_paid"));
    assert_eq!(large.fee_paid, example.quote("large_fee_paid"));
    assert_eq!(large.bad_debt, example.quote("large_bad_debt"));
}

/// A position of a settled market: no fee, and nobody owes what a vault lacks.
pub fn settled(example: &Example) {
    let terms = terms(example);
    let settled = |price, gain| {
        let found = terms.gain(example.price(price), scale()).unwrap();
        assert_eq!(found, example.signed(gain));
        settle(terms.margin, found, Quote::ZERO).unwrap()
    };
    let usual = settled("settlement_price", "gain");
    assert_eq!((usual.margin_after, usual.bad_debt), (example.quote("payout"), Quote::ZERO));
    let high = settled("high_price", "high_gain");
    assert_eq!(high.margin_after, example.quote("high_payout"));
    assert_eq!(high.bad_debt, example.quote("bad_debt"));
}
