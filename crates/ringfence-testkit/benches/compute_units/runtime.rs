//! What the runtime and the programs that are called charge, whoever calls:
//! what no program that moves tokens and records events can save.

use std::rc::Rc;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::instruction as token;
use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType;
use ringfence_client::state::Position;
use ringfence_client::{AccountMeta, Instruction, PROGRAM_ID, pda};
use ringfence_floor as floor;
use ringfence_testkit::{MintKind, ProgramError, World};
use solana_account::Account;
use solana_signer::Signer;

use crate::plain::build;
use crate::stage::{Setting, Stage};

/// Bytes of a token account.
const TOKEN_ACCOUNT: u64 = 165;

/// A thing that is charged for.
pub struct Charge {
    pub what: String,
    /// As the only instruction of a transaction, where it is an instruction.
    pub alone: Option<u64>,
    /// From a program, by difference: done twice less done once.
    pub called: Option<u64>,
}

/// Two of the same instruction that both succeed, one after the other.
type Twice = [Instruction; 2];

pub struct Probe {
    world: World,
}

impl Probe {
    pub fn new(program: &Rc<[u8]>) -> Result<Self, ProgramError> {
        let mut world = Stage::new(Setting::Common)?.world;
        world.svm.add_program(floor::ID, program).expect("a program");
        Ok(Self { world })
    }

    /// Everything, in the order of the page.
    pub fn charges(&mut self) -> Vec<Charge> {
        let mut charges = vec![Charge {
            what: "an Anchor program's entry, nothing done".into(),
            alone: Some(self.syscalls(floor::Syscall::Nothing, 0)),
            called: None,
        }];
        charges.extend(self.system());
        for (kind, name) in [
            (MintKind::Token, "SPL Token"),
            (MintKind::Token2022(vec![ExtensionType::MetadataPointer]), "Token-2022"),
        ] {
            charges.extend(self.token(&kind, name));
        }
        charges.extend(self.derived());
        charges
    }

    fn instruction(&mut self, what: impl Into<String>, twice: &Twice) -> Charge {
        Charge { what: what.into(), alone: Some(self.alone(&twice[0])), called: Some(self.called(twice)) }
    }

    fn system(&mut self) -> Vec<Charge> {
        let payer = self.world.payer.pubkey();
        let new_account = |key: Pubkey| {
            solana_system_interface::instruction::create_account(
                &payer,
                &key,
                1_000_000_000,
                Position::SIZE as u64,
                &PROGRAM_ID,
            )
        };
        let twice = [self.new_key(), self.new_key()].map(new_account);
        vec![self.instruction("system program: create_account", &twice)]
    }

    fn token(&mut self, kind: &MintKind, name: &str) -> Vec<Charge> {
        let (program, owner) = (kind.program(), self.world.payer.pubkey());
        let authority = self.world.admin.pubkey();
        let mint = self.world.create_mint(kind, 6);
        let mut empty = || self.world.create_token_account(mint, owner, 0);
        let (first, second) = (empty(), empty());
        let full = self.world.create_token_account(mint, owner, 1_000);
        let blank = [self.blank(program), self.blank(program)];
        // SPL Token's builders refuse the id of Token-2022, which takes the same bytes.
        let of = |built: Result<Instruction, anchor_lang::prelude::ProgramError>| Instruction {
            program_id: program,
            ..built.expect("an instruction of the token program")
        };
        let id = &anchor_spl::token::ID;
        let initialize = blank.map(|key| of(token::initialize_account3(id, &key, &mint, &owner)));
        let transfer = of(token::transfer(id, &full, &first, &owner, &[], 1));
        let mint_to = of(token::mint_to(id, &mint, &first, &authority, &[], 1));
        let burn = of(token::burn(id, &full, &mint, &owner, &[], 1));
        let close = [first, second].map(|key| of(token::close_account(id, &key, &owner, &owner, &[])));
        let same = |instruction: &Instruction| [instruction.clone(), instruction.clone()];
        vec![
            self.instruction(format!("{name}: initialize_account3"), &initialize),
            self.instruction(format!("{name}: transfer"), &same(&transfer)),
            self.instruction(format!("{name}: close_account"), &close),
            self.instruction(format!("{name}: mint_to"), &same(&mint_to)),
            self.instruction(format!("{name}: burn"), &same(&burn)),
        ]
    }

    /// Sysvars, and addresses derived.
    fn derived(&mut self) -> Vec<Charge> {
        let seed_of = |misses: u8| {
            let bump = |seed: &u8| {
                Pubkey::find_program_address(&[floor::PROBE_SEED, &[*seed]], &floor::ID).1 == 255 - misses
            };
            (0..=255).find(bump).expect("a seed with this bump")
        };
        let (hit, miss) = (seed_of(0), seed_of(1));
        let first = self.syscall(floor::Syscall::FindAddress { seed: hit });
        let second = self.syscall(floor::Syscall::FindAddress { seed: miss });
        let rows = [
            ("sysvar: clock", self.syscall(floor::Syscall::Clock)),
            ("sysvar: rent", self.syscall(floor::Syscall::Rent)),
            ("sysvar: last restart slot", self.syscall(floor::Syscall::LastRestartSlot)),
            ("create_program_address", self.syscall(floor::Syscall::CreateAddress { seed: hit, bump: 255 })),
            ("find_program_address, first try", first),
            ("find_program_address, each miss", second - first),
        ];
        rows.map(|(what, called)| Charge { what: what.into(), alone: None, called: Some(called) }).into()
    }

    /// A call of this program by itself with an event as its data.
    pub fn event(&mut self, data: &[u8]) -> Charge {
        let instruction = Instruction {
            program_id: PROGRAM_ID,
            accounts: vec![AccountMeta::new_readonly(pda::event_authority(), true)],
            data: data.to_vec(),
        };
        let what = format!("Ringfence: an event of {} bytes", data.len() - 16);
        self.instruction(what, &[instruction.clone(), instruction])
    }

    fn new_key(&mut self) -> Pubkey {
        self.world.new_key().pubkey()
    }

    /// An account of a token program with nothing in it.
    fn blank(&mut self, owner: Pubkey) -> Pubkey {
        let (key, data) = (self.new_key(), vec![0; TOKEN_ACCOUNT as usize]);
        let account = Account { lamports: 1_000_000_000, data, owner, ..Account::default() };
        self.world.svm.set_account(key, account).expect("an account");
        key
    }

    /// What a transaction takes that leaves everything as it was.
    fn units(&mut self, instruction: &Instruction) -> u64 {
        self.world.what_if(|world| match world.send(std::slice::from_ref(instruction), &[]) {
            Ok(receipt) => receipt.compute_units,
            Err(failure) => panic!("{instruction:?}: {failure:#?}"),
        })
    }

    fn alone(&mut self, instruction: &Instruction) -> u64 {
        self.units(instruction)
    }

    fn called(&mut self, twice: &Twice) -> u64 {
        let accounts_per_call = u8::try_from(twice[0].accounts.len()).expect("a few accounts");
        let mut of = |calls| {
            let data = twice[0].data.clone();
            let mut probe = build(
                floor::accounts::Probe {},
                floor::instruction::ProbeCalls { calls, accounts_per_call, data },
            );
            probe.accounts.push(AccountMeta::new_readonly(twice[0].program_id, false));
            probe.accounts.extend(twice.iter().flat_map(|call| call.accounts.clone()));
            self.units(&probe)
        };
        of(2) - of(1)
    }

    fn syscalls(&mut self, syscall: floor::Syscall, times: u8) -> u64 {
        let arguments = floor::instruction::ProbeSyscall { syscall, times };
        self.units(&build(floor::accounts::Probe {}, arguments))
    }

    /// One system call, without the loop around it.
    fn syscall(&mut self, syscall: floor::Syscall) -> u64 {
        let mut once = |syscall| self.syscalls(syscall, 2) - self.syscalls(syscall, 1);
        let with_loop = once(syscall);
        with_loop - once(floor::Syscall::Nothing)
    }
}
