//! What a liquidation would close and who would get what, against the
//! program's own `liquidate` over random positions near their liquidation.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence::oracle::PriceReading as ProgramReading;
use ringfence::state as program;
use ringfence_client::health::liquidation_price;
use ringfence_client::oracle::PriceReading;
use ringfence_client::state::{CloseOut, Market, Position};
use ringfence_math::{Price, Quote};

use super::health::State;

/// A position in the sums of its market, and a price that liquidates it, or
/// almost. None where there is no such price.
fn due(random: &mut StdRng) -> Option<(Market, Position, PriceReading)> {
    let State { mut market, mut position, mut reading, .. } = State::sound(random);
    market.status = 0;
    market.insurance = random.random_range(0..1 << 30);
    market.params.close_fee_ppm = random.random_range(0..10_000);
    market.params.keeper_share_ppm = random.random_range(1..=1_000_000);
    market.params.min_position_notional = random.random_range(0..1 << 30);
    // Charges of at most a few per cent.
    position.entry_funding_index = market.funding_index;
    position.entry_borrow_index = market.borrow_index;
    position.margin = position.entry_notional / random.random_range(2..100);
    let at = liquidation_price(&market, &position).ok()??.0;
    let beyond = at / 1_000 * random.random_range(0..100);
    let price = if position.side == 0 { at.saturating_sub(beyond) } else { at.saturating_add(beyond) };
    reading.price = Price(price.max(1));
    reading.confidence = Price(reading.price.0 / random.random_range(200..100_000));
    let books: &mut program::Market = bytemuck::cast_mut(&mut market);
    books.attach(bytemuck::cast_ref(&position)).ok()?;
    market.liquidity = market.liquidity.max(market.reserved);
    Some((market, position, reading))
}

#[test]
fn a_liquidation_is_reckoned_as_the_program_does_it() {
    let mut random = StdRng::seed_from_u64(6);
    let (mut refused, mut whole, mut partial, mut indebted) = (0, 0, 0, 0);
    for _ in 0..20_000 {
        let Some((market, position, reading)) = due(&mut random) else { continue };
        let PriceReading { price, confidence, ema, publish_time, previous_publish_time, slot } = reading;
        let their_reading =
            ProgramReading { price, confidence, ema, publish_time, previous_publish_time, slot };
        let mut books: program::Market = bytemuck::cast(market);
        let mut theirs: program::Position = bytemuck::cast(position);
        let done = theirs.liquidate(&mut books, &their_reading).map(|done| {
            let program::CloseOut { share, settled_at, notional, outcome } = done.closed;
            CloseOut { share, settled_at, notional, outcome }
        });
        let ours = position.liquidation(&market, &reading);
        assert_eq!(ours.map_err(u32::from), done.map_err(u32::from), "{market:?} {position:?} {reading:?}");
        match ours {
            Err(_) => refused += 1,
            Ok(closed) if closed.outcome.bad_debt > Quote::ZERO => indebted += 1,
            Ok(closed) if closed.share.size.0 == position.size => whole += 1,
            Ok(_) => partial += 1,
        }
    }
    let kinds = [refused, whole, partial, indebted];
    assert!(kinds.iter().all(|count| *count > 100), "refused, whole, partial, indebted: {kinds:?}");
}
