//! A sequence that fails, replayed, and made as short and simple as it can be
//! while it still does: chunks left out, then single actions, then smaller
//! numbers (delta debugging, Zeller and Hildebrandt 2002).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::action::Action;
use crate::judge::{self, Extra};
use crate::run::Run;
use crate::state::State;

/// From the world of a seed on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    pub seed: u64,
    pub actions: Vec<Action>,
}

/// Longest time that a failure is made smaller.
const PATIENCE: Duration = Duration::from_secs(150);

/// The folder of sequences that have failed once.
pub fn regressions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stateful/regressions")
}

/// A panic on the way is a failure too.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}

/// Where a sequence fails, and how; none where it does not.
pub fn failure(sequence: &Sequence, extra: Extra) -> Option<(usize, String)> {
    let mut run = Run::new(sequence.seed);
    let mut now = State::read(&run);
    for (index, action) in sequence.actions.iter().enumerate() {
        match guarded(|| judge::step(&mut run, &now, action, extra)) {
            Ok((after, _)) => now = after,
            Err(message) => return Some((index, message)),
        }
    }
    None
}

/// What a failure is about: the first word of its message.
fn subject(message: &str) -> &str {
    message.split(':').next().unwrap_or_default()
}

struct Shrinking {
    best: Sequence,
    message: String,
    extra: Extra,
    until: Instant,
}

impl Shrinking {
    /// Takes these actions where they fail in the same way.
    fn takes(&mut self, actions: Vec<Action>) -> bool {
        if Instant::now() > self.until {
            return false;
        }
        let tried = Sequence { seed: self.best.seed, actions };
        match failure(&tried, self.extra) {
            Some((index, message)) if subject(&message) == subject(&self.message) => {
                self.best = tried;
                self.best.actions.truncate(index + 1);
                self.message = message;
                true
            }
            _ => false,
        }
    }

    fn leave_out(&mut self) {
        let mut chunk = self.best.actions.len() / 2;
        while chunk > 0 {
            let mut end = self.best.actions.len();
            while end > 0 {
                let start = end.saturating_sub(chunk);
                let actions = &self.best.actions;
                self.takes([&actions[..start], &actions[end.min(actions.len())..]].concat());
                end = start.min(self.best.actions.len());
            }
            chunk /= 2;
        }
    }

    fn simplify(&mut self) {
        for index in 0..self.best.actions.len() {
            let action = serde_json::to_value(&self.best.actions[index]).expect("plain data");
            for number in 0..numbers(&action) {
                for change in [|_| 0, |_| 1, |it: u64| it / 10, |it: u64| it - it % 1_000_000] {
                    let Some(current) = self.best.actions.get(index) else { return };
                    let mut value = serde_json::to_value(current).expect("plain data");
                    if !replace(&mut value, &mut number.clone(), change) {
                        continue;
                    }
                    let Ok(simpler) = serde_json::from_value(value) else { continue };
                    let mut actions = self.best.actions.clone();
                    actions[index] = simpler;
                    if self.takes(actions) {
                        break;
                    }
                }
            }
        }
    }
}

/// How many numbers there are in it.
fn numbers(value: &Value) -> usize {
    match value {
        Value::Number(_) => 1,
        Value::Array(list) => list.iter().map(numbers).sum(),
        Value::Object(map) => map.values().map(numbers).sum(),
        _ => 0,
    }
}

/// Changes the number of this place; whether that made a difference.
fn replace(value: &mut Value, place: &mut usize, change: impl Fn(u64) -> u64 + Copy) -> bool {
    match value {
        Value::Number(number) => {
            let here = *place == 0;
            *place = place.wrapping_sub(1);
            let Some(old) = number.as_u64().filter(|_| here) else { return false };
            *number = change(old).into();
            change(old) != old
        }
        Value::Array(list) => list.iter_mut().any(|value| replace(value, place, change)),
        Value::Object(map) => map.values_mut().any(|value| replace(value, place, change)),
        _ => false,
    }
}

/// The shortest sequence that could be found, and how it fails.
pub fn shrunk(sequence: Sequence, message: String, extra: Extra) -> (Sequence, String) {
    let mut shrinking = Shrinking { best: sequence, message, extra, until: Instant::now() + PATIENCE };
    shrinking.leave_out();
    shrinking.simplify();
    shrinking.leave_out();
    (shrinking.best, shrinking.message)
}

/// Writes a sequence into the folder that is replayed first; where it is.
pub fn keep(sequence: &Sequence) -> PathBuf {
    let path = regressions().join(format!("seed-{}.json", sequence.seed));
    std::fs::write(&path, text(sequence)).expect("a file");
    path
}

/// One action a line.
pub fn text(sequence: &Sequence) -> String {
    let line = |action| serde_json::to_string(action).expect("plain data");
    let lines: Vec<String> = sequence.actions.iter().map(line).collect();
    format!("{{\"seed\":{},\"actions\":[\n{}\n]}}\n", sequence.seed, lines.join(",\n"))
}
