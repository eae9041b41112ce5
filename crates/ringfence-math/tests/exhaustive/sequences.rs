//! Every sequence of decreases that closes a position.

use ringfence_math::{Quote, Side, Size, entry_notional_share, reserve_share};

/// Closes `size` in every sequence of parts there is: no part is more than what
/// is left, and the last leaves nothing, so that they sum to the whole.
fn every_sequence(left: u64, size: u64, share: &dyn Fn(Quote, Size, Size) -> Quote, count: &mut u64) {
    if size == 0 {
        assert_eq!(left, 0, "nothing stays when all is closed");
        *count += 1;
        return;
    }
    for closed in 1..=size {
        let part = share(Quote(left), Size(closed), Size(size)).0;
        assert!(part <= left, "{part} of {left} for {closed} of {size}");
        every_sequence(left - part, size - closed, share, count);
    }
}

#[test]
fn parts_of_every_sequence_of_decreases_sum_to_the_whole() {
    let mut cases = 0;
    for size in 1..=9 {
        for whole in 0..=40 {
            for side in [Side::Long, Side::Short] {
                let share = |left, closed, size| entry_notional_share(side, left, closed, size).unwrap();
                every_sequence(whole, size, &share, &mut cases);
            }
            let share = |left, closed, size| reserve_share(left, closed, size).unwrap();
            every_sequence(whole, size, &share, &mut cases);
        }
    }
    println!("entry-notional and reserve shares over every sequence of decreases: {cases} cases");
}
