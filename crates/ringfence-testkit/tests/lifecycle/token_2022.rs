//! The whole of it with collateral of Token-2022.

use ringfence_client::instructions;
use ringfence_client::state::Side::Long;
use ringfence_testkit::{MintKind, World, quote, size};

use crate::support::*;

#[test]
fn a_market_of_token_2022_ends_in_the_same_way() {
    let mut world = World::new();
    let market = world
        .market("SOL-PERP")
        .price("100")
        .mint(MintKind::Token2022(Vec::new()))
        .params(|params| {
            params.skew_scale = size("1000");
            (params.open_fee_ppm, params.close_fee_ppm) = (10_000, 0);
            (params.borrow_base_ppm, params.borrow_slope1_ppm) = (0, 0);
            params.max_funding_velocity_ppm = 0;
            params.referrer_share_ppm = 100_000;
        })
        .build();
    let (carol, alice, rita) = (world.trader(5_000), world.trader(500), world.trader(0));
    passes("deposit", world.deposit(market, &carol, 0, quote("5000")));
    world.advance(HOUR);
    passes("claim", world.claim_shares(market, &carol, 0));
    assert_eq!(shares_held(&mut world, market, &carol), quote("5000") - 1_000);
    let referral = passes("referral", world.create_referral(market, &rita));
    let position =
        passes("open", world.open_referred(market, &alice, 0, Long, size("10"), quote("200"), referral));
    balanced(&world);
    settle_at(&mut world, market, "110");

    // her account cannot change its owner: an extension behind the base
    let accounts = world.markets[market.0].accounts;
    let immutable = world.create_token_account(accounts.collateral_mint, alice.pubkey(), 0);
    let mut account = world.svm.get_account(&immutable).expect("token account");
    account.data.extend([2, 7, 0, 0, 0]);
    account.lamports = rent(170);
    world.svm.set_account(immutable, account).expect("token account");
    let close = instructions::close_settled(&accounts, position, alice.pubkey(), immutable);
    passes("close", world.send(&[close], &[]));
    // 200 − 10.05 + 1,100 − 1,005
    assert_eq!(world.balance(&immutable), quote("284.95"));
    balanced(&world);
    passes("fees", world.claim_referral_fees(market, &rita));
    assert_eq!(world.wealth(market, &rita), quote("1.005"));
    let shares = shares_held(&mut world, market, &carol);
    passes("withdraw", world.remove_liquidity(market, &carol, shares));
    // floor((5,000 − 0.001) × (5,000 + 7.035 − 95) ÷ 5,000)
    assert_eq!(world.wealth(market, &carol), 4_912_034_017);
    balanced(&world);
    let treasury = world.treasury_account(market);
    let close = world.close_market_ix(market, treasury);
    passes("close", world.send(&[close], &[]));
    // insurance and protocol 1.005 each, and 983 under the locked shares
    assert_eq!(world.balance(&treasury), quote("2.01") + 983);
    assert!(is_gone(&world, accounts.pool_vault) && is_gone(&world, accounts.market));
}
