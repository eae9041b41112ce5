//! Prices: accounts written by Pyth's own SDKs, whole and damaged, read by the
//! client and by the program.

use anchor_lang::AccountSerialize;
use anchor_lang::prelude::{AccountInfo, Pubkey};
use pyth_sdk_solana::state::{PriceStatus, PriceType, SolanaPriceAccount};
use pyth_solana_receiver_sdk::price_update::{PriceFeedMessage, PriceUpdateV2, VerificationLevel};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ringfence::constants::PYTH_PUSH_PROGRAMS;
use ringfence::oracle as program;
use ringfence_client::RingfenceError;
use ringfence_client::oracle::{self, PriceReading, RECEIVER};
use ringfence_client::state::OracleConfig;

const FEED: [u8; 32] = [9; 32];

struct Account {
    config: OracleConfig,
    key: Pubkey,
    owner: Pubkey,
    data: Vec<u8>,
}

impl Account {
    fn pull(verification: VerificationLevel, price: i64, conf: u64, exponent: i32, ema: i64) -> Self {
        let price_message = PriceFeedMessage {
            feed_id: FEED,
            price,
            conf,
            exponent,
            publish_time: 1_700_000_000,
            prev_publish_time: 1_699_999_999,
            ema_price: ema,
            ema_conf: 5,
        };
        let update = PriceUpdateV2 {
            write_authority: Pubkey::new_from_array([3; 32]),
            verification_level: verification,
            price_message,
            posted_slot: 77,
        };
        let mut data = Vec::new();
        update.try_serialize(&mut data).expect("an update");
        data.resize(PriceUpdateV2::LEN, 0);
        let config = OracleConfig { feed_id: FEED, ..Default::default() };
        Self { config, key: Pubkey::new_from_array([1; 32]), owner: RECEIVER, data }
    }

    fn push(price: i64, conf: u64, exponent: i32, ema: i64) -> Self {
        let mut account = SolanaPriceAccount {
            magic: 0xa1b2_c3d4,
            ver: 2,
            atype: 3,
            ptype: PriceType::Price,
            expo: exponent,
            timestamp: 1_700_000_000,
            prev_timestamp: 1_699_999_999,
            ..Default::default()
        };
        account.ema_price.val = ema;
        account.agg.price = price;
        account.agg.conf = conf;
        account.agg.status = PriceStatus::Trading;
        account.agg.pub_slot = 78;
        let key = Pubkey::new_from_array([1; 32]);
        let config = OracleConfig { feed_id: key.to_bytes(), account: key, kind: 1, ..Default::default() };
        let data = bytemuck::bytes_of(&account).to_vec();
        Self { config, key, owner: PYTH_PUSH_PROGRAMS[0], data }
    }

    /// What the client reads. It must be what the program reads.
    #[track_caller]
    fn read(&self) -> Result<PriceReading, RingfenceError> {
        let ours = oracle::decode(&self.config, &self.key, &self.owner, &self.data);
        let (mut lamports, mut data) = (0, self.data.clone());
        let info = AccountInfo::new(&self.key, false, false, &mut lamports, &mut data, &self.owner, false);
        let theirs = program::decode(&bytemuck::cast(self.config), &info);
        assert_eq!(
            ours.map(|reading| format!("{reading:?}")).map_err(u32::from),
            theirs.map(|reading| format!("{reading:?}")).map_err(u32::from)
        );
        ours
    }
}

fn both(price: i64, conf: u64, exponent: i32, ema: i64) -> [Account; 2] {
    [
        Account::pull(VerificationLevel::Full, price, conf, exponent, ema),
        Account::push(price, conf, exponent, ema),
    ]
}

#[test]
fn whole_accounts_give_the_sdks_numbers() {
    for (account, slot) in both(15_012_345_678, 2_345_678, -8, 14_900_000_000).iter().zip([77, 78]) {
        let reading = account.read().expect("a price");
        assert_eq!(reading.price.0, 1_501_234_567_800, "150.12345678 at 10^-10");
        assert_eq!(reading.confidence.0, 234_567_800);
        assert_eq!(reading.ema.0, 1_490_000_000_000);
        let times = (reading.publish_time, reading.previous_publish_time, reading.slot);
        assert_eq!(times, (1_700_000_000, 1_699_999_999, slot));
    }
}

#[test]
fn every_exponent_scales_and_rounds_alike() {
    let numbers = [i64::MIN, -1, 0, 1, 99, 101, 12_345, 987_654_321_987, i64::MAX];
    let mut read = 0;
    for exponent in -14..=2 {
        for price in numbers {
            for ema in numbers {
                for account in both(price, price.unsigned_abs() / 7, exponent, ema) {
                    read += usize::from(account.read().is_ok());
                }
            }
        }
    }
    assert!(read > 500, "{read}");
}

#[test]
fn who_wrote_it_and_how_far_it_was_checked_matter_alike() {
    for mut account in both(100, 1, -2, 100) {
        account.owner = Pubkey::new_from_array([4; 32]);
        assert_eq!(account.read(), Err(RingfenceError::OracleWrongOwner));
        account.config.account = Pubkey::new_from_array([5; 32]);
        assert_eq!(account.read(), Err(RingfenceError::OracleWrongAccount));
        account.config.account = account.key;
        account.config.kind = 2;
        assert_eq!(account.read(), Err(RingfenceError::InvalidEnumValue));
    }
    let mut devnet = Account::push(100, 1, -2, 100);
    devnet.owner = PYTH_PUSH_PROGRAMS[1];
    assert!(devnet.read().is_ok());
    let partial = Account::pull(VerificationLevel::Partial { num_signatures: 13 }, 100, 1, -2, 100);
    assert_eq!(partial.read(), Err(RingfenceError::OracleNotFullyVerified));
    let mut other = Account::pull(VerificationLevel::Full, 100, 1, -2, 100);
    other.config.feed_id = [8; 32];
    assert_eq!(other.read(), Err(RingfenceError::OracleWrongFeed));
}

#[test]
fn damaged_accounts_are_refused_alike() {
    let mut random = StdRng::seed_from_u64(3);
    let mut refused = 0;
    for round in 0..6_000 {
        let [pull, push] = both(15_012_345_678, 2_345_678, -8, 14_900_000_000);
        let mut account = if round % 2 == 0 { pull } else { push };
        let used = account.data.len().min(250);
        if round % 5 == 0 {
            let length = random.random_range(0..=account.data.len());
            account.data.truncate(length);
        }
        for _ in 0..random.random_range(1..=2) {
            let at = random.random_range(0..used);
            if let Some(byte) = account.data.get_mut(at) {
                *byte = if random.random() { random.random() } else { random.random_range(0..4) };
            }
        }
        refused += usize::from(account.read().is_err());
    }
    assert!((500..5_500).contains(&refused), "{refused}");
}
