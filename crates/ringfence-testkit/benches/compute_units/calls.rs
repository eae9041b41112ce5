//! The calls to other programs, and to itself, that an instruction makes.

use anchor_lang::event::EVENT_IX_TAG_LE;
use anchor_lang::prelude::Pubkey;
use anchor_lang::system_program;
use ringfence_client::{Instruction, PROGRAM_ID};
use ringfence_testkit::World;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;

use crate::runtime::{Charge, Probe};

/// An instruction that another one has called.
pub struct Inner {
    program: Pubkey,
    data: Vec<u8>,
}

/// All calls of an instruction, in their order; nothing is changed.
///
/// # Panics
/// Where it is refused.
pub fn of(world: &World, instruction: &Instruction) -> Vec<Inner> {
    let message = Message::new(std::slice::from_ref(instruction), Some(&world.payer.pubkey()));
    let keys = message.account_keys.clone();
    let simulated = world.svm.simulate_transaction(Transaction::new_unsigned(message));
    let meta = simulated.unwrap_or_else(|failed| panic!("{instruction:?}: {:?}", failed.err)).meta;
    let inner = meta.inner_instructions.into_iter().flatten().map(|call| call.instruction);
    inner.map(|call| Inner { program: keys[usize::from(call.program_id_index)], data: call.data }).collect()
}

impl Inner {
    /// The data of an event that the program records.
    pub fn event(&self) -> Option<&[u8]> {
        let is_event = self.program == PROGRAM_ID && self.data.starts_with(EVENT_IX_TAG_LE);
        is_event.then_some(&self.data)
    }

    /// What it is called in the table of charges.
    fn name(&self) -> &'static str {
        match (self.program, self.data.first()) {
            (system_program::ID, Some(0)) => "system program: create_account",
            (anchor_spl::token::ID, Some(3)) => "SPL Token: transfer",
            (anchor_spl::token::ID, Some(7)) => "SPL Token: mint_to",
            (anchor_spl::token::ID, Some(8)) => "SPL Token: burn",
            (anchor_spl::token::ID, Some(9)) => "SPL Token: close_account",
            (anchor_spl::token::ID, Some(18)) => "SPL Token: initialize_account3",
            (program, tag) => panic!("{program}, {tag:?}: a call that the table of charges does not have"),
        }
    }

    /// What it costs whoever makes it.
    pub fn charge(&self, charges: &[Charge], probe: &mut Probe) -> u64 {
        if let Some(data) = self.event() {
            return probe.event(data).called.expect("an event is called");
        }
        let name = self.name();
        let named = charges.iter().find(|charge| charge.what == name);
        named.and_then(|charge| charge.called).unwrap_or_else(|| panic!("no charge for {name}"))
    }
}
