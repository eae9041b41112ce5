//! Price accounts, whole and damaged, and what an action takes.

use anchor_lang::AccountSerialize;
use pyth_sdk_solana::state::{PriceStatus, PriceType, SolanaPriceAccount};
use pyth_solana_receiver_sdk::price_update::{PriceFeedMessage, PriceUpdateV2, VerificationLevel};
use rand::Rng;
use rand::rngs::StdRng;
use ringfence::constants::PYTH_PUSH_PROGRAMS;
use ringfence::oracle::{Action, Validity};
use ringfence::state::{OracleConfig, OracleKind};
use ringfence_client::oracle::{self, PriceReading, RECEIVER};
use ringfence_client::{Pubkey, RingfenceError};
use ringfence_math::Price;

use crate::page::{Page, Row, hex};
use crate::random::*;
use crate::row;

const FEED: [u8; 32] = [9; 32];

fn read(reading: Result<PriceReading, RingfenceError>) -> Row {
    match reading {
        Ok(reading) => row![
            reading.price.0,
            reading.confidence.0,
            reading.ema.0,
            reading.publish_time,
            reading.previous_publish_time,
            reading.slot,
        ],
        Err(error) => vec![format!("!{error:?}")],
    }
}

/// Numbers of a feed: like a price, mostly.
fn numbers(random: &mut StdRng) -> (i64, u64, i32, i64) {
    let bits = if random.random_range(0..4) == 0 { 63 } else { 40 };
    let price = if random.random_range(0..12) == 0 { -1 } else { wild(random, bits) as i64 };
    let ema = if random.random_range(0..12) == 0 { -1 } else { wild(random, bits) as i64 };
    (price, wild(random, bits - 8), random.random_range(-13..=1), ema)
}

fn pull(random: &mut StdRng) -> Vec<u8> {
    let (price, conf, exponent, ema_price) = numbers(random);
    let verification_level = match random.random_range(0..6) {
        0 => VerificationLevel::Partial { num_signatures: 5 },
        _ => VerificationLevel::Full,
    };
    let feed_id = if random.random_range(0..12) == 0 { [8; 32] } else { FEED };
    let update = PriceUpdateV2 {
        write_authority: Pubkey::new_from_array([3; 32]),
        verification_level,
        price_message: PriceFeedMessage {
            feed_id,
            price,
            conf,
            exponent,
            publish_time: wild(random, 40) as i64,
            prev_publish_time: wild(random, 40) as i64,
            ema_price,
            ema_conf: 5,
        },
        posted_slot: wild(random, 40),
    };
    let mut data = Vec::new();
    update.try_serialize(&mut data).expect("an update");
    data
}

fn push(random: &mut StdRng) -> Vec<u8> {
    let (price, conf, expo, ema) = numbers(random);
    let mut account = SolanaPriceAccount {
        magic: 0xa1b2_c3d4,
        ver: 2,
        atype: 3,
        ptype: PriceType::Price,
        expo,
        timestamp: wild(random, 40) as i64,
        prev_timestamp: wild(random, 40) as i64,
        ..Default::default()
    };
    account.ema_price.val = ema;
    account.agg.price = price;
    account.agg.conf = conf;
    account.agg.status =
        if random.random_range(0..8) == 0 { PriceStatus::Halted } else { PriceStatus::Trading };
    account.agg.pub_slot = wild(random, 40);
    let mut data = bytemuck::bytes_of(&account).to_vec();
    // The struct's padding holds whatever was in memory.
    data[17..20].fill(0);
    data[226..232].fill(0);
    data
}

/// One byte in eight accounts is another one.
fn damage(random: &mut StdRng, data: &mut [u8]) {
    if random.random_range(0..8) == 0 {
        data[random.random_range(0..60)] ^= 1 << random.random_range(0..8u32);
    }
}

/// The account's length and its first 240 bytes, which is all that a price is in; where it lies; the reading.
fn decoded(kind: OracleKind, seed: u64) -> Vec<Row> {
    let random = &mut seeded(seed);
    let key = Pubkey::new_from_array(FEED);
    (0..120)
        .map(|round| {
            let (mut data, owner) = match kind {
                OracleKind::PythPull => (pull(random), RECEIVER),
                OracleKind::PythPush => (push(random), PYTH_PUSH_PROGRAMS[round % 2]),
            };
            damage(random, &mut data);
            if round % 40 == 39 {
                data.truncate(100);
            }
            let pinned = if round % 3 == 0 { key } else { Pubkey::default() };
            let (at, owner) = match round {
                17 | 18 => (Pubkey::new_from_array([4; 32]), owner),
                19 | 20 => (key, Pubkey::new_from_array([4; 32])),
                _ => (key, owner),
            };
            let config =
                OracleConfig { feed_id: FEED, account: pinned, kind: kind as u8, ..Default::default() };
            let reading = oracle::decode(&bytemuck::cast(config), &at, &owner, &data);
            [row![data.len(), hex(&data[..data.len().min(240)]), pinned, at, owner], read(reading)].concat()
        })
        .collect()
}

fn judged() -> Vec<Row> {
    let random = &mut seeded(5);
    (0..300)
        .map(|_| {
            let now = 1_700_000_000;
            let config = OracleConfig {
                max_age_open: random.random_range(1..60),
                max_age_reduce: random.random_range(60..120),
                max_age_liquidate: random.random_range(120..300),
                max_confidence_open_ppm: random.random_range(1..5_000),
                max_confidence_ppm: random.random_range(5_000..10_000),
                max_confidence_liquidate_ppm: random.random_range(10_000..30_000),
                max_divergence_ppm: random.random_range(1..400_000),
                ..Default::default()
            };
            let price = random.random_range(1_000_000..10_000_000_000u64);
            let ema = price / 100 * random.random_range(75..125);
            let reading = ringfence::oracle::PriceReading {
                price: Price(price),
                confidence: Price(
                    price / 1_000_000 * random.random_range(0..40_000) / random.random_range(1..10),
                ),
                ema: Price(if random.random_range(0..30) == 0 { 0 } else { ema }),
                publish_time: now - random.random_range(-4..400i64) / random.random_range(1..8i64),
                previous_publish_time: 0,
                slot: random.random_range(90..1_000),
            };
            let accepted = now - random.random_range(0..800);
            let validity = Validity::assess(&reading, &config, accepted, now, 100);
            let takes = |action: Action| validity <= action.accepts();
            let error = match validity {
                Validity::Valid => "-".to_owned(),
                other => format!("{:?}", ringfence::errors::RingfenceError::from(other)),
            };
            row![
                config.max_age_open,
                config.max_age_reduce,
                config.max_age_liquidate,
                config.max_confidence_open_ppm,
                config.max_confidence_ppm,
                config.max_confidence_liquidate_ppm,
                config.max_divergence_ppm,
                reading.price.0,
                reading.confidence.0,
                reading.ema.0,
                reading.publish_time,
                reading.slot,
                accepted,
                now,
                100,
                format!("{validity:?}"),
                error,
                takes(Action::AddRisk),
                takes(Action::ReduceByOrder),
                takes(Action::ReduceRisk),
                takes(Action::Liquidate),
            ]
        })
        .collect()
}

#[test]
fn prices() {
    let mut page = Page::default();
    page.group("pull", decoded(OracleKind::PythPull, 3));
    page.group("push", decoded(OracleKind::PythPush, 4));
    page.group("validity", judged());
    page.check("oracle.json");
}
