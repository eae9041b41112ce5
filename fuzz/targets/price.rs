//! What both kinds of price account are held to.

use anchor_lang::prelude::{AccountInfo, Pubkey};
use num_bigint::BigInt;
use ringfence::oracle::{PriceReading, decode};
use ringfence::state::OracleConfig;

/// The program's reading, which has to be the client's too, error for error.
pub fn read_alike(config: &OracleConfig, owner: Pubkey, data: &[u8]) -> Option<PriceReading> {
    let (key, mut lamports, mut copy) = (Pubkey::new_from_array([3; 32]), 1, data.to_vec());
    let account = AccountInfo::new(&key, false, false, &mut lamports, &mut copy, &owner, false);
    let program = decode(config, &account);
    let theirs = bytemuck::cast_ref(config);
    let client = ringfence_client::oracle::decode(theirs, &key, &owner, data);
    match (program, client) {
        (Ok(program), Ok(client)) => {
            assert_eq!(program.price, client.price);
            assert_eq!(program.confidence, client.confidence);
            assert_eq!(program.ema, client.ema);
            assert_eq!((program.publish_time, program.slot), (client.publish_time, client.slot));
            Some(program)
        }
        (Err(program), Err(client)) => {
            assert_eq!(program.name(), client.name());
            None
        }
        (program, client) => panic!("program {program:?}, client {client:?}"),
    }
}

/// `price × 10^exponent` in 10^-10, the price down and the confidence up.
pub fn is_scaled(reading: &PriceReading, price: i64, confidence: u64, exponent: i32) {
    assert!(price > 0 && (-12..=0).contains(&exponent));
    let up = BigInt::from(10).pow(u32::try_from((exponent + 10).max(0)).expect("small"));
    let down = BigInt::from(10).pow(u32::try_from((-10 - exponent).max(0)).expect("small"));
    assert_eq!(BigInt::from(reading.price.0), BigInt::from(price) * &up / &down);
    let confidence = BigInt::from(confidence) * up;
    assert_eq!(BigInt::from(reading.confidence.0), (confidence + &down - 1) / down);
    assert!(reading.price.0 > 0);
}
