//! Tables that more than one command prints.

use crate::decimal::format_readable;
use crate::simulation::{Holdings, Kind, Spread};
use crate::table::{Align, Table};

/// Least, middle and most compute units of each instruction.
pub fn compute_units(spreads: &[(Kind, Spread)]) -> String {
    let mut table = Table::new(&[
        ("compute units", Align::Left),
        ("calls", Align::Right),
        ("min", Align::Right),
        ("median", Align::Right),
        ("max", Align::Right),
    ]);
    let number = |units: u64| format_readable(i128::from(units), 0, 0);
    let or_dash = |units: Option<u64>| units.map_or("–".to_owned(), number);
    for (kind, spread) in spreads {
        table.row([
            kind.name().to_owned(),
            number(spread.count),
            or_dash(spread.min),
            or_dash(spread.median),
            or_dash(spread.max),
        ]);
    }
    table.render()
}

/// Where every atom is, and that none is missing.
pub fn books(holdings: &Holdings) -> String {
    let mut table = Table::new(&[("books, quote", Align::Left), ("", Align::Right)]);
    let money = |atoms: i128| format_readable(atoms, 6, 6);
    let rows = [
        ("traders' wallets", holdings.wallets),
        ("position vaults", holdings.vaults),
        ("pool: liquidity", holdings.liquidity),
        ("pool: insurance", holdings.insurance),
        ("pool: protocol fees", holdings.protocol_fees),
        ("order escrows", holdings.escrows),
        ("liquidator", holdings.keeper),
    ];
    // Where nobody places orders, none has an escrow.
    for (what, atoms) in rows.into_iter().filter(|(what, atoms)| *atoms > 0 || *what != "order escrows") {
        table.row([what.to_owned(), money(i128::from(atoms))]);
    }
    table.row(["issued".to_owned(), money(i128::from(holdings.issued))]);
    table.row(["missing".to_owned(), money(holdings.difference())]);
    table.render()
}
