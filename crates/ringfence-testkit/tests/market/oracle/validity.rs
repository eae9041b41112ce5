//! Every limit of a price's age, width, divergence and order, at its edge.

use ringfence_client::RingfenceError;
use ringfence_testkit::price;
use solana_last_restart_slot::LastRestartSlot;

use super::{SOURCES, Scene};

/// Runs a test on a market of each source.
fn on_each(mut test: impl FnMut(&mut Scene)) {
    for source in SOURCES {
        println!("{source:?}");
        test(&mut Scene::new(source));
    }
}

#[test]
fn a_fresh_and_narrow_price_is_good_for_everything() {
    on_each(|scene| {
        scene.publish(&scene.sound());
        scene.accepts("sound");
    });
}

#[test]
fn a_price_may_be_two_seconds_ahead_of_the_clock() {
    on_each(|scene| {
        let mut feed = scene.sound();
        feed.publish_time += 2;
        scene.publish(&feed);
        scene.accepts("2 s ahead");
        feed.publish_time += 1;
        scene.publish(&feed);
        scene.refuses("3 s ahead", RingfenceError::OracleFromTheFuture);
        feed.publish_time = i64::MAX;
        scene.publish(&feed);
        scene.refuses("far ahead", RingfenceError::OracleFromTheFuture);
    });
}

#[test]
fn a_price_is_never_older_than_the_last_one_accepted() {
    on_each(|scene| {
        let mut feed = scene.sound();
        feed.publish_time -= 20;
        scene.publish(&feed);
        scene.accept();
        scene.accepts("the same again");
        feed.publish_time -= 1;
        scene.publish(&feed);
        scene.refuses("a second older", RingfenceError::OracleOlderThanAccepted);
        feed.publish_time = i64::MIN + 1;
        scene.publish(&feed);
        scene.refuses("from the beginning of time", RingfenceError::OracleOlderThanAccepted);
    });
}

#[test]
fn a_price_ahead_of_the_clock_locks_nobody_out_once_it_is_reached() {
    on_each(|scene| {
        let mut feed = scene.sound();
        feed.publish_time += 2;
        scene.publish(&feed);
        scene.accept();
        let sound = scene.sound();
        scene.publish(&sound);
        scene.refuses("now, but older than accepted", RingfenceError::OracleOlderThanAccepted);
        scene.world.warp(2);
        scene.publish(&scene.sound());
        scene.accepts("two seconds later");
    });
}

#[test]
fn a_price_from_before_the_last_restart_is_none() {
    on_each(|scene| {
        let feed = scene.sound();
        scene.publish(&feed);
        scene.world.svm.set_sysvar(&LastRestartSlot { last_restart_slot: feed.slot });
        scene.accepts("of the slot of the restart");
        scene.world.svm.set_sysvar(&LastRestartSlot { last_restart_slot: feed.slot + 1 });
        scene.refuses("of the slot before", RingfenceError::OracleBeforeRestart);
    });
}

#[test]
fn each_class_of_action_has_its_age() {
    on_each(|scene| {
        let stale = Some(RingfenceError::OracleStale);
        let rows = [
            (60, None, None, None),
            (61, stale, None, None),
            (120, stale, None, None),
            (121, stale, stale, None),
            (300, stale, stale, None),
            (301, stale, stale, stale),
        ];
        for (age, add_risk, reduce_risk, liquidate) in rows {
            let mut feed = scene.sound();
            feed.publish_time -= age;
            scene.publish(&feed);
            scene.expect(&format!("{age} s old"), add_risk, reduce_risk, liquidate);
        }
    });
}

#[test]
fn each_class_of_action_has_its_width() {
    on_each(|scene| {
        let wide = Some(RingfenceError::OracleConfidenceTooWide);
        // 0.5, 1 and 2 % of 140, and a unit of 10^-10 more.
        let rows = [
            ("0.7", None, None, None),
            ("0.7000000001", wide, None, None),
            ("1.4", wide, None, None),
            ("1.4000000001", wide, wide, None),
            ("2.8", wide, wide, None),
            ("2.8000000001", wide, wide, wide),
            ("140", wide, wide, wide),
        ];
        for (confidence, add_risk, reduce_risk, liquidate) in rows {
            let mut feed = scene.sound();
            feed.confidence = price(confidence);
            scene.publish(&feed);
            scene.expect(&format!("140 +- {confidence}"), add_risk, reduce_risk, liquidate);
        }
        let mut feed = scene.sound();
        feed.confidence = u64::MAX;
        scene.publish(&feed);
        scene.expect("the widest there is", wide, wide, wide);
    });
}

#[test]
fn a_price_thirty_percent_from_its_average_is_the_last_one_taken() {
    on_each(|scene| {
        // Of the average: 100 ± 30, 200 ± 60.
        let rows = [
            ("130", "100", true),
            ("130", "99.9999999999", false),
            ("130.0000000001", "100", false),
            ("140", "200", true),
            ("140", "200.0000000001", false),
            ("139.9999999999", "200", false),
        ];
        for (at, ema, good) in rows {
            let mut feed = scene.sound();
            (feed.price, feed.ema) = (price(at) as i64, price(ema) as i64);
            scene.publish(&feed);
            let what = format!("{at} with an average of {ema}");
            if good {
                scene.accepts(&what);
            } else {
                scene.refuses(&what, RingfenceError::OracleDiverged);
            }
        }
    });
}

#[test]
fn a_feed_without_an_average_is_not_traded_on() {
    on_each(|scene| {
        for ema in [0, -1, i64::MIN] {
            let mut feed = scene.sound();
            feed.ema = ema;
            scene.publish(&feed);
            scene.refuses(&format!("average {ema}"), RingfenceError::OracleDiverged);
        }
    });
}

#[test]
fn prices_are_positive() {
    on_each(|scene| {
        for at in [0, -1, -1_400_000_000_000, i64::MIN] {
            let mut feed = scene.sound();
            feed.price = at;
            scene.publish(&feed);
            scene.refuses(&format!("a price of {at}"), RingfenceError::OraclePriceOutOfRange);
        }
    });
}

#[test]
fn the_worst_of_several_faults_decides() {
    on_each(|scene| {
        let (stale, wide) =
            (Some(RingfenceError::OracleStale), Some(RingfenceError::OracleConfidenceTooWide));
        // Each fault alone leaves closing, and both together do too.
        let mut feed = scene.sound();
        (feed.publish_time, feed.confidence) = (feed.publish_time - 100, price("1"));
        scene.publish(&feed);
        scene.expect("old and wide for opening", stale, None, None);
        // Too wide to close on, and only too old to open on.
        feed.confidence = price("2");
        scene.publish(&feed);
        scene.expect("too wide to close", wide, wide, None);
        // Too old to close on, and only too wide to open on.
        (feed.publish_time, feed.confidence) = (scene.sound().publish_time - 200, price("1"));
        scene.publish(&feed);
        scene.expect("too old to close", stale, stale, None);
        // Young, but too wide for anything.
        (feed.publish_time, feed.confidence) = (scene.sound().publish_time, price("3"));
        scene.publish(&feed);
        scene.expect("too wide for anything", wide, wide, wide);
        // Diverged weighs more than stale and wide.
        feed.publish_time -= 350;
        feed.ema = price("300") as i64;
        scene.publish(&feed);
        scene.refuses("everything at once", RingfenceError::OracleDiverged);
    });
}
