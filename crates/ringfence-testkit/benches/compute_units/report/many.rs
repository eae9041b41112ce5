//! That cost does not grow, and that transactions fit.

use std::fmt::Write;

use ringfence_testkit::compute::grouped;
use ringfence_testkit::growth::{CROWDS, Crowd};
use ringfence_testkit::wire;

use super::Report;
use crate::RANDOM_BOOKS;

impl Report<'_> {
    pub(super) fn growth(&self, page: &mut String) -> std::fmt::Result {
        writeln!(
            page,
            "## Among many\n\n\
             One life of a trader, a keeper and a provider with the same keys in the same market, among so many\n\
             positions of others there and so many markets of the exchange, each an account (and a vault) of\n\
             its own. The positions are of 10,000 SOL together, however many. Equal to the unit, as the test\n\
             `growth` asserts: no instruction reads a list, only sums. The sums themselves matter a little,\n\
             because arithmetic on large numbers takes other branches: the last column is the least and the\n\
             most over {} random books, of 1 to a million SOL a side.\n",
            grouped(RANDOM_BOOKS)
        )?;
        write!(page, "| instruction |")?;
        for Crowd { positions, markets } in CROWDS {
            let (positions, markets) = (plural(positions, "position"), plural(markets.into(), "market"));
            write!(page, " {positions}, {markets} |")?;
        }
        writeln!(page, " random books |\n| --- |{} ---: |", " ---: |".repeat(CROWDS.len()))?;
        for growth in self.growth {
            let units = growth.units.map(grouped).join(" | ");
            let (least, most) = growth.random;
            let random = if least == most {
                grouped(least)
            } else {
                format!("{} to {}", grouped(least), grouped(most))
            };
            writeln!(page, "| {} | {units} | {random} |", growth.step)?;
        }
        writeln!(page)
    }

    pub(super) fn transactions(&self, page: &mut String) -> std::fmt::Result {
        writeln!(
            page,
            "## Transactions\n\n\
             Bytes of signed legacy transactions without a lookup table; the most is {}. Alone: paid for by\n\
             the signer. Complete: every optional account named, a limit and a price of compute units and a\n\
             limit of loaded data set, the token accounts created that it takes from or pays into, all paid\n\
             for by somebody else, who signs too.\n\n\
             | instruction | accounts | alone | complete |\n| --- | ---: | ---: | ---: |",
            grouped(wire::MAX_TRANSACTION_BYTES as u64)
        )?;
        let bytes = |bytes: usize| grouped(bytes as u64);
        for it in wire::every_instruction() {
            let accounts = it.instruction.accounts.len();
            writeln!(
                page,
                "| {} | {accounts} | {} | {} |",
                it.name,
                bytes(it.alone()),
                bytes(it.complete())
            )?;
        }
        writeln!(page, "\n| at once, complete | bytes |\n| --- | ---: |")?;
        for (what, size) in wire::combinations() {
            writeln!(page, "| {what} | {} |", bytes(size))?;
        }
        writeln!(page)
    }
}

fn plural(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}
