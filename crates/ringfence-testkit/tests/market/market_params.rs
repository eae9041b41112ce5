//! The program's hard bounds of MarketParams: at each limit and one beyond.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token;
use ringfence_client::state::MarketParams;
use ringfence_client::{CreateMarketArgs, RingfenceError};
use ringfence_testkit::{MintKind, World, quote};
use solana_signer::Signer;

use crate::support::*;

struct Scene {
    world: World,
    mint: Pubkey,
    args: CreateMarketArgs,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new();
        let mint = world.create_mint(&MintKind::Token, 6);
        let oracle = world.new_key().pubkey();
        Self { world, mint, args: market_args([9; 32], oracle) }
    }

    #[track_caller]
    fn accepts(&mut self, what: &str, change: impl FnOnce(&mut MarketParams)) {
        let mut args = self.args;
        change(&mut args.params);
        passes(what, create(&mut self.world, self.mint, token::ID, args));
    }

    #[track_caller]
    fn refuses(&mut self, what: &str, change: impl FnOnce(&mut MarketParams)) {
        self.refuses_with(what, change, RingfenceError::ParameterOutOfBounds);
    }

    #[track_caller]
    fn refuses_with(&mut self, what: &str, change: impl FnOnce(&mut MarketParams), refusal: RingfenceError) {
        let mut args = self.args;
        change(&mut args.params);
        let result = create(&mut self.world, self.mint, token::ID, args);
        refused(what, result, refusal);
    }
}

/// A ratio, where it is stored, and the range the program allows.
struct Bound {
    name: &'static str,
    low: u32,
    high: u32,
    field: fn(&mut MarketParams) -> &mut u32,
}

macro_rules! bounds {
    ($($field:ident: $low:literal..=$high:literal),* $(,)?) => {
        [$(Bound { name: stringify!($field), low: $low, high: $high, field: |params| &mut params.$field }),*]
    };
}

/// Everything at its least, so that the fields' own bounds are what decides:
/// no shares of fees, the smallest maintenance margin and fee, and a minimum
/// position whose margin pays a keeper at any initial margin.
fn loosest(params: &mut MarketParams) {
    params.initial_margin_ppm = 1_000_000;
    params.maintenance_margin_ppm = 1_000;
    params.liquidation_fee_ppm = 1;
    params.close_fee_ppm = 0;
    (params.insurance_share_ppm, params.protocol_share_ppm, params.referrer_share_ppm) = (0, 0, 0);
    params.min_position_notional = quote("1000");
    params.min_keeper_reward = 1;
}

#[test]
fn what_a_liquidation_costs_beyond_its_keeper_covers_the_closing_fee() {
    let mut scene = Scene::new();
    loosest(&mut scene.args.params);
    // 2 % less half of it for the keeper leaves 1 %.
    (scene.args.params.liquidation_fee_ppm, scene.args.params.keeper_share_ppm) = (20_000, 500_000);
    scene.accepts("1 % of 1 %", |params| params.close_fee_ppm = 10_000);
    scene.refuses("a part of a million more for the keeper", |params| {
        (params.close_fee_ppm, params.keeper_share_ppm) = (10_000, 500_001);
    });
    // its own bound
    scene.refuses("1.0001 %", |params| (params.close_fee_ppm, params.keeper_share_ppm) = (10_001, 1));
}

#[test]
fn the_cool_down_outlasts_a_price_that_opens() {
    let mut scene = Scene::new();
    // the default feed may be 60 s old, and 2 s ahead of the clock
    for (seconds, refusal) in [
        (0, Some(RingfenceError::CooldownTooShort)),
        (62, Some(RingfenceError::CooldownTooShort)),
        (63, None),
        (2_592_000, None),
        (2_592_001, Some(RingfenceError::ParameterOutOfBounds)),
    ] {
        let what = format!("{seconds} s");
        let change = |params: &mut MarketParams| params.liquidity_cooldown_seconds = seconds;
        match refusal {
            Some(refusal) => scene.refuses_with(&what, change, refusal),
            None => scene.accepts(&what, change),
        }
    }
}

#[test]
fn each_ratio_has_its_bounds() {
    let mut scene = Scene::new();
    loosest(&mut scene.args.params);
    let bounds = bounds! {
        initial_margin_ppm: 2_000..=1_000_000,
        // and below the initial margin less the liquidation fee: see below
        maintenance_margin_ppm: 1_000..=999_998,
        liquidation_fee_ppm: 1..=100_000,
        keeper_share_ppm: 1..=1_000_000,
        open_fee_ppm: 0..=10_000,
        insurance_share_ppm: 0..=500_000,
        protocol_share_ppm: 0..=500_000,
        referrer_share_ppm: 0..=500_000,
        reserve_factor_ppm: 50_000..=10_000_000,
        max_utilisation_ppm: 1..=1_000_000,
        borrow_base_ppm: 0..=10_000_000,
        borrow_kink_ppm: 1..=999_999,
        borrow_slope1_ppm: 0..=10_000_000,
        borrow_slope2_ppm: 0..=10_000_000,
        max_funding_rate_ppm: 0..=1_000_000,
        max_funding_velocity_ppm: 0..=10_000_000,
    };
    for Bound { name, low, high, field } in bounds {
        for within in [low, high] {
            scene.accepts(&format!("{name} = {within}"), |params| *field(params) = within);
        }
        let below = low.checked_sub(1);
        for beyond in below.into_iter().chain([high + 1, u32::MAX]) {
            scene.refuses(&format!("{name} = {beyond}"), |params| *field(params) = beyond);
        }
    }
}

#[test]
fn a_position_opened_at_the_limit_is_not_liquidatable_at_once() {
    let mut scene = Scene::new();
    // maintenance + liquidation fee < initial: 39,999 + 10,000 < 50,000
    let set = |maintenance| {
        move |params: &mut MarketParams| {
            (params.initial_margin_ppm, params.liquidation_fee_ppm) = (50_000, 10_000);
            params.maintenance_margin_ppm = maintenance;
        }
    };
    scene.accepts("49,999 < 50,000", set(39_999));
    scene.refuses("50,000 = 50,000", set(40_000));
    scene.refuses("more than the initial margin", set(50_001));
}

#[test]
fn providers_get_at_least_half_of_each_fee() {
    let mut scene = Scene::new();
    let set = |insurance, protocol, referrer| {
        move |params: &mut MarketParams| {
            params.insurance_share_ppm = insurance;
            params.protocol_share_ppm = protocol;
            params.referrer_share_ppm = referrer;
        }
    };
    scene.accepts("a half", set(200_000, 200_000, 100_000));
    scene.refuses("a half and 1 ppm of insurance", set(200_001, 200_000, 100_000));
    scene.refuses("a half and 1 ppm of protocol", set(200_000, 200_001, 100_000));
    scene.refuses("a half and 1 ppm of referrer", set(200_000, 200_000, 100_001));
    scene.refuses("each a half", set(500_000, 500_000, 500_000));
}

#[test]
fn the_smallest_position_pays_a_keeper_out_of_its_initial_margin() {
    let mut scene = Scene::new();
    let set = |minimum, reward| {
        move |params: &mut MarketParams| {
            params.initial_margin_ppm = 50_000;
            (params.min_position_notional, params.min_keeper_reward) = (minimum, reward);
        }
    };
    // 5 % of 10.00 is 0.50
    scene.accepts("just the margin", set(quote("10"), quote("0.5")));
    scene.refuses("an atom more than the margin", set(quote("10"), quote("0.500001")));
    // floor(5 % of 9.999999) is 0.499999
    scene.refuses("a notional that rounds down", set(quote("9.999999"), quote("0.5")));
    scene.accepts("the least reward", set(20, 1));
    scene.refuses("a margin of nothing", set(19, 1));
    scene.refuses("no reward", set(quote("10"), 0));
}

#[test]
fn the_skew_scale_is_not_zero_and_reserved_words_are() {
    let mut scene = Scene::new();
    scene.accepts("the least skew scale", |params| params.skew_scale = 1);
    scene.accepts("the largest skew scale", |params| params.skew_scale = u64::MAX);
    scene.refuses("no skew scale", |params| params.skew_scale = 0);
    for word in 0..7 {
        scene.refuses("a reserved word", |params| params.reserved[word] = 1);
    }
}

#[test]
fn a_delay_is_at_most_ten_minutes_and_delayed_only_is_yes_or_no() {
    let mut scene = Scene::new();
    scene.accepts("no delay", |params| params.min_order_delay_seconds = 0);
    scene.accepts("ten minutes", |params| params.min_order_delay_seconds = 600);
    scene.refuses("a second more", |params| params.min_order_delay_seconds = 601);
    scene.refuses("neither yes nor no", |params| params.delayed_only = 2);
}

#[test]
fn open_interest_may_be_capped_at_nothing_or_not_at_all() {
    let mut scene = Scene::new();
    for cap in [0, 1, u64::MAX] {
        scene.accepts("a cap", |params| params.max_open_interest_long = cap);
        scene.accepts("a cap", |params| params.max_open_interest_short = cap);
    }
}
