//! Which accounts transactions of different people have in common, and which
//! instruction locks what of a market.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anchor_lang::prelude::Pubkey;
use ringfence_client::pda;
use solana_svm_transaction::svm_message::SVMMessage;

use crate::load::{KINDS, Kind, Parsed, Party, market};

pub fn writes(transaction: &Parsed) -> BTreeSet<Pubkey> {
    let keys = transaction.account_keys();
    keys.iter()
        .enumerate()
        .filter(|(index, _)| transaction.is_writable(*index))
        .map(|(_, key)| *key)
        .collect()
}

/// What two parties of one market both write.
pub fn shared(kind: Kind) -> BTreeSet<Pubkey> {
    let written = |number| {
        let party = Party::new(kind, market(0), number);
        writes(&party.sign(&[party.instruction(kind)]))
    };
    &written(1) & &written(2)
}

/// The names of a market's accounts among these, in this order.
pub fn names(index: u16, keys: &[Pubkey]) -> Vec<&'static str> {
    let on = market(index);
    let known = [(on.market, "market"), (on.pool_vault, "pool vault"), (on.lp_mint, "LP mint")];
    assert!(keys.iter().all(|key| known.iter().any(|(it, _)| it == key)), "{keys:?}");
    known.iter().filter(|(key, _)| keys.contains(key)).map(|(_, name)| *name).collect()
}

/// An account of an instruction: its name, and whether it is locked to be written.
type Accounts = Vec<(String, bool)>;

/// The accounts of every instruction by the IDL.
fn idl() -> BTreeMap<String, Accounts> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../idl/ringfence.json");
    let text = std::fs::read_to_string(path).expect("the IDL");
    let idl: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let list = |value: &serde_json::Value| value.as_array().expect("a list").clone();
    let name = |value: &serde_json::Value| value["name"].as_str().expect("a name").to_owned();
    let accounts = |instruction: &serde_json::Value| {
        let of = list(&instruction["accounts"]);
        of.iter().map(|it| (name(it), it["writable"].as_bool().unwrap_or(false))).collect()
    };
    list(&idl["instructions"]).iter().map(|it| (name(it), accounts(it))).collect()
}

/// Every instruction by what it writes of the accounts that all of a market's
/// users share: the exchange, the market, its pool vault and its LP mint.
pub fn instructions() -> BTreeMap<Vec<String>, Vec<String>> {
    let mut groups = BTreeMap::<Vec<String>, Vec<String>>::new();
    for (name, accounts) in idl() {
        let shared = ["exchange", "market", "pool_vault", "lp_mint"];
        let is_written = |it: &&str| accounts.iter().any(|(name, writable)| name == it && *writable);
        let written = shared.iter().filter(|it| is_written(it)).map(|it| (*it).to_owned()).collect();
        groups.entry(written).or_default().push(name);
    }
    groups
}

#[test]
fn margin_changes_and_orders_write_nothing_that_others_write() {
    for kind in [Kind::AddMargin, Kind::RemoveMargin, Kind::PlaceOrder] {
        assert!(shared(kind).is_empty(), "{kind:?}: {:?}", shared(kind));
    }
    // One's own: the payer, his token account, the position, its vault; for an order, its account and escrow.
    let number = |kind| {
        let party = Party::new(kind, market(0), 1);
        writes(&party.sign(&[party.instruction(kind)])).len()
    };
    assert_eq!([Kind::AddMargin, Kind::RemoveMargin, Kind::PlaceOrder].map(number), [4, 4, 5]);
}

#[test]
fn trades_of_a_market_write_the_market_and_its_pool_vault_and_nothing_else_in_common() {
    use Kind::*;
    let trades = [
        OpenPosition,
        IncreasePosition,
        DecreasePosition,
        ClosePosition,
        ExecuteOrder,
        LiquidatePart,
        LiquidateWhole,
        AddLiquidity,
    ];
    for kind in trades {
        assert_eq!(
            names(0, &shared(kind).into_iter().collect::<Vec<_>>()),
            ["market", "pool vault"],
            "{kind:?}"
        );
    }
    assert_eq!(names(0, &shared(Accrue).into_iter().collect::<Vec<_>>()), ["market"]);
}

#[test]
fn markets_share_nothing_that_is_written() {
    for (kind, ..) in KINDS {
        let written = |index| {
            let party = Party::new(kind, market(index), 1);
            writes(&party.sign(&[party.instruction(kind)]))
        };
        let both = &written(0) & &written(1);
        assert!(both.is_empty(), "{kind:?}: {both:?}");
        assert!(!written(0).contains(&pda::exchange()), "{kind:?}");
    }
}

#[test]
fn only_the_admin_writes_the_exchange() {
    let writers = instructions().into_iter().filter(|(written, _)| written.iter().any(|it| it == "exchange"));
    let names: BTreeSet<String> = writers.flat_map(|(_, names)| names).collect();
    let admin = ["accept_admin", "create_market", "initialize_exchange", "nominate_admin"];
    assert_eq!(names, admin.map(String::from).into());
}
