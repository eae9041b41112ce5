//! The paths through every instruction.

mod lifecycle;
mod orders;

use ringfence_client::event::PositionLiquidated;
use ringfence_client::events::Event;
use ringfence_client::state::{MarketStatus, OracleConfig, OracleKind, Side};
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, CreateMarketArgs, DecreasePositionArgs, IncreasePositionArgs,
    OpenPositionArgs, RemoveLiquidityArgs, instructions,
};
use ringfence_testkit::market::{default_oracle, default_params};
use ringfence_testkit::trade::any_price;
use ringfence_testkit::{Options, World, quote};
use solana_signer::Signer;

use crate::case::Case;
use crate::stage::{Call, Held, Setting, Stage};

/// Random owners, positions or markets per path.
pub const SAMPLES: usize = 200;

const COMMON: &[Setting] = &[Setting::Common];
/// For paths that read a price and move tokens.
const ALL: &[Setting] = &[Setting::Common, Setting::Unpinned, Setting::Push, Setting::Token2022];
/// For paths that move tokens and read no price.
const TOKENS: &[Setting] = &[Setting::Common, Setting::Token2022];

const SIDES: [(Side, &str); 2] = [(Side::Long, "long"), (Side::Short, "short")];
/// Thousandths that the price moves for the position.
const MOVES: [(i64, &str, Proof); 2] = [(30, "gain", gained), (-30, "loss", lost)];

type Proof = fn(&Event) -> bool;

fn gained(event: &Event) -> bool {
    matches!(event, Event::PositionDecreased(decreased) if decreased.gain > 0)
}

fn lost(event: &Event) -> bool {
    matches!(event, Event::PositionDecreased(decreased) if decreased.loss > 0)
}

#[derive(Default)]
struct Cases(Vec<Case>);

impl Cases {
    fn add(
        &mut self,
        instruction: &'static str,
        name: impl Into<String>,
        settings: &[Setting],
        prepare: impl Fn(&mut Stage) -> Call + Clone + 'static,
    ) {
        let name = name.into();
        for &setting in settings {
            let prepare = Box::new(prepare.clone());
            self.0.push(Case { instruction, name: name.clone(), setting, samples: SAMPLES, prepare });
        }
    }
}

pub fn cases() -> Vec<Case> {
    let mut cases = Cases::default();
    admin(&mut cases);
    liquidity(&mut cases);
    opening(&mut cases);
    margin(&mut cases);
    closing(&mut cases);
    liquidating(&mut cases);
    keeping(&mut cases);
    lifecycle::cases(&mut cases);
    orders::cases(&mut cases);
    // All paths of an instruction together, where its first one stands.
    let order: Vec<_> = cases.0.iter().map(|case| case.instruction).collect();
    cases.0.sort_by_key(|case| order.iter().position(|name| *name == case.instruction));
    cases.0
}

fn admin(cases: &mut Cases) {
    cases.0.push(Case {
        instruction: "initialize_exchange",
        name: "the one there is".into(),
        setting: Setting::Common,
        samples: 1,
        prepare: Box::new(|stage| {
            let options = Options { signatures: false, logs: false, exchange: false, ..Options::default() };
            stage.world = World::with(options).unwrap_or_else(|error| panic!("{error}"));
            let args = stage.world.exchange_args();
            let admin = &stage.world.admin;
            Call::new(instructions::initialize_exchange(admin.pubkey(), args), admin)
        }),
    });
    cases.add("create_market", "new addresses each time", TOKENS, |stage| {
        let handle = &stage.world.markets[stage.market.0];
        let program = handle.accounts.token_program;
        let kind = handle.mint.clone();
        let mint = stage.world.create_mint(&kind, 6);
        let feed = stage.world.new_key().pubkey();
        let args = CreateMarketArgs {
            name: *b"SOL-PERP\0\0\0\0\0\0\0\0",
            size_decimals: 9,
            oracle: OracleConfig {
                feed_id: feed.to_bytes(),
                account: feed,
                kind: OracleKind::PythPull as u8,
                ..default_oracle()
            },
            params: default_params(),
        };
        let (admin, index) = (&stage.world.admin, stage.world.exchange().market_count);
        Call::new(instructions::create_market(admin.pubkey(), index, mint, program, args), admin)
    });
    cases.add("set_status", "the guardian pauses", COMMON, |stage| {
        let market = stage.another_market(0);
        let (guardian, key) = (&stage.world.guardian, stage.world.market_key(market));
        Call::new(instructions::set_status(guardian.pubkey(), key, MarketStatus::Paused), guardian)
    });
    cases.add("set_status", "the admin resumes", COMMON, |stage| {
        let market = stage.another_market(0);
        stage.world.set_status(market, MarketStatus::Paused).expect("pause");
        let (admin, key) = (&stage.world.admin, stage.world.market_key(market));
        Call::new(instructions::set_status(admin.pubkey(), key, MarketStatus::Active), admin)
    });
}

fn liquidity(cases: &mut Cases) {
    cases.add("add_liquidity", "first deposit", COMMON, |stage| {
        let market = stage.another_market(0);
        let provider = stage.trader();
        let amount = stage.random(quote("1")..=quote("1_000_000"));
        let args = AddLiquidityArgs { id: 0, amount, min_shares: 1 };
        Call::new(stage.world.add_liquidity_ix(market, &provider, args), &provider.key)
    });
    cases.add("add_liquidity", "open positions on both sides", ALL, |stage| {
        stage.open(Side::Long, 5);
        stage.open(Side::Short, 5);
        let provider = stage.trader();
        let amount = stage.random(quote("1")..=quote("1_000_000"));
        let args = AddLiquidityArgs { id: 0, amount, min_shares: 1 };
        Call::new(stage.world.add_liquidity_ix(stage.market, &provider, args), &provider.key)
    });
    cases.add("add_liquidity", "lamports sent ahead", TOKENS, |stage| {
        let provider = stage.trader();
        let amount = stage.random(quote("1")..=quote("1_000_000"));
        let args = AddLiquidityArgs { id: 0, amount, min_shares: 1 };
        let call = Call::new(stage.world.add_liquidity_ix(stage.market, &provider, args), &provider.key);
        stage.send_lamports_ahead(&call);
        call
    });
    cases.add("remove_liquidity", "open positions on both sides", ALL, |stage| {
        stage.open(Side::Long, 5);
        stage.open(Side::Short, 5);
        let provider = stage.trader();
        stage.world.add_liquidity(stage.market, &provider, quote("1_000")).expect("deposit");
        let account = stage.world.shares_of(stage.market, &provider);
        let shares = stage.random(1_000..=stage.world.balance(&account));
        let args = RemoveLiquidityArgs { shares, min_amount: 1 };
        Call::new(stage.world.remove_liquidity_ix(stage.market, &provider, args), &provider.key)
    });
}

fn opening(cases: &mut Cases) {
    for (side, name) in SIDES {
        cases.add("open_position", name, ALL, move |stage| {
            let (owner, id) = (stage.trader(), stage.id());
            let leverage = stage.random(2..=15);
            let (size, margin) = stage.stake(leverage);
            let args = OpenPositionArgs { id, side, size, margin, acceptable_price: any_price(true, side) };
            Call::new(stage.world.open_ix(stage.market, &owner, args), &owner.key)
        });
    }
    cases.add("open_position", "long, lamports sent ahead", TOKENS, |stage| {
        let (owner, id) = (stage.trader(), stage.id());
        let (size, margin) = stage.stake(5);
        let acceptable_price = any_price(true, Side::Long);
        let args = OpenPositionArgs { id, side: Side::Long, size, margin, acceptable_price };
        let call = Call::new(stage.world.open_ix(stage.market, &owner, args), &owner.key);
        stage.send_lamports_ahead(&call);
        call
    });
    for (side, name) in SIDES {
        for (with_margin, paid, settings) in [(true, "with margin", ALL), (false, "without margin", COMMON)] {
            cases.add("increase_position", format!("{name}, {paid}"), settings, move |stage| {
                let held = stage.open(side, 3);
                stage.move_price(side, 5);
                let size = stage.random(1..=held.size / 2);
                let margin = if with_margin { stage.random(1..=held.margin) } else { 0 };
                let args = IncreasePositionArgs { size, margin, acceptable_price: any_price(true, side) };
                let increase = stage.world.increase_ix(stage.market, &held.owner, held.position, args);
                Call::new(increase, &held.owner.key)
            });
        }
    }
}

fn margin(cases: &mut Cases) {
    cases.add("add_margin", "by the owner", TOKENS, |stage| {
        let held = stage.open(Side::Long, 5);
        let amount = stage.random(1..=quote("1_000"));
        let add = stage.world.add_margin_ix(stage.market, &held.owner, held.position, amount);
        Call::new(add, &held.owner.key)
    });
    cases.add("add_margin", "by somebody else", COMMON, |stage| {
        let (held, friend) = (stage.open(Side::Short, 5), stage.trader());
        let amount = stage.random(1..=quote("1_000"));
        let add = stage.world.add_margin_ix(stage.market, &friend, held.position, amount);
        Call::new(add, &friend.key)
    });
    for (side, name) in SIDES {
        for (thousandths, outcome, _) in MOVES {
            let settings = if thousandths > 0 { ALL } else { COMMON };
            cases.add("remove_margin", format!("{name}, unrealised {outcome}"), settings, move |stage| {
                let held = stage.open(side, 3);
                stage.move_price(side, thousandths);
                let amount = stage.random(1..=held.margin / 5);
                let remove = stage.world.remove_margin_ix(stage.market, &held.owner, held.position, amount);
                Call::new(remove, &held.owner.key)
            });
        }
    }
    cases.add("remove_margin", "what a liquidation left", COMMON, |stage| {
        let held = stage.liquidated(Side::Long);
        let left = stage.world.position(held.position).margin;
        let amount = stage.random(1..=left);
        let remove = stage.world.remove_margin_ix(stage.market, &held.owner, held.position, amount);
        Call::new(remove, &held.owner.key)
    });
}

fn decrease(stage: &mut Stage, held: &Held, size: u64) -> Call {
    let args = DecreasePositionArgs { size, acceptable_price: any_price(false, held.side) };
    let decrease = stage.world.decrease_ix(stage.market, &held.owner, held.position, args);
    Call::new(decrease, &held.owner.key)
}

fn close(stage: &mut Stage, held: &Held) -> Call {
    let args = ClosePositionArgs { acceptable_price: any_price(false, held.side) };
    let close = stage.world.close_ix(stage.market, &held.owner, held.position, args);
    Call::new(close, &held.owner.key)
}

fn closing(cases: &mut Cases) {
    for (side, name) in SIDES {
        for (thousandths, outcome, proof) in MOVES {
            let settings = if thousandths > 0 { ALL } else { COMMON };
            cases.add("decrease_position", format!("{name}, part, {outcome}"), settings, move |stage| {
                let held = stage.open(side, 5);
                stage.move_price(side, thousandths);
                let size = stage.random(held.size / 5..=held.size / 5 * 4);
                decrease(stage, &held, size).proven_by(proof)
            });
            cases.add("decrease_position", format!("{name}, all of it, {outcome}"), COMMON, move |stage| {
                let held = stage.open(side, 5);
                stage.move_price(side, thousandths);
                decrease(stage, &held, held.size).proven_by(proof)
            });
        }
    }
    for (side, name) in SIDES {
        for (thousandths, outcome, proof) in MOVES {
            let settings = if thousandths > 0 { ALL } else { COMMON };
            cases.add("close_position", format!("{name}, {outcome}"), settings, move |stage| {
                let held = stage.open(side, 5);
                stage.move_price(side, thousandths);
                close(stage, &held).proven_by(proof)
            });
        }
    }
    cases.add("close_position", "what a liquidation left", TOKENS, |stage| {
        let held = stage.liquidated(Side::Long);
        close(stage, &held)
    });
}

/// The liquidation in an event.
fn liquidated(event: &Event) -> Option<&PositionLiquidated> {
    if let Event::PositionLiquidated(liquidated) = event { Some(liquidated) } else { None }
}

fn solvent(event: &Event) -> bool {
    liquidated(event)
        .is_some_and(|event| event.remaining_size == 0 && event.margin > 0 && event.insurance_fee > 0)
}

fn partial(event: &Event) -> bool {
    liquidated(event).is_some_and(|event| event.remaining_size > 0)
}

fn insured(event: &Event) -> bool {
    liquidated(event).is_some_and(|event| event.bad_debt > 0 && event.insurance_cover == event.bad_debt)
}

fn uninsured(event: &Event) -> bool {
    liquidated(event).is_some_and(|event| event.bad_debt > 0 && event.insurance_cover == 0)
}

fn topped_up(event: &Event) -> bool {
    liquidated(event).is_some_and(|event| event.keeper_from_vault > 0 && event.keeper_from_insurance > 0)
}

fn liquidating(cases: &mut Cases) {
    for (side, name) in SIDES {
        cases.add("liquidate", format!("{name}, part of it"), ALL, move |stage| {
            let held = stage.open(side, 10);
            stage.fall_below_maintenance(&held);
            liquidate(stage, &held).proven_by(partial)
        });
        cases.add("liquidate", format!("{name}, solvent"), ALL, move |stage| {
            let held = stage.open(side, 10);
            stage.fall_below_maintenance(&held);
            stage.liquidate_only_wholes();
            liquidate(stage, &held).proven_by(solvent)
        });
        for (insurance, covered, proof) in [
            (quote("100_000"), "bankrupt, insured", insured as Proof),
            (0, "bankrupt, insurance empty", uninsured),
        ] {
            cases.add("liquidate", format!("{name}, {covered}"), COMMON, move |stage| {
                let held = stage.open(side, 10);
                stage.move_price(side, -250);
                stage.set_insurance(insurance);
                liquidate(stage, &held).proven_by(proof)
            });
        }
        cases.add("liquidate", format!("{name}, insurance tops up the keeper"), COMMON, move |stage| {
            let held = stage.open(side, 10);
            stage.move_price(side, -250);
            stage.set_insurance(quote("100_000"));
            stage.set_min_keeper_reward(held.margin + quote("1"));
            liquidate(stage, &held).proven_by(topped_up)
        });
    }
}

fn liquidate(stage: &mut Stage, held: &Held) -> Call {
    let keeper = stage.trader();
    Call::new(stage.world.liquidate_ix(stage.market, &keeper, held.position), &keeper.key)
}

fn keeping(cases: &mut Cases) {
    cases.add("accrue", "open positions on both sides", COMMON, |stage| {
        stage.open(Side::Long, 5);
        stage.open(Side::Short, 5);
        let seconds = stage.random(1..=3_600);
        stage.world.advance(i64::try_from(seconds).expect("an hour"));
        Call::new(stage.world.accrue_ix(stage.market), &stage.world.payer)
    });
    for (side, name) in SIDES {
        cases.add("close_at_cap", name, ALL, move |stage| {
            stage.reserve_little();
            let (held, caller) = (stage.open(side, 5), stage.trader());
            stage.move_price(side, 100);
            Call::new(stage.world.close_at_cap_ix(stage.market, &caller, held.position), &caller.key)
        });
    }
}
