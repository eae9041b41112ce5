//! Every event: the client decodes the bytes that Anchor would, to the same
//! fields, and refuses what it would refuse.

use anchor_lang::event::EVENT_IX_TAG_LE;
use anchor_lang::{AnchorDeserialize, Discriminator};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence::events as program;
use ringfence_client::events::decode;

/// More than any event takes.
const BYTES: usize = 1_000;

/// `Event::Name(Name { .. })`, without the enum around it.
fn inner(text: &str) -> &str {
    let (_, inner) = text.split_once('(').expect("a variant");
    inner.strip_suffix(')').expect("its end")
}

fn check<T: AnchorDeserialize + Discriminator + std::fmt::Debug>(name: &str) {
    let mut random = StdRng::seed_from_u64(2);
    let mut decoded = 0;
    for round in 0..90 {
        // Zeros and ones suit every enum and flag, more bytes do not.
        let end = [2, 3, 255][round % 3];
        let body: Vec<u8> = (0..BYTES).map(|_| random.random_range(0..end)).collect();
        let data = [EVENT_IX_TAG_LE, T::DISCRIMINATOR, &body].concat();
        let theirs = T::deserialize(&mut body.as_slice()).ok().map(|event| format!("{event:?}"));
        let ours = decode(&data).map(|event| format!("{event:?}"));
        assert_eq!(ours.as_deref().map(inner), theirs.as_deref(), "{name}");
        decoded += usize::from(ours.is_some());
    }
    assert!(decoded >= 30, "{name}: {decoded}");
    let data = [EVENT_IX_TAG_LE, T::DISCRIMINATOR].concat();
    assert!(decode(&data).is_none(), "{name} without its fields");
    let whole = [EVENT_IX_TAG_LE, T::DISCRIMINATOR, &[0; BYTES]].concat();
    assert!(decode(&whole).is_some());
    assert!(decode(&whole[1..]).is_none(), "{name} without the tag");
}

macro_rules! check_all {
    ($($name:ident)*) => {{
        $(check::<program::$name>(stringify!($name));)*
        [$(stringify!($name)),*]
    }};
}

#[test]
fn every_event_is_read_as_the_program_writes_it() {
    let names = check_all!(
        AdminAccepted AdminNominated DelegateChanged ExchangeInitialized FundingAccrued InsuranceFunded
        LiquidityAdded LiquidityRemoved MarginAdded MarginRemoved MarketClosed MarketCreated
        MarketMigrated MarketSettled OrderCancelled OrderExecuted OrderFailed OrderPlaced ParamsApplied ParamsCancelled ParamsProposed PositionCapped
        PositionClosed PositionCreated PositionDecreased PositionIncreased PositionLiquidated PositionMigrated
        PositionOpened ProtocolFeesCollected ReferralCreated ReferralFeesClaimed SettlementAnnounced
        SharesClaimed StatusChanged
    );
    assert_eq!(super::listed("events"), names);
}

#[test]
fn what_is_no_event_is_none() {
    assert!(decode(&[]).is_none());
    assert!(decode(EVENT_IX_TAG_LE).is_none());
    let unknown = [EVENT_IX_TAG_LE, &[7; 500]].concat();
    assert!(decode(&unknown).is_none());
}
