//! Events as they lie in inner instructions, and what is in them.

use anchor_lang::Discriminator;
use anchor_lang::event::EVENT_IX_TAG_LE;
use rand::Rng;
use ringfence::events as program;
use ringfence_client::event::Event;
use ringfence_client::events::decode;

use crate::page::{Page, Row};
use crate::random::*;
use crate::row;

/// More than any event takes.
const BYTES: usize = 700;

/// The fields of an event in Rust's notation, without the names of structures.
fn fields(event: &Event) -> String {
    let text = format!("{event:?}");
    let (_, inner) = text.split_once('(').expect("a variant");
    let inner = inner.strip_suffix(')').expect("its end");
    let words: Vec<&str> = inner.split(' ').collect();
    let named = |index: usize| words.get(index + 1) == Some(&"{");
    let kept: Vec<_> = (0..words.len()).filter(|index| !named(*index)).map(|index| words[index]).collect();
    kept.join(" ")
}

/// Whether a kind of oracle, which is a byte to Rust, is one that there is.
fn kinds_exist(fields: &str) -> bool {
    let kind = |rest: &str| rest.split(',').next().and_then(|number| number.parse::<u8>().ok());
    fields.split("kind: ").skip(1).filter_map(kind).all(|kind| kind <= 1)
}

fn case<T: Discriminator>(name: &str, round: usize) -> Option<Row> {
    let random = &mut seeded(round as u64);
    // Zeros and ones suit every enum and flag, more bytes do not.
    let end = [2, 3, 255][round % 3];
    let body: Vec<u8> = (0..BYTES).map(|_| random.random_range(0..end)).collect();
    let data = [EVENT_IX_TAG_LE, T::DISCRIMINATOR, &body].concat();
    let event = decode(&data)?;
    // As many bytes as it takes, and not one more.
    let length = (16..data.len()).find(|length| decode(&data[..*length]).is_some()).expect("a length");
    let bytes: String = data[..length].iter().map(|byte| format!("{byte:02x}")).collect();
    let fields = fields(&event);
    kinds_exist(&fields).then(|| row![name, bytes, fields])
}

macro_rules! all {
    ($($name:ident)*) => {
        /// Two of each.
        fn every() -> Vec<Row> {
            let mut rows = Vec::new();
            $(rows.extend((0..30).filter_map(|round| case::<program::$name>(stringify!($name), round)).take(2));)*
            rows
        }
    };
}

all! {
    AdminAccepted AdminNominated DelegateChanged ExchangeInitialized FundingAccrued InsuranceFunded
    LiquidityAdded LiquidityRemoved MarginAdded MarginRemoved MarketClosed MarketCreated
    MarketMigrated MarketSettled OrderCancelled OrderExecuted OrderFailed OrderPlaced ParamsApplied
    ParamsCancelled ParamsProposed PositionCapped PositionClosed PositionCreated PositionDecreased
    PositionIncreased PositionLiquidated PositionMigrated PositionOpened ProtocolFeesCollected
    ReferralCreated ReferralFeesClaimed SettlementAnnounced SharesClaimed StatusChanged
}

#[test]
fn events() {
    let mut page = Page::default();
    let rows = every();
    assert!(rows.len() > 60, "{}", rows.len());
    page.group("events", rows);
    page.check("events.json");
}
