//! Every account type, byte for byte: what the client decodes prints as what
//! the program's own structure prints.

use anchor_lang::Discriminator as AnchorDiscriminator;
use bytemuck::Pod;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use ringfence::{constants, state as program};
use ringfence_client::accounts::decode;
use ringfence_client::{Discriminator, state};

fn random_bytes(random: &mut StdRng, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    random.fill_bytes(&mut bytes);
    bytes
}

macro_rules! same {
    ($($name:ident)*) => {{
        $(
            let discriminator = <program::$name as AnchorDiscriminator>::DISCRIMINATOR;
            assert_eq!(<state::$name as Discriminator>::DISCRIMINATOR, discriminator, stringify!($name));
            assert_eq!(state::$name::SIZE, program::$name::SIZE, stringify!($name));
            check::<state::$name, program::$name>(discriminator);
        )*
        [$(stringify!($name)),*]
    }};
}

fn check<Ours, Theirs>(discriminator: &[u8])
where
    Ours: Pod + Discriminator + std::fmt::Debug,
    Theirs: Pod + std::fmt::Debug,
{
    let mut random = StdRng::seed_from_u64(1);
    for _ in 0..50 {
        let body = random_bytes(&mut random, size_of::<Theirs>());
        let data = [discriminator, &body].concat();
        let ours: Ours = decode(&data).expect("an account of this type");
        let theirs: Theirs = bytemuck::pod_read_unaligned(&body);
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));

        assert!(decode::<Ours>(&data[..data.len() - 1]).is_none(), "a byte short");
        assert!(decode::<Ours>(&[&data[..], &[0]].concat()).is_none(), "a byte long");
        let mut other = data;
        other[7] ^= 1;
        assert!(decode::<Ours>(&other).is_none(), "another discriminator");
    }
}

#[test]
fn every_account_is_read_as_the_program_writes_it() {
    let names = same!(Exchange LiquidityDeposit Market Order ParamsProposal Position Referral);
    assert_eq!(super::listed("accounts"), names);
}

#[test]
fn constants_are_the_programs() {
    use ringfence_client::constants as ours;
    assert_eq!(ringfence_client::PROGRAM_ID, ringfence::ID);
    assert_eq!(ours::MARKET_VERSION, constants::MARKET_VERSION);
    assert_eq!(ours::POSITION_VERSION, constants::POSITION_VERSION);
    assert_eq!(ours::PYTH_PUSH_PROGRAMS, constants::PYTH_PUSH_PROGRAMS);
    assert_eq!(ours::ORDER_VERSION, constants::ORDER_VERSION);
    assert_eq!(ours::POSITION_SEED, constants::POSITION_SEED);
    assert_eq!(ours::ORDER_SEED, constants::ORDER_SEED);
    assert_eq!(ours::MIN_ORDER_DELAY_SECONDS, constants::MIN_ORDER_DELAY_SECONDS);
    assert_eq!(ours::MAX_ORDER_DELAY_SECONDS, constants::MAX_ORDER_DELAY_SECONDS);
}

#[test]
fn one_byte_enums_are_the_programs() {
    for byte in 0..=u8::MAX {
        let code = u32::from;
        assert_eq!(
            state::Side::from_byte(byte).map(|side| format!("{side:?}")).map_err(code),
            program::Side::from_byte(byte).map(|side| format!("{side:?}")).map_err(u32::from)
        );
        assert_eq!(
            state::MarketStatus::from_byte(byte).map(|status| format!("{status:?}")).map_err(code),
            program::MarketStatus::from_byte(byte).map(|status| format!("{status:?}")).map_err(u32::from)
        );
        assert_eq!(
            state::OrderKind::from_byte(byte).map(|kind| format!("{kind:?}")).map_err(code),
            program::OrderKind::from_byte(byte).map(|kind| format!("{kind:?}")).map_err(u32::from)
        );
        let ours = state::OracleConfig { kind: byte, ..Default::default() };
        let theirs = program::OracleConfig { kind: byte, ..Default::default() };
        assert_eq!(
            ours.kind().map(|kind| format!("{kind:?}")).map_err(code),
            theirs.kind().map(|kind| format!("{kind:?}")).map_err(u32::from)
        );
    }
}
