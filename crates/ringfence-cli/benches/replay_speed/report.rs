//! The ratios, and what they must be.

use crate::bare::Pace;

/// The least share of a transfer loop's pace, for each core.
const THIRD: f64 = 1.0 / 3.0;

/// The least share of a replay's time that is the SVM's: the rest is ours.
const SVM_SHARE: f64 = 0.8;

const LOOPS: [&str; 4] = [
    "transfers, LiteSVM as it comes",
    "transfers, checks off",
    "token transfers, checks off",
    "`add_margin`, checks off",
];

/// The best of all rounds.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    pub cores: usize,
    /// As in [`LOOPS`].
    pub loops: [Pace; 4],
    pub replay: Pace,
    /// Of the replay's time.
    pub svm_share: f64,
    /// One job, and one for each core.
    pub sweep: Pace,
    pub all_cores: Pace,
    /// One job's time ÷ that of all cores.
    pub speed_up: f64,
}

impl Measured {
    pub fn table(&self) -> String {
        let sweep = format!("sweep, {} jobs", self.cores);
        let rows = LOOPS.into_iter().zip(self.loops).chain([
            ("replay", self.replay),
            ("sweep, 1 job", self.sweep),
            (&sweep, self.all_cores),
        ]);
        let mut text = "\
            | on one core, for each second | CU each | ÷ transfers, LiteSVM as it comes \
            | ÷ transfers, checks off | CU ÷ those of transfers, checks off |\n\
            | --- | ---: | ---: | ---: | ---: |\n"
            .to_owned();
        for (name, pace) in rows {
            let cells = self.ratios(pace).map(|ratio| format!("{ratio:.3}")).join(" | ");
            text += &format!("| {name} | {:.0} | {cells} |\n", pace.units_each());
        }
        text + &format!(
            "\nOf a replay's time {:.0} % is the SVM's. {} jobs took 1 ÷ {:.2} of one job's time.\n\
             Here, a second: {:.0} transfers on LiteSVM as it comes, {:.0} transactions of a replay.",
            self.svm_share * 100.0,
            self.cores,
            self.speed_up,
            self.loops[0].per_second(),
            self.replay.per_second()
        )
    }

    /// Of transactions to both loops of transfers, and of compute units.
    fn ratios(&self, pace: Pace) -> [f64; 3] {
        let [signed, unsigned, ..] = self.loops;
        [
            pace.per_second() / signed.per_second(),
            pace.per_second() / unsigned.per_second(),
            pace.units_per_second() / unsigned.units_per_second(),
        ]
    }

    /// What falls short of its bound.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let mut at_least = |what: &str, least: f64, found: f64| {
            if found < least {
                failures.push(format!("{what}: {found:.3}, must be {least:.3} or more"));
            }
        };
        for (name, pace) in [("replay", self.replay), ("sweep on all cores", self.all_cores)] {
            let [transactions, _, units] = self.ratios(pace);
            at_least(&format!("{name} ÷ transfers on LiteSVM as it comes"), THIRD, transactions);
            at_least(&format!("{name}, CU ÷ those of transfers with the checks off"), THIRD, units);
        }
        at_least("the SVM's share of a replay's time", SVM_SHARE, self.svm_share);
        failures
    }
}
