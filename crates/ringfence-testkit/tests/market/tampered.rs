//! States that the program itself never makes, written into its accounts: it
//! notices each, and says which it is.

use ringfence_client::accounts::{Exchange, Market};
use ringfence_client::state::{MarketStatus, Side};
use ringfence_client::{
    AddLiquidityArgs, Instruction, RemoveLiquidityArgs, RingfenceError, instructions, pda,
};
use ringfence_testkit::{MarketId, Trader, World, quote, size};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::support::*;

struct Scene {
    world: World,
    market: MarketId,
    provider: Trader,
}

impl Scene {
    /// 1,000 of liquidity at an atom a share, no position.
    fn new() -> Self {
        let mut world = World::new();
        let (market, provider) = plain_market(&mut world, quote("1000"));
        let tokens = world.tokens_of(market, &provider);
        let mint = world.markets[market.0].accounts.collateral_mint;
        let more = world.create_token_account(mint, provider.pubkey(), quote("1000"));
        provider.tokens.borrow_mut().insert(mint, more);
        assert_eq!(world.balance(&tokens), 0);
        Self { world, market, provider }
    }

    fn edit(&mut self, change: impl FnOnce(&mut Market)) {
        let key = self.world.market_key(self.market);
        self.world.edit(&key, change);
    }

    fn add(&mut self, amount: u64) -> Instruction {
        let args = AddLiquidityArgs { id: 0, amount, min_shares: 0 };
        self.world.add_liquidity_ix(self.market, &self.provider, args)
    }

    fn remove(&mut self, shares: u64) -> Instruction {
        let args = RemoveLiquidityArgs { shares, min_amount: 0 };
        self.world.remove_liquidity_ix(self.market, &self.provider, args)
    }

    fn set_status(&mut self) -> Instruction {
        let key = self.world.market_key(self.market);
        instructions::set_status(self.world.admin.pubkey(), key, MarketStatus::ReduceOnly)
    }

    fn attempt(
        &mut self,
        instruction: &Instruction,
    ) -> Result<ringfence_testkit::Receipt, ringfence_testkit::Failure> {
        let admin: Keypair = self.world.admin.insecure_clone();
        probe(&mut self.world, instruction, &[&self.provider.key, &admin])
    }

    #[track_caller]
    fn refuses(&mut self, instruction: &Instruction, error: RingfenceError) {
        let result = self.attempt(instruction);
        refused("tampered", result, error);
    }

    #[track_caller]
    fn accepts(&mut self, instruction: &Instruction) {
        let result = self.attempt(instruction);
        passes("sound", result);
    }
}

#[test]
fn a_market_of_another_version_is_left_alone() {
    let mut scene = Scene::new();
    let all = [scene.add(1), scene.remove(1), scene.set_status()];
    for version in [0, 1, 3, 255] {
        scene.edit(|market| market.version = version);
        for instruction in &all {
            scene.refuses(instruction, RingfenceError::UnsupportedVersion);
        }
    }
    scene.edit(|market| market.version = 2);
    for instruction in &all {
        scene.accepts(instruction);
    }
}

#[test]
fn an_exchange_of_another_version_is_left_alone() {
    let mut scene = Scene::new();
    let status = scene.set_status();
    for (version, sound) in [(0, false), (2, false), (1, true)] {
        scene.world.edit(&pda::exchange(), |exchange: &mut Exchange| exchange.version = version);
        let created = scene.world.market("ETH-PERP").try_build();
        if sound {
            passes("sound", created);
            scene.accepts(&status);
        } else {
            refused("create", created, RingfenceError::UnsupportedVersion);
            scene.refuses(&status, RingfenceError::UnsupportedVersion);
        }
    }
}

#[test]
fn a_status_byte_that_means_nothing_stops_everything() {
    let mut scene = Scene::new();
    let all = [scene.add(1), scene.remove(1), scene.set_status()];
    scene.edit(|market| market.status = 4);
    for instruction in &all {
        scene.refuses(instruction, RingfenceError::InvalidEnumValue);
    }
}

#[test]
fn an_oracle_kind_that_means_nothing_gives_no_price() {
    let mut scene = Scene::new();
    let (add, remove) = (scene.add(1), scene.remove(1));
    scene.edit(|market| market.oracle.kind = 2);
    scene.refuses(&add, RingfenceError::InvalidEnumValue);
    scene.refuses(&remove, RingfenceError::InvalidEnumValue);
}

#[test]
fn reserves_beyond_the_liquidity_are_a_violated_invariant() {
    let mut scene = Scene::new();
    // After a deposit of 7: 1,000.000007 of liquidity.
    let add = scene.add(7);
    scene.edit(|market| market.reserved = quote("1000") + 7);
    scene.accepts(&add);
    scene.edit(|market| market.reserved = quote("1000") + 8);
    scene.refuses(&add, RingfenceError::InvariantViolated);
}

#[test]
fn sums_that_do_not_cover_a_position_are_a_violated_invariant() {
    let mut scene = Scene::new();
    let trader = scene.world.trader(100);
    let market = scene.market;
    let position = passes("open", scene.world.open(market, &trader, 0, Side::Long, size("1"), quote("50")));
    let close = scene.world.close_ix(
        market,
        &trader,
        position,
        ringfence_client::ClosePositionArgs { acceptable_price: 0 },
    );
    let sound = scene.world.market_state(market);
    let edits: [fn(&mut Market); 4] = [
        |market| market.long.open_interest -= 1,
        |market| market.long.entry_notional -= 1,
        |market| market.long.positions -= 1,
        |market| market.reserved -= 1,
    ];
    for edit in edits {
        scene.edit(edit);
        let result = probe(&mut scene.world, &close, &[&trader.key]);
        refused("a sum too small", result, RingfenceError::InvariantViolated);
        scene.edit(|market| *market = sound);
    }
    passes("sound", probe(&mut scene.world, &close, &[&trader.key]));
}

#[test]
fn parameters_that_no_arithmetic_can_use_are_named() {
    let mut scene = Scene::new();
    let (add, remove) = (scene.add(1), scene.remove(1));
    for divisor in [0, 3, u64::MAX] {
        scene.edit(|market| market.notional_divisor = divisor);
        scene.refuses(&add, RingfenceError::InvalidMathParameter);
        scene.refuses(&remove, RingfenceError::InvalidMathParameter);
    }
    scene.edit(|market| market.notional_divisor = 10_000_000_000_000);
    scene.accepts(&add);

    let trader = scene.world.trader(100);
    scene.edit(|market| market.params.skew_scale = 0);
    let market = scene.market;
    let result = scene.world.open(market, &trader, 0, Side::Long, size("1"), quote("50"));
    refused("no skew scale", result, RingfenceError::InvalidMathParameter);
}
