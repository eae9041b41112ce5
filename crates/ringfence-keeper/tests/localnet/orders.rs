//! Orders that the keeper executes, and those that it leaves alone.

use std::thread::sleep;
use std::time::{Duration, Instant};

use ringfence_client::accounts::{Order, Position, decode};
use ringfence_client::state::{OrderKind, OrderTerms, Side};
use ringfence_client::{MarketAccounts, OpenPositionArgs, Pubkey, instructions, pda};
use ringfence_localnet::{Options, update_account};
use ringfence_math::Price;
use solana_signer::Signer;
use spl_associated_token_account_interface::address::get_associated_token_address;

use crate::chart::Chart;
use crate::keeper::Running;
use crate::stage::Stage;

const SOL: u64 = 1_000_000_000;
const QUOTE: u64 = 1_000_000;
const REWARD: u64 = QUOTE;
const PATIENCE: Duration = Duration::from_secs(20);

fn price(tenths: u64) -> Price {
    Price(tenths * 1_000_000_000)
}

/// The first market takes any update, as delayed orders need.
fn stage() -> Stage {
    Stage::with(Options { unpinned: vec![0], ..Options::default() })
}

fn accounts(stage: &Stage) -> &MarketAccounts {
    &stage.localnet.markets()[0].accounts
}

fn keeper(stage: &Stage) -> Running {
    let oracle = accounts(stage).oracle;
    Running::start(stage, &format!("[sync]\npoll_every_ms = 100\n[oracles]\n0 = '{oracle}'\n"))
}

fn tokens(stage: &Stage, owner: &Pubkey) -> Pubkey {
    get_associated_token_address(owner, &stage.localnet.mint())
}

/// A long of 10 at 150 with a margin of 500, of owner `number`.
fn open(stage: &Stage, number: usize) -> Pubkey {
    let owner = stage.owner(number);
    let args = OpenPositionArgs {
        id: 1_000 + number as u16,
        side: Side::Long,
        size: 10 * SOL,
        margin: 500 * QUOTE,
        acceptable_price: u64::MAX,
    };
    let tokens = tokens(stage, &owner.pubkey());
    let open = instructions::open_position(accounts(stage), owner.pubkey(), tokens, None, args);
    stage.localnet.send(&[open], &[owner]).unwrap_or_else(|error| panic!("{error}"));
    pda::position(&accounts(stage).market, &owner.pubkey(), args.id)
}

/// Closes half, or adds 5 with a margin of 300, at any fill price.
fn terms(stage: &Stage, kind: OrderKind, trigger_tenths: u64) -> OrderTerms {
    let (adds, delayed) = (kind.adds(), kind == OrderKind::Delayed);
    OrderTerms {
        kind,
        size: if adds { 5 * SOL } else { 0 },
        margin: if adds { 300 * QUOTE } else { 0 },
        share_ppm: if adds { 0 } else { 500_000 },
        trigger_price: price(trigger_tenths).0,
        acceptable_price: if adds { u64::MAX } else { 1 },
        reward: REWARD,
        expires_at: if delayed { 0 } else { stage.localnet.now() + 600 },
        cancels: None,
    }
}

fn place(stage: &Stage, number: usize, position: Pubkey, id: u8, terms: OrderTerms) -> Pubkey {
    let owner = stage.owner(number);
    let tokens = tokens(stage, &owner.pubkey());
    let place = instructions::place_order(accounts(stage), position, owner.pubkey(), tokens, id, terms);
    stage.localnet.send(&[place], &[owner]).unwrap_or_else(|error| panic!("{error}"));
    pda::order(&position, id)
}

fn order(stage: &Stage, key: &Pubkey) -> Option<Order> {
    decode(&stage.rpc.get_account_data(key).ok()?)
}

fn position(stage: &Stage, key: &Pubkey) -> Position {
    decode(&stage.rpc.get_account_data(key).expect("the account")).expect("a position")
}

fn wait_until_executed(stage: &Stage, keepers: &[&Running], key: &Pubkey) {
    let begin = Instant::now();
    while order(stage, key).is_some() {
        let metrics: Vec<String> = keepers.iter().map(|keeper| keeper.metrics.render()).collect();
        assert!(begin.elapsed() < PATIENCE, "{key} is not executed\n{}", metrics.join("\n"));
        sleep(Duration::from_millis(50));
    }
}

fn work(keeper: &Running, verdict: &str) -> u64 {
    keeper.metrics.work.with_label_values(&["execute_order", verdict]).get()
}

#[test]
fn orders_of_every_kind_are_executed_and_cancelled_and_expired_ones_are_not() {
    let stage = stage();
    let opened: Vec<Pubkey> = (0..5).map(|number| open(&stage, number)).collect();
    let keeper = keeper(&stage);

    // Prices differ by 20 bp from one step to the next, a fill from its index
    // by half a basis point and next to no skew: so the fill tells which price
    // it was.
    let delayed = place(&stage, 4, opened[4], 0, terms(&stage, OrderKind::Delayed, 0));
    let due = order(&stage, &delayed).expect("placed").not_before;
    let before = position(&stage, &opened[4]).entry_notional;
    let mut step = 0;
    let mut first = None;
    let begin = Instant::now();
    while order(&stage, &delayed).is_some() {
        assert!(begin.elapsed() < PATIENCE, "{}", keeper.metrics.render());
        step += 1;
        stage.localnet.set_price(0, price(1_500 + 3 * (step % 20)));
        sleep(Duration::from_millis(300));
        let kept = (0..2).find_map(|later| {
            let key = update_account(&stage.localnet.markets()[0].feed_id, due + later);
            let data = stage.rpc.get_account_data(&key).ok()?;
            let number = |at: usize| i64::from_le_bytes(data[at..at + 8].try_into().expect("eight bytes"));
            // Price, publish time, and that of the one before it.
            (number(93) >= due && number(101) < due).then(|| number(73))
        });
        first = first.or(kept);
    }
    let first = first.expect("kept") as f64 / 1e10;
    let grown = position(&stage, &opened[4]);
    assert_eq!(grown.size, 15 * SOL);
    let fill = (grown.entry_notional - before) as f64 / 1e6 / 5.0;
    assert!((fill / first - 1.0).abs() < 1e-4, "filled at {fill}, the first price was {first}");
    stage.localnet.set_price(0, price(1_500));

    let take_profit = place(&stage, 0, opened[0], 0, terms(&stage, OrderKind::TakeProfit, 1_600));
    let whole = OrderTerms { share_ppm: 1_000_000, ..terms(&stage, OrderKind::StopLoss, 1_400) };
    let stop_loss = place(&stage, 1, opened[1], 0, whole);
    let limit = place(&stage, 2, opened[2], 0, terms(&stage, OrderKind::Limit, 1_450));
    let stop = place(&stage, 3, opened[3], 0, terms(&stage, OrderKind::Stop, 1_550));
    let cancelled = place(&stage, 2, opened[2], 1, terms(&stage, OrderKind::StopLoss, 1_470));
    let soon = stage.localnet.now() + 4;
    let short_lived = OrderTerms { expires_at: soon, ..terms(&stage, OrderKind::StopLoss, 1_470) };
    let expired = place(&stage, 3, opened[3], 1, short_lived);

    let owner = stage.owner(2);
    let of_owner = tokens(&stage, &owner.pubkey());
    let state = order(&stage, &cancelled).expect("placed");
    let program = accounts(&stage).token_program;
    let cancel = instructions::cancel_order(program, cancelled, &state, owner.pubkey(), of_owner);
    stage.localnet.send(&[cancel], &[owner]).unwrap_or_else(|error| panic!("{error}"));
    while stage.localnet.now() <= soon + 1 {
        sleep(Duration::from_millis(100));
    }

    let pending = [take_profit, stop_loss, limit, stop];
    let mut left = pending.to_vec();
    for (tenths, key, number, size) in [
        (1_450, limit, 2, 15 * SOL),
        (1_400, stop_loss, 1, 0),
        (1_550, stop, 3, 15 * SOL),
        (1_600, take_profit, 0, 5 * SOL),
    ] {
        stage.localnet.set_price(0, price(tenths));
        wait_until_executed(&stage, &[&keeper], &key);
        left.retain(|other| *other != key);
        for other in &left {
            assert!(order(&stage, other).is_some(), "at {tenths}, {key} alone");
        }
        assert_eq!(position(&stage, &opened[number]).size, size, "at {tenths}");
    }
    keeper.assert_calm();
    assert!(order(&stage, &expired).is_some(), "its funds wait for who sends them home");
    assert_eq!(work(&keeper, "done"), 5);
    // The cancelled one costs a try at the most: nobody tells of closed accounts.
    assert!(work(&keeper, "gone") <= 1, "{}", keeper.metrics.render());
    assert_eq!(work(&keeper, "refused") + work(&keeper, "unmet"), 0, "{}", keeper.metrics.render());
    assert_eq!(keeper.metrics.reward_atoms.with_label_values(&["0"]).get(), 5 * REWARD);
    Chart::read(&stage.rpc).assert_books(&stage.rpc);
    keeper.stop();
}

#[test]
fn of_two_keepers_one_executes_each_order_and_the_other_loses_quietly() {
    let stage = stage();
    let orders: Vec<Pubkey> = (0..10)
        .map(|number| {
            let opened = open(&stage, number);
            place(&stage, number, opened, 0, terms(&stage, OrderKind::StopLoss, 1_480))
        })
        .collect();
    let (one, two) = (keeper(&stage), keeper(&stage));
    sleep(Duration::from_secs(4));
    stage.localnet.set_price(0, price(1_475));
    for key in &orders {
        wait_until_executed(&stage, &[&one, &two], key);
    }
    one.assert_calm();
    two.assert_calm();
    assert_eq!(work(&one, "done") + work(&two, "done"), 10, "each once");
    for keeper in [&one, &two] {
        assert_eq!(work(keeper, "refused") + work(keeper, "unmet"), 0, "{}", keeper.metrics.render());
        assert!(work(keeper, "done") + work(keeper, "gone") <= 10);
    }
    Chart::read(&stage.rpc).assert_books(&stage.rpc);
    one.stop();
    two.stop();
}
