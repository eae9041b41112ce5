//! A path through an instruction: the benchmark counts it, the profile traces it.

use crate::stage::{Call, Setting, Stage};

/// Brings about the state that a path needs and says what to send.
pub type Prepare = Box<dyn Fn(&mut Stage) -> Call>;

/// One path through one instruction.
pub struct Case {
    pub instruction: &'static str,
    pub name: String,
    pub setting: Setting,
    pub samples: usize,
    pub prepare: Prepare,
}
