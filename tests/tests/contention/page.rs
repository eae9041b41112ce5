//! docs/contention.md is what was found.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use ringfence_testkit::compute::grouped;

use crate::block::{self, Full, Used, limits, limits_of_simd_0286};
use crate::fits::{By, Load, MIXTURE};
use crate::load::{KINDS, Kind};
use crate::locks;
use crate::measured::Executed;
use crate::text;

const MARKETS: u16 = 10;
/// Transactions that the scheduler is given.
const SCHEDULED: usize = 1_000;
/// Of a slot.
const MILLISECONDS: usize = 400;

fn count(number: usize) -> String {
    grouped(number.try_into().expect("a number"))
}

fn full(why: &Full) -> String {
    match why {
        Full::Block => "block".into(),
        Full::Accounts(keys) => locks::names(0, keys).join(", "),
    }
}

fn limits_table(page: &mut String) {
    page.push_str("| limit, in compute units | block | one account's writers |\n| --- | ---: | ---: |\n");
    for (name, limits) in [("Agave 4.2.2", limits()), ("once SIMD-0286 is active", limits_of_simd_0286())] {
        let (block, account) = (grouped(limits.block_cost), grouped(limits.account_cost));
        writeln!(page, "| {name} | {block} | {account} |").expect("a string");
    }
}

fn costs(page: &mut String, used: &BTreeMap<Kind, Used>) {
    page.push_str(text::COSTS);
    page.push_str("| transaction | signature | write locks | data | execution: asked | used | loaded data: asked | used | cost: asked | executed |\n");
    page.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (kind, ..) in KINDS {
        let (transaction, used) = Load::new(&[kind], 1, used).get(0);
        let (asked, executed) = (block::asked(&transaction), block::executed(&transaction, used));
        let cells = [
            asked.signatures,
            asked.write_locks,
            asked.data,
            asked.execution,
            executed.execution,
            asked.loaded,
            executed.loaded,
            asked.sum(),
            executed.sum(),
        ];
        writeln!(page, "| {} | {} |", kind.label(), cells.map(grouped).join(" | ")).expect("a string");
    }
}

fn fits(page: &mut String, used: &BTreeMap<Kind, Used>) {
    page.push_str(text::FITS);
    page.push_str("| transaction | all of them write | asked | executed | full | a second | over ten markets | full |\n");
    page.push_str("| --- | --- | ---: | ---: | --- | ---: | ---: | --- |\n");
    for (kind, ..) in KINDS {
        let pattern = [kind];
        let one = Load::new(&pattern, 1, used);
        let ((asked, _), (executed, why)) = (one.fill(limits(), By::Asked), one.fill(limits(), By::Executed));
        let shared: Vec<_> = locks::shared(kind).into_iter().collect();
        let written = if shared.is_empty() { "–".into() } else { locks::names(0, &shared).join(", ") };
        // What shares nothing within a market shares no more over ten.
        let over_ten = (!shared.is_empty())
            .then(|| Load::new(&pattern, MARKETS, used).fill(limits(), By::Executed))
            .map_or_else(|| ["–".into(), "–".into()], |(fit, why)| [count(fit), full(&why)]);
        let [asked, second, executed] = [asked, executed * 1_000 / MILLISECONDS, executed].map(count);
        let cells = [written, asked, executed, full(&why), second, over_ten.join(" | ")];
        writeln!(page, "| {} | {} |", kind.label(), cells.join(" | ")).expect("a string");
    }
}

fn loaded(page: &mut String, used: &BTreeMap<Kind, Used>) {
    page.push_str(text::LOADED);
    page.push_str("| transaction | bytes | cost asked: without a limit | with ours | fit a block: without | with | priority for the same fee |\n");
    page.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (kind, ..) in KINDS {
        let pattern = [kind];
        let limited = Load::new(&pattern, 1, used);
        let unlimited = Load::new(&pattern, 1, used).without_loaded_data();
        let asked = |load: &Load| block::asked(&load.get(0).0).sum();
        let fit = |load: &Load| count(load.fill(limits(), By::Asked).0);
        let (without, with) = (asked(&unlimited), asked(&limited));
        // In hundredths.
        let priority = (without + 1) * 100 / (with + 1);
        let cells = [
            grouped(used[&kind].loaded.into()),
            grouped(without),
            grouped(with),
            fit(&unlimited),
            fit(&limited),
            format!("{}.{:02}", priority / 100, priority % 100),
        ];
        writeln!(page, "| {} | {} |", kind.label(), cells.join(" | ")).expect("a string");
    }
}

fn sentences(page: &mut String, used: &BTreeMap<Kind, Used>) {
    let load = |kind: &'static [Kind], markets| Load::new(kind, markets, used);
    let (part, mixture) = (load(&[Kind::LiquidatePart], 1), load(&MIXTURE, 1));
    let (liquidations, _) = part.fill(limits(), By::Executed);
    let (later, _) = part.fill(limits_of_simd_0286(), By::Executed);
    let (whole, _) = load(&[Kind::LiquidateWhole], 1).fill(limits(), By::Executed);
    let (margins, why) = part.room_for(&load(&[Kind::AddMargin], 1), limits());
    assert_eq!(why, Full::Block, "margin changes have all of the block that is left");
    let (mixed, why) = mixture.fill(limits(), By::Executed);
    assert_eq!(full(&why), "market, pool vault", "the sentence below says so");
    let (more, _) = mixture.room_for(&load(&[Kind::AddMargin, Kind::RemoveMargin], 1), limits());
    let (ten, why) = load(&MIXTURE, MARKETS).fill(limits(), By::Executed);
    assert_eq!(why, Full::Block, "the sentence below says so");
    let per_second = count(liquidations * 1_000 / MILLISECONDS);
    let [liquidations, later, whole, margins, mixed, more, ten] =
        [liquidations, later, whole, margins, mixed, more, ten].map(count);
    write!(
        page,
        "\
- **A crash.** {liquidations} positions of one market can be liquidated in part in one block, or {whole} as a
  whole: {per_second} partial ones a second; {later} a block once SIMD-0286 is active. A block that is
  full of them still takes {margins} traders who add margin.
- **A mixture** of 60 % margin changes, 30 % trades and 10 % liquidations, all in one market: {mixed}
  transactions, then the market is full; the block has room for {more} more margin changes.
  Over ten markets it is {ten}, and the block is full.
"
    )
    .expect("a string");
}

fn parallel(page: &mut String, used: &BTreeMap<Kind, Used>) {
    page.push_str(text::PARALLEL);
    page.push_str("| 1,000 transactions | one market | ten markets |\n| --- | ---: | ---: |\n");
    let loads: [(&str, &[Kind]); 6] = [
        ("add_margin", &[Kind::AddMargin]),
        ("remove_margin", &[Kind::RemoveMargin]),
        ("place_order", &[Kind::PlaceOrder]),
        ("increase_position", &[Kind::IncreasePosition]),
        ("liquidate", &[Kind::LiquidatePart]),
        ("the mixture above", &MIXTURE),
    ];
    for (name, pattern) in loads {
        let [one, ten] = [1, MARKETS].map(|markets| Load::new(pattern, markets, used).speed_up(SCHEDULED));
        writeln!(page, "| {name} | {one:.2} | {ten:.2} |").expect("a string");
    }
}

fn write_locks(page: &mut String) {
    page.push_str(text::LOCKS);
    page.push_str("| written | instructions |\n| --- | --- |\n");
    for (written, instructions) in locks::instructions() {
        let written = if written.is_empty() { "nothing in common".into() } else { written.join(", ") };
        writeln!(page, "| {written} | {} |", instructions.join(", ")).expect("a string");
    }
}

fn page(used: &BTreeMap<Kind, Used>, catching_up: u64) -> String {
    let mut page = text::HEAD.to_owned();
    limits_table(&mut page);
    costs(&mut page, used);
    writeln!(
        page,
        "\nWhat comes first in a second accrues the market on its way: a liquidation takes {} units more.",
        grouped(catching_up)
    )
    .expect("a string");
    fits(&mut page, used);
    page.push('\n');
    sentences(&mut page, used);
    loaded(&mut page, used);
    parallel(&mut page, used);
    write_locks(&mut page);
    page.push_str(text::BEYOND);
    page
}

#[tokio::test]
async fn the_page_is_what_was_found() {
    let mut executed = Executed::start().await;
    let page = page(&executed.used().await, executed.catching_up().await);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/contention.md");
    if std::env::var_os("RINGFENCE_WRITE").is_some() {
        std::fs::write(&path, &page).expect("docs can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/contention.md is out of date: run again with RINGFENCE_WRITE=1");
}
