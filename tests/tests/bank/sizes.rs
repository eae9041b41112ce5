//! Every instruction, by itself behind its compute budget with a price, fits into
//! a transaction without a lookup table.

use ringfence_client::state::{OrderKind, Side};
use ringfence_client::{CreatePositionArgs, OpenPositionArgs, compute, instructions as of, pda};
use ringfence_testkit::wire::{Complete, every_instruction, market, terms};
use ringfence_tests::bank::{MAX_TRANSACTION_SIZE, key, message, transaction_size};
use solana_signer::Signer;

#[test]
fn every_instruction_fits_without_a_lookup_table() {
    let payer = key(9).pubkey();
    let mut largest = (0, "");
    for Complete { name, instruction, .. } in every_instruction() {
        assert!(compute::instruction_limit(name).is_some(), "{name} has a documented limit");
        let size = transaction_size(&message(&payer, &compute::with_budget(&[instruction], 1), None));
        assert!(size <= MAX_TRANSACTION_SIZE, "{name}: {size} bytes");
        println!("{name}: {size} bytes");
        largest = largest.max((size, name));
    }
    println!("largest: {} with {} bytes", largest.1, largest.0);
}

/// A position is opened, at once or by a delayed order, with a take-profit and
/// a stop-loss in the same transaction, which its owner alone signs and pays for.
#[test]
fn a_position_and_both_its_ends_fit_without_a_lookup_table() {
    let [who, tokens, oracle, mint, referrer] = [1, 2, 3, 4, 5].map(|number| key(number).pubkey());
    let on = market(mint, oracle);
    let it = pda::position(&on.market, &who, 0);
    let referral = Some(pda::referral(&on.market, &referrer));
    let place = |id, kind, cancels| of::place_order(&on, it, who, tokens, id, terms(kind, cancels));
    let open = OpenPositionArgs { id: 0, side: Side::Long, size: 1, margin: 1, acceptable_price: 1 };
    let at_once = [
        of::open_position(&on, who, tokens, referral, open),
        place(0, OrderKind::TakeProfit, Some(1)),
        place(1, OrderKind::StopLoss, Some(0)),
    ];
    let delayed = [
        of::create_position(&on, who, referral, CreatePositionArgs { id: 0, side: Side::Long }),
        place(0, OrderKind::Delayed, None),
        place(1, OrderKind::TakeProfit, Some(2)),
        place(2, OrderKind::StopLoss, Some(1)),
    ];
    for (name, instructions) in [("at once", &at_once[..]), ("delayed", &delayed[..])] {
        let size = transaction_size(&message(&who, &compute::with_budget(instructions, 1), None));
        println!("{name}: {size} bytes");
        assert!(size <= MAX_TRANSACTION_SIZE, "{name}: {size} bytes");
    }
}

/// A transfer, whose size is well known: one signature, three keys, 12 bytes of data.
#[test]
fn sizes_are_counted_as_the_wire_has_them() {
    let [from, to, program] = [1, 2, 3].map(|number| key(number).pubkey());
    let accounts =
        vec![ringfence_client::AccountMeta::new(from, true), ringfence_client::AccountMeta::new(to, false)];
    let transfer = ringfence_client::Instruction { program_id: program, accounts, data: vec![0; 12] };
    // 1 + 64, 3, 1 + 3 × 32, 32, 1 + (1 + 1 + 2 + 1 + 12)
    assert_eq!(transaction_size(&message(&from, &[transfer], None)), 215);
}
