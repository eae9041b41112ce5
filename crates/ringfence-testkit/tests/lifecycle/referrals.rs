//! A referrer's share of the trading fees of those he brought: floor(fee ×
//! share), from the opening to the close, to a ledger that nobody can bend.
//!
//! The share is 12.3457 %, so that every floor has something to cut off; the
//! fee is 0.05 %, and 10 % of it go to insurance and 10 % to the protocol.

use anchor_lang::prelude::Pubkey;
use ringfence_client::event::{FeeParts, ReferralCreated, ReferralFeesClaimed};
use ringfence_client::events::Event;
use ringfence_client::state::MarketParams;
use ringfence_client::state::Side::{Long, Short};
use ringfence_client::{OpenPositionArgs, PROGRAM_ID, RingfenceError, instructions};
use ringfence_testkit::{MarketId, Receipt, Trader, World, price, quote, size};

use crate::support::*;

pub fn fees(params: &mut MarketParams) {
    (params.open_fee_ppm, params.close_fee_ppm) = (500, 500);
    params.referrer_share_ppm = 123_457;
}

pub struct Stage {
    pub world: World,
    pub market: MarketId,
    pub alice: Trader,
    pub rita: Trader,
    /// Rita's.
    pub referral: Pubkey,
}

impl Stage {
    pub fn new() -> Self {
        let (mut world, market) = still_with(fees);
        let (alice, rita) = (world.trader(2_000), world.trader(0));
        let referral = passes("create", world.create_referral(market, &rita));
        Self { world, market, alice, rita, referral }
    }

    /// And Alice's 10 long, which Rita brought.
    pub fn opened() -> (Self, Pubkey) {
        let mut stage = Self::new();
        let Self { world, market, alice, referral, .. } = &mut stage;
        let result = world.open_referred(*market, alice, 0, Long, size("10"), quote("300"), *referral);
        let position = passes("open", result);
        (stage, position)
    }

    fn owed(&self) -> u64 {
        let owed = self.world.read_referral(&self.referral).expect("a referral").fees;
        assert_eq!(self.world.market_state(self.market).referral_fees, owed);
        balanced(&self.world);
        owed
    }
}

fn parts(receipt: &Receipt) -> FeeParts {
    match &receipt.events[0] {
        Event::PositionOpened(event) => event.fee_parts,
        Event::PositionIncreased(event) => event.fee_parts,
        Event::PositionDecreased(event) => event.fee_parts,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_referral_is_a_ledger_of_its_own() {
    let (mut world, market) = still_with(fees);
    let rita = world.trader(0);
    let before = lamports(&world, rita.pubkey());
    let (market_key, rita_key) = (world.market_key(market), rita.pubkey());
    let create = instructions::create_referral(market_key, rita_key);
    let receipt = passes("create", world.send(std::slice::from_ref(&create), &[&rita.key]));
    let seeds: [&[u8]; 3] = [b"referral", market_key.as_ref(), rita_key.as_ref()];
    let (key, bump) = Pubkey::find_program_address(&seeds, &PROGRAM_ID);
    let expected = ReferralCreated { market: market_key, referral: key, referrer: rita_key };
    assert_events(&receipt, &[Event::ReferralCreated(expected)]);
    let mut bytes = vec![0x1e, 0xeb, 0x88, 0xe0, 0x6a, 0x6b, 0x31, 0x40]; // sha256("account:Referral")
    bytes.extend([1, bump, 0, 0, 0, 0, 0, 0]);
    bytes.extend(market_key.to_bytes());
    bytes.extend(rita_key.to_bytes());
    bytes.extend([0; 48]);
    let account = world.svm.get_account(&key).unwrap();
    assert_eq!((account.data, account.lamports), (bytes, rent(128)));
    assert_eq!(lamports(&world, rita_key), before - rent(128));
    assert_eq!(world.market_state(market).referral_accounts, 1);
    refused("twice", world.send(&[create], &[&rita.key]), ALREADY_IN_USE);
    balanced(&world);
}

#[test]
fn every_trading_fee_credits_its_floor() {
    let Stage { mut world, market, alice, rita, referral } = Stage::new();
    let args = OpenPositionArgs {
        id: 0,
        side: Long,
        size: size("10"),
        margin: quote("300"),
        acceptable_price: u64::MAX,
    };
    let mut open = world.open_ix(market, &alice, args);
    open.accounts[5].pubkey = referral;
    open.accounts[5].is_writable = true;
    let before = world.market_state(market).liquidity;
    let receipt = passes("open", world.send(&[open], &[&alice.key]));
    let Event::PositionOpened(event) = &receipt.events[0] else { panic!("{receipt:?}") };
    assert_eq!(event.referral, referral);
    let position = world.position_key(market, &alice, 0);
    assert_eq!(world.position(position).referral, referral);
    let mut stage = Stage { world, market, alice, rita, referral };
    // 1,005 × 0.05 % = 0.5025: × 12.3457 % = 62,037.1425 atoms
    let expected = FeeParts { liquidity: 339_963, insurance: 50_250, protocol: 50_250, referrer: 62_037 };
    assert_eq!(parts(&receipt), expected);
    assert_eq!(stage.owed(), 62_037);
    assert_eq!(stage.world.market_state(market).liquidity, before + 339_963);

    // 2 more at 101.1: 202.2 × 0.05 % = 0.1011: 12,481.5027
    let Stage { world, alice, .. } = &mut stage;
    let receipt = passes("increase", world.increase(market, alice, position, size("2"), quote("20")));
    let expected = FeeParts { liquidity: 68_399, insurance: 10_110, protocol: 10_110, referrer: 12_481 };
    assert_eq!(parts(&receipt), expected);
    assert_eq!(stage.owed(), 62_037 + 12_481);

    // 4 less at 101: 404 × 0.05 % = 0.202: 24,938.314
    let Stage { world, alice, .. } = &mut stage;
    let receipt = passes("decrease", world.decrease(market, alice, position, size("4")));
    let expected = FeeParts { liquidity: 136_662, insurance: 20_200, protocol: 20_200, referrer: 24_938 };
    assert_eq!(parts(&receipt), expected);
    assert_eq!(stage.owed(), 62_037 + 12_481 + 24_938);

    // 8 at 100.4: 803.2 × 0.05 % = 0.4016: 49,580.3312
    let Stage { world, alice, .. } = &mut stage;
    let receipt = passes("close", world.close(market, alice, position));
    let expected = FeeParts { liquidity: 271_700, insurance: 40_160, protocol: 40_160, referrer: 49_580 };
    assert_eq!(parts(&receipt), expected);
    assert_eq!(stage.owed(), 149_036);
    let ledger = stage.world.read_referral(&referral).unwrap();
    assert_eq!(ledger.fees_earned, 149_036);
}

#[test]
fn without_a_referral_the_share_is_the_pools() {
    let Stage { mut world, market, alice, rita, referral } = Stage::new();
    let position = world.open(market, &alice, 0, Long, size("10"), quote("300")).unwrap();
    let state = world.market_state(market);
    // all but 10 % and 10 % of 0.5025
    assert_eq!(state.liquidity, quote("100000") + 402_000);
    assert_eq!((state.insurance, state.protocol_fees, state.referral_fees), (50_250, 50_250, 0));
    assert_eq!(world.position(position).referral, Pubkey::default());
    passes("close", world.close(market, &alice, position));
    assert_eq!(Stage { world, market, alice, rita, referral }.owed(), 0);
}

#[test]
fn liquidations_and_settlements_have_no_share() {
    let (mut stage, position) = Stage::opened();
    let owed = stage.owed();
    let Stage { world, market, .. } = &mut stage;
    let keeper = world.trader(0);
    // equity 299.4975 − 285 under 25.2
    world.set_price(*market, price("72"));
    passes("liquidate", world.liquidate(*market, &keeper, position));
    assert_eq!(stage.owed(), owed);

    let (mut stage, position) = Stage::opened();
    settle_at(&mut stage.world, stage.market, "110");
    passes("close", stage.world.close_settled(stage.market, &stage.alice, position));
    assert_eq!(stage.owed(), owed);
}

#[test]
fn a_forgiven_fee_is_shared_as_far_as_it_was_paid() {
    let (mut stage, position) = Stage::opened();
    let owed = stage.owed();
    let Stage { world, market, alice, .. } = &mut stage;
    // skew impact at 70.78: 10 sold at 70.78 × 1.005 = 71.1339, a loss of
    // 293.661 of 299.4975; the fee of 0.3556695 is paid in full
    world.set_price(*market, price("70.78"));
    let receipt = passes("close", world.close(*market, alice, position));
    let Event::PositionDecreased(event) = &receipt.events[0] else { panic!("{receipt:?}") };
    assert_eq!((event.fee, event.fee_forgiven), (355_670, 0));
    // floor(355,670 × 0.123457)
    assert_eq!(stage.owed(), owed + 43_909);

    let (mut stage, position) = Stage::opened();
    let Stage { world, market, alice, .. } = &mut stage;
    // at 70.2 × 1.005 = 70.551 the loss is 299.49: 0.0075 are left of it
    world.set_price(*market, price("70.2"));
    let receipt = passes("close", world.close(*market, alice, position));
    let Event::PositionDecreased(event) = &receipt.events[0] else { panic!("{receipt:?}") };
    assert_eq!((event.fee, event.fee_forgiven), (7_500, 345_255));
    // floor(7,500 × 0.123457)
    assert_eq!(stage.owed(), owed + 925);
}

#[test]
fn anyone_sends_a_referrer_his_fees() {
    let (mut stage, _) = Stage::opened();
    let Stage { world, market, rita, referral, .. } = &mut stage;
    let receipt = passes("claim", world.claim_referral_fees(*market, rita));
    let expected = ReferralFeesClaimed {
        market: world.market_key(*market),
        referral: *referral,
        referrer: rita.pubkey(),
        amount: 62_037,
        closed: false,
    };
    assert_events(&receipt, &[Event::ReferralFeesClaimed(expected)]);
    assert_eq!(world.wealth(*market, rita), 62_037);
    let ledger = world.read_referral(referral).unwrap();
    assert_eq!((ledger.fees, ledger.fees_earned), (0, 62_037));
    refused("nothing", world.claim_referral_fees(*market, rita), RingfenceError::NothingToCollect);
    assert_eq!(stage.owed(), 0);
}

#[test]
fn a_frozen_account_of_the_referrer_blocks_no_trade() {
    let (mut stage, position) = Stage::opened();
    let Stage { world, market, alice, rita, referral } = &mut stage;
    let (market, usual) = (*market, world.tokens_of(*market, rita));
    world.freeze(usual);
    refused("claim", world.claim_referral_fees(market, rita), token_error::ACCOUNT_FROZEN);
    passes("increase", world.increase(market, alice, position, size("1"), quote("20")));
    passes("decrease", world.decrease(market, alice, position, size("2")));
    let second = world.open_referred(market, alice, 1, Short, size("5"), quote("100"), *referral);
    passes("open", second);
    passes("close", world.close(market, alice, position));
    let accounts = world.markets[market.0].accounts;
    let another = world.create_token_account(accounts.collateral_mint, rita.pubkey(), 0);
    let owed = world.read_referral(referral).unwrap().fees;
    let claim = instructions::claim_referral_fees(&accounts, rita.pubkey(), another);
    passes("to another of hers", world.send(&[claim], &[]));
    assert_eq!(world.balance(&another), owed);
    balanced(world);
}

#[test]
fn a_ledger_closes_once_the_market_is_settled_and_no_position_is_left() {
    let (mut stage, position) = Stage::opened();
    let Stage { world, market, alice, rita, referral } = &mut stage;
    let market = *market;
    let rented = lamports(world, rita.pubkey());
    settle_at(world, market, "100.5");
    passes("empty", world.decrease(market, alice, position, size("10")));
    // an emptied position still names it
    passes("claim", world.claim_referral_fees(market, rita));
    refused("claim nothing", world.claim_referral_fees(market, rita), RingfenceError::NothingToCollect);
    assert!(world.read_referral(referral).is_some());
    passes("close", world.close_settled(market, alice, position));
    let receipt = passes("claim nothing and close", world.claim_referral_fees(market, rita));
    let [Event::ReferralFeesClaimed(event)] = &receipt.events[..] else { panic!("{receipt:?}") };
    assert_eq!((event.amount, event.closed), (0, true));
    assert!(is_gone(world, *referral));
    assert_eq!(lamports(world, rita.pubkey()), rented + rent(128));
    assert_eq!(world.market_state(market).referral_accounts, 0);
    balanced(world);
}
