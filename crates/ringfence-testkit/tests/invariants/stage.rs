//! One instruction of each kind, ready to be sent: all from one state, with a
//! market for each stage of a market's life.

use std::collections::BTreeSet;

use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::{LiquidityDeposit, Market, Position};
use ringfence_client::state::{MarketStatus, OrderKind, OrderTerms, Side};
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, CreateMarketArgs, CreatePositionArgs, DecreasePositionArgs,
    IncreasePositionArgs, Instruction, OpenPositionArgs, ProposeParamsArgs, RemoveLiquidityArgs,
    instructions, pda,
};
use ringfence_testkit::market::MarketBuilder;
use ringfence_testkit::orders;
use ringfence_testkit::{MarketId, MintKind, Options, Trader, World, price, quote, size};
use serde_json::Value;
use solana_signer::Signer;

/// How a market's price is read.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    PinnedPull,
    AnyPull,
    Push,
}

pub struct Act {
    pub name: &'static str,
    pub instruction: Instruction,
}

/// Everything that it takes to send each instruction once.
pub struct Stage {
    pub world: World,
    pub market: MarketId,
    /// Waits for its settlement.
    pub ending: MarketId,
    pub acts: Vec<Act>,
    /// Has keys, tokens and a position of his own, and no part in any act.
    pub attacker: Trader,
    pub alice: Trader,
}

fn build<'a>(world: &'a mut World, name: &str, source: Source) -> MarketBuilder<'a> {
    let market = world.market(name).price("100").liquidity(1_000_000).params(|params| {
        params.reserve_factor_ppm = 200_000;
        params.referrer_share_ppm = 50_000;
    });
    match source {
        Source::PinnedPull => market,
        Source::AnyPull => market.unpinned(),
        Source::Push => market.push(),
    }
}

impl Stage {
    /// All markets at 150, their prices of the moment.
    pub fn new(source: Source) -> Self {
        Self::within(World::quick(), source)
    }

    pub fn within(mut world: World, source: Source) -> Self {
        let market = build(&mut world, "SOL-PERP", source).build();
        let accounts = world.markets[market.0].accounts;
        let more = |world: &mut World, name: &str| {
            build(world, name, source).mint_key(accounts.collateral_mint, MintKind::Token).build()
        };
        let twin = more(&mut world, "TWIN-PERP");
        let ending = more(&mut world, "ENDING-PERP");
        let settled = more(&mut world, "SETTLED-PERP");
        let old = more(&mut world, "OLD-PERP");
        let bare = world.market("BARE-PERP").mint_key(accounts.collateral_mint, MintKind::Token).build();

        let [alice, provider, rita, keeper, attacker] = [(); 5].map(|()| world.trader(1_000_000));
        let heir = world.trader(0);
        let referral = world.create_referral(market, &rita).expect("a referral");
        let mut open = |market, owner: &Trader, id, side, margin| {
            world.open(market, owner, id, side, size("10"), quote(margin)).expect("an opening")
        };
        // at 150 the long has won its reserve, the short has lost its margin
        let capped = open(market, &alice, 1, Side::Long, "500");
        let doomed = open(market, &alice, 2, Side::Short, "100");
        let in_settled = open(settled, &alice, 0, Side::Long, "500");
        let stray = open(twin, &alice, 0, Side::Long, "500");
        for market in [market, twin] {
            open(market, &attacker, 0, Side::Long, "700");
        }
        world
            .open_referred(market, &alice, 0, Side::Long, size("10"), quote("900"), referral)
            .expect("an opening");
        let healthy = world.position_key(market, &alice, 0);
        // half of it: any price triggers, and nobody has since been here
        let terms = |world: &World| OrderTerms {
            reward: quote("1"),
            expires_at: i64::MAX,
            ..orders::reducing(world, OrderKind::StopLoss, Side::Long, 500_000, u64::MAX)
        };
        let theirs = [(&alice, healthy), (&attacker, world.position_key(market, &attacker, 0))];
        for (owner, position) in theirs {
            let terms = terms(&world);
            world.place(market, owner, position, 3, terms).expect("an order");
        }
        let terms_in_twin = terms(&world);
        world.place(twin, &alice, stray, 3, terms_in_twin).expect("an order");
        for id in [7, 8] {
            world.deposit(market, &provider, id, quote("1000")).expect("a deposit");
        }
        world.deposit(market, &attacker, 7, quote("1000")).expect("a deposit");
        let later = world.now() + 10 * 86_400;
        let locked = world.deposit_key(market, &provider, 8);
        world.edit::<LiquidityDeposit>(&locked, |deposit| deposit.unlocks_at = later);
        world.add_liquidity(market, &provider, quote("5000")).expect("a deposit");
        world.propose_params(market, |params, _| params.open_fee_ppm = 700).expect("a proposal");
        let settles_at = world.now() + 86_400;
        for market in [ending, settled, bare] {
            world.announce_settlement(market, settles_at).expect("notice");
        }
        let admin = world.admin.insecure_clone();
        world.nominate_admin(&admin, heir.pubkey()).expect("a nomination");
        world.warp(86_400);
        for market in [market, twin, ending, settled, old, bare] {
            world.set_price(market, price("150"));
        }
        for market in [settled, bare] {
            world.settle_market(market).expect("a settlement");
        }
        world.edit::<Market>(&world.market_key(old), |market| market.version = 1);
        world.edit::<Position>(&stray, |position| position.version = 1);

        let mut stage = Self { world, market, ending, acts: Vec::new(), attacker, alice };
        stage.trades(healthy, capped, doomed, &keeper);
        stage.pool(&provider, &rita);
        stage.governance(twin, bare, heir.pubkey());
        stage.add_end(settled, in_settled, old, twin, stray);
        stage
    }

    fn add(&mut self, name: &'static str, instruction: Instruction) {
        self.acts.push(Act { name, instruction });
    }

    fn trades(&mut self, healthy: Pubkey, capped: Pubkey, doomed: Pubkey, keeper: &Trader) {
        let (world, market, alice) = (&mut self.world, self.market, &self.alice);
        let (long, any) = (Side::Long, u64::MAX);
        let rita = world.referral_of(healthy);
        let tokens = world.tokens_of(market, alice);
        let accounts = world.markets[market.0].accounts;
        let order = pda::order(&healthy, 3);
        let stop = orders::reducing(world, OrderKind::StopLoss, long, 1_000_000, 1);
        let stop = OrderTerms { reward: quote("1"), ..stop };
        let create = CreatePositionArgs { id: 10, side: long };
        let (open, margin) = (size("10"), quote("900"));
        let args = OpenPositionArgs { id: 9, side: long, size: open, margin, acceptable_price: any };
        let open = instructions::open_position(&accounts, alice.pubkey(), tokens, rita, args);
        let args = IncreasePositionArgs { size: size("1"), margin: quote("100"), acceptable_price: any };
        let increase = world.increase_ix(market, alice, healthy, args);
        let args = DecreasePositionArgs { size: size("1"), acceptable_price: 0 };
        let decrease = world.decrease_ix(market, alice, healthy, args);
        let close = world.close_ix(market, alice, healthy, ClosePositionArgs { acceptable_price: 0 });
        let acts = [
            ("open_position", open),
            ("create_position", instructions::create_position(&accounts, alice.pubkey(), rita, create)),
            ("place_order", world.place_ix(market, alice, healthy, 9, stop)),
            ("cancel_order", world.cancel_ix(market, alice, alice, order)),
            ("execute_order", world.execute_ix(market, keeper, order, accounts.oracle)),
            ("increase_position", increase),
            ("decrease_position", decrease),
            ("close_position", close),
            ("add_margin", world.add_margin_ix(market, alice, healthy, 1)),
            ("remove_margin", world.remove_margin_ix(market, alice, healthy, 1)),
            ("set_delegate", instructions::set_delegate(healthy, alice.pubkey(), keeper.pubkey())),
            ("liquidate", world.liquidate_ix(market, keeper, doomed)),
            ("close_at_cap", world.close_at_cap_ix(market, keeper, capped)),
            ("accrue", world.accrue_ix(market)),
            ("create_referral", instructions::create_referral(accounts.market, alice.pubkey())),
        ];
        acts.into_iter().for_each(|(name, instruction)| self.add(name, instruction));
    }

    fn pool(&mut self, provider: &Trader, rita: &Trader) {
        let (world, market) = (&mut self.world, self.market);
        let args = AddLiquidityArgs { id: 9, amount: quote("10"), min_shares: 0 };
        let treasury = world.treasury_account(market);
        let acts = [
            ("add_liquidity", world.add_liquidity_ix(market, provider, args)),
            ("claim_shares", world.claim_shares_ix(market, provider, 7)),
            ("remove_liquidity", {
                let args = RemoveLiquidityArgs { shares: quote("10"), min_amount: 0 };
                world.remove_liquidity_ix(market, provider, args)
            }),
            ("fund_insurance", world.fund_insurance_ix(market, provider, 1)),
            ("collect_protocol_fees", world.collect_protocol_fees_ix(market, treasury)),
            ("claim_referral_fees", world.claim_referral_fees_ix(market, rita)),
        ];
        acts.into_iter().for_each(|(name, instruction)| self.add(name, instruction));
    }

    fn governance(&mut self, twin: MarketId, bare: MarketId, heir: Pubkey) {
        let world = &mut self.world;
        let (admin, state) = (world.admin.pubkey(), world.market_state(self.market));
        let (key, twin) = (world.market_key(self.market), world.market_key(twin));
        let index = world.exchange().market_count;
        let (params, oracle) = (state.params, state.oracle);
        let args = CreateMarketArgs { name: *b"NEW-PERP\0\0\0\0\0\0\0\0", size_decimals: 9, oracle, params };
        let create =
            instructions::create_market(admin, index, state.collateral_mint, state.token_program, args);
        let propose = instructions::propose_params(admin, twin, ProposeParamsArgs { params, oracle });
        let treasury = world.treasury_account(bare);
        let acts = [
            ("create_market", create),
            ("announce_settlement", world.announce_settlement_ix(self.market, world.now() + 86_400)),
            ("set_status", instructions::set_status(admin, key, MarketStatus::Paused)),
            ("propose_params", propose),
            ("apply_params", instructions::apply_params(admin, key)),
            ("cancel_params", instructions::cancel_params(admin, admin, key)),
            ("nominate_admin", instructions::nominate_admin(admin, heir)),
            ("accept_admin", instructions::accept_admin(heir)),
            ("close_market", world.close_market_ix(bare, treasury)),
            ("settle_market", world.settle_market_ix(self.ending)),
        ];
        acts.into_iter().for_each(|(name, instruction)| self.add(name, instruction));
    }

    fn add_end(&mut self, settled: MarketId, position: Pubkey, old: MarketId, twin: MarketId, stray: Pubkey) {
        let close = self.world.close_settled_ix(settled, &self.alice, position);
        let (old, twin) = (self.world.market_key(old), self.world.market_key(twin));
        self.add("close_settled", close);
        self.add("migrate_market", instructions::migrate_market(old));
        self.add("migrate_position", instructions::migrate_position(twin, stray));
    }
}

/// The world before its exchange, and the instruction that makes one.
pub fn initialization() -> (World, Act) {
    let options = Options { signatures: false, logs: false, exchange: false, ..Options::default() };
    let world = World::with(options).unwrap_or_else(|error| panic!("{error}"));
    let instruction = instructions::initialize_exchange(world.admin.pubkey(), world.exchange_args());
    (world, Act { name: "initialize_exchange", instruction })
}

/// What the IDL says of an instruction.
#[derive(Debug)]
pub struct Declared {
    pub name: String,
    pub accounts: Vec<String>,
}

/// Every instruction of idl/ringfence.json.
pub fn declared() -> Vec<Declared> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../idl/ringfence.json");
    let idl: Value = serde_json::from_str(&std::fs::read_to_string(path).expect(path)).expect(path);
    let text = |value: &Value| value["name"].as_str().expect("a name").to_string();
    let instruction = |value: &Value| {
        let accounts = value["accounts"].as_array().expect("accounts").iter().map(text).collect();
        Declared { name: text(value), accounts }
    };
    idl["instructions"].as_array().expect("instructions").iter().map(instruction).collect()
}

/// Fails unless the acts are those of `expected`, no more and no less: a new
/// instruction has to be added to the stage.
#[track_caller]
pub fn covers(found: impl IntoIterator<Item = &'static str>, expected: impl IntoIterator<Item = String>) {
    let found: BTreeSet<String> = found.into_iter().map(str::to_string).collect();
    assert_eq!(found, expected.into_iter().collect(), "acts of the stage, and instructions of the IDL");
}
