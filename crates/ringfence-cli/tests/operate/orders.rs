//! Orders placed, listed, executed by a stranger, and cancelled.

use std::time::{Duration, Instant};

use ringfence_client::accounts::{Order, Position, decode};
use ringfence_client::{MarketAccounts, Pubkey, instructions, pda};
use ringfence_math::Price;
use serde_json::{Value, json};
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client::rpc_client::RpcClient;
use solana_signer::Signer;

use crate::support::{Stage, text};

const PATIENCE: Duration = Duration::from_secs(60);

impl Stage {
    fn market(&self) -> MarketAccounts {
        self.localnet.markets()[0].accounts
    }

    /// The trader's position of this number in SOL-PERP.
    pub fn position(&self, id: u16) -> Pubkey {
        pda::position(&self.market().market, &self.localnet.keys().trader.pubkey(), id)
    }

    fn account(&self, key: &Pubkey) -> Option<Vec<u8>> {
        let commitment = CommitmentConfig::confirmed();
        let rpc = RpcClient::new_with_commitment(self.localnet.rpc_url().to_owned(), commitment);
        rpc.get_account_with_commitment(key, commitment).expect("an answer").value.map(|found| found.data)
    }

    pub fn order(&self, position: u16, id: u8) -> Option<Order> {
        decode(&self.account(&pda::order(&self.position(position), id))?)
    }

    /// The provider executes an order as soon as the program lets him; false
    /// where it has gone without him.
    pub fn execute(&self, position: u16, id: u8) -> bool {
        let (keys, market) = (self.localnet.keys(), self.market());
        let executor = &keys.provider;
        let tokens = anchor_spl::associated_token::get_associated_token_address(
            &executor.pubkey(),
            &self.localnet.mint(),
        );
        let (key, started) = (pda::order(&self.position(position), id), Instant::now());
        let mut last = None;
        while started.elapsed() < PATIENCE {
            if let Some(order) = self.order(position, id) {
                let execute =
                    instructions::execute_order(&market, key, &order, executor.pubkey(), tokens, None);
                match self.localnet.send(&[execute], &[executor]) {
                    Ok(_) => return true,
                    Err(error) => last = Some(error.to_string()),
                }
            } else if last.is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("order {id} was not executed: {last:?}")
    }

    /// The list's row of an order, once it is in this state.
    fn row(&self, id: u8, state: &str) -> Value {
        let started = Instant::now();
        loop {
            let list = self.json("trader", "order list");
            let rows = list.as_array().expect("a list");
            let row = rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id}: {list}"));
            if row["state"] == state {
                return row.clone();
            }
            assert!(started.elapsed() < PATIENCE, "{state}: {list:#}");
        }
    }
}

#[test]
fn orders_are_placed_listed_and_cancelled() {
    let stage = Stage::new("orders");
    stage.text("trader", "position open SOL long --size 10 --margin 300");
    let before = stage.funds("trader");
    let said = stage.text("trader", "order place take-profit SOL/0 --trigger 180 --share 50% --dry-run");
    // 0.5 % below 180; the rent is that of 280 and of 165 bytes, each with 128
    // more, at 6,960 lamports a byte.
    assert!(
        said.starts_with(
            "Would place order 0 of SOL-PERP/0: it closes 50% of the position when the index price is 180 or \
             above, fill price no worse than 179.1, reward 0.1; 0.1 in escrow and 0.00487896 SOL of rent until \
             it ends"
        ),
        "{said}"
    );
    let placed =
        stage.effect("trader", "order place take-profit SOL/0 --trigger 180 --share 50%", "OrderPlaced");
    assert_eq!(
        (&placed["id"], &placed["share"], &placed["reward"]),
        (&json!(0), &json!("50%"), &json!("0.1"))
    );
    let placed = stage.effect(
        "trader",
        "order place stop-loss SOL/0 --trigger 130 --cancels 0 --reward 0.25 --expires-in 1h",
        "OrderPlaced",
    );
    // 5 % below 130.
    assert_eq!((&placed["id"], &placed["acceptable_price"]), (&json!(1), &json!("123.5")));
    assert_eq!((&placed["share"], &placed["cancels"]), (&json!("100%"), &json!(0)));
    assert_eq!(before - stage.funds("trader"), 350_000);
    let order = stage.order(0, 1).expect("an order");
    assert_eq!((order.expires_at - order.placed_at, order.partner()), (3_600, Some(0)));

    assert_eq!(stage.row(0, "waiting")["trigger"], "≥ 180");
    assert_eq!(stage.row(1, "waiting")["trigger"], "≤ 130");
    stage.localnet.set_price(0, Price(1_800_000_000_000));
    stage.row(0, "triggered");
    stage.row(1, "waiting");

    let error =
        stage.fail("provider", &format!("order cancel {}", text(&stage.row(1, "waiting")["address"])));
    assert!(error.starts_with("the order is live: only"), "{error}");
    let cancelled = stage.effect("trader", "order cancel SOL/0 0", "OrderCancelled");
    assert_eq!((&cancelled["was"], &cancelled["refund"]), (&json!("cancelled"), &json!("0.1")));
    let error = stage.fail("trader", "order cancel SOL/0 0");
    assert!(error.starts_with("no order there"), "{error}");

    stage.text("trader", "position close SOL/0");
    assert_eq!(stage.row(1, "void")["why"], "its position is closed");
    let outcomes = stage.json(
        "provider",
        &format!("order cancel --all-void --owner {}", stage.localnet.keys().trader.pubkey()),
    );
    assert_eq!(outcomes[0]["effects"][0]["was"], "void");
    assert_eq!(outcomes[0]["effects"][0]["refund"], "0.25");
    assert_eq!(stage.json("trader", "order list"), json!([]));
    assert!(stage.text("trader", "order cancel --all-void").starts_with("No order is void"));
}

#[test]
fn a_position_is_opened_with_both_ends_and_a_stranger_closes_it() {
    let stage = Stage::new("bracket");
    let open = "position open SOL long --size 10 --margin 300 --take-profit 165 --stop-loss 140";
    let before = (stage.funds("trader"), stage.funds("provider"));
    let said = stage.text("trader", open);
    assert!(
        said.contains("; order 0 closes 100% of the position when the index price is 165 or above"),
        "{said}"
    );
    assert!(
        said.contains("; order 1 closes 100% of the position when the index price is 140 or below"),
        "{said}"
    );
    // Margin, and two rewards of 0.1.
    assert_eq!(before.0 - stage.funds("trader"), 300_200_000);
    let ends = [0, 1].map(|id| stage.order(0, id).expect("an order").partner());
    assert_eq!(ends, [Some(1), Some(0)]);

    stage.localnet.set_price(0, Price(1_390_000_000_000));
    assert!(stage.execute(0, 1));
    assert_eq!(stage.funds("provider") - before.1, 100_000);
    let shown = stage.json("trader", "position list");
    assert_eq!(shown[0]["side"], "empty");
    assert!(text(&stage.row(0, "void")["why"]).contains("liquidated since"));
    stage.effect("trader", "order cancel SOL/0 0", "OrderCancelled");
    stage.effect("trader", "position close SOL/0", "PositionClosed");

    let error = stage.fail("trader", &open.replace("165", "139"));
    assert!(error.starts_with("--take-profit: the index price is 139, it must be above that"), "{error}");
    let error = stage.fail("trader", "position open SOL short --size 1 --margin 50 --stop-loss 138");
    assert!(error.starts_with("--stop-loss: the index price is 139, it must be above that"), "{error}");
}

#[test]
fn an_entry_order_brings_its_position_along() {
    let stage = Stage::new("entry");
    let before = stage.funds("trader");
    let place = "order place limit SOL --side long --size 1 --margin 50 --trigger 145";
    let outcome = stage.json("trader", place);
    let events: Vec<&str> =
        outcome["effects"].as_array().unwrap().iter().map(|effect| text(&effect["event"])).collect();
    assert_eq!(events, ["PositionCreated", "OrderPlaced"]);
    assert_eq!(before - stage.funds("trader"), 50_100_000);
    let error = stage.fail("trader", "order place limit SOL/3 --size 1 --trigger 145");
    assert!(error.contains("an order that opens one needs --side"), "{error}");
    let error = stage.fail("trader", "order place stop SOL/0 --side short --size 1 --trigger 155");
    assert!(error.starts_with("--side: the position is there"), "{error}");

    stage.localnet.set_price(0, Price(1_450_000_000_000));
    assert!(stage.execute(0, 0));
    let position: Position = decode(&stage.account(&stage.position(0)).unwrap()).unwrap();
    // The fee of 145.00725725 × 500 ppm is 0.072503628625, rounded up.
    assert_eq!((position.size, position.margin), (1_000_000_000, 49_927_496));
    assert_eq!(stage.json("trader", "order list"), json!([]));
}

#[test]
fn an_order_that_makes_no_sense_is_refused_with_its_flag() {
    let stage = Stage::new("order-flags");
    stage.text("trader", "position open SOL long --size 1 --margin 50");
    for (line, expected) in [
        ("take-profit SOL/0", "a take-profit order needs --trigger"),
        ("take-profit SOL/0 --trigger 180 --size 1", "--size has no meaning for a take-profit order"),
        ("stop SOL/0 --trigger 180", "a stop order needs --size"),
        ("limit SOL/0 --trigger 140 --size 1 --share 5%", "--share has no meaning for a limit order"),
        ("market SOL/0 --size 1 --trigger 180", "--trigger has no meaning for a market order"),
        ("stop-loss SOL/0 --trigger 140 --share 101%", "--share: `101%` must be above 0% and at most 100%"),
        ("stop-loss SOL/0 --trigger 140 --expires-in 3w", "--expires-in: `3w` is no length of time"),
        ("stop-loss SOL/0 --trigger 140 --id 4 --cancels 4", "--cancels: an order cannot end itself"),
        ("stop-loss SOL/0 --trigger 140 --reward 2000000", "insufficient funds: 2000000 needed"),
        // The feed is pinned, so that it forgets its first price.
        ("market SOL/0 --size 1", "Delayed orders need a pull feed"),
    ] {
        let error = stage.fail("trader", &format!("order place {line}"));
        assert!(error.starts_with(expected), "{line}: {error}");
    }
    let error = stage.fail("trader", "order cancel SOL/0");
    assert!(error.contains("an order is MARKET/ID NUMBER"), "{error}");
}
