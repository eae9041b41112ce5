//! The same operations in a plain vault program, and in two peers.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use anchor_lang::prelude::Pubkey;
use anchor_lang::{InstructionData, ToAccountMetas, system_program};
use ringfence_client::Instruction;
use ringfence_floor as floor;
use ringfence_testkit::{Trader, quote};

use crate::case::Case;
use crate::paths::SAMPLES;
use crate::stage::{Call, Setting, Stage};

/// What Ringfence's paths are compared with.
pub struct Comparison {
    pub what: &'static str,
    /// Instruction and path here.
    pub ours: (&'static str, &'static str),
    /// The plain vault's instruction; it does not liquidate.
    pub plain: Option<&'static str>,
    /// Medians of the peers; none for what they do not have.
    pub peers: [Option<u64>; 2],
}

/// Two published programs, ported to Anchor 1.2.2 where they were older, built
/// with the same toolchain and measured on the same runtime: SBPF v3, Agave
/// 4.2.2. Both keep all collateral in one vault and an entry for each
/// position, and neither records events by a call of its own, so that both do
/// less than is done here. Borsh accounts; the first searches its bumps, the
/// second stores them.
pub const PEERS: [&str; 2] = ["QuickNode sample", "solana-labs/perpetuals"];

pub const COMPARISONS: [Comparison; 8] = [
    Comparison {
        what: "open, long",
        ours: ("open_position", "long"),
        plain: Some("open"),
        peers: [Some(23_176), Some(50_253)],
    },
    Comparison {
        what: "open, short",
        ours: ("open_position", "short"),
        plain: Some("open"),
        peers: [Some(24_668), Some(52_677)],
    },
    Comparison {
        what: "add margin",
        ours: ("add_margin", "by the owner"),
        plain: Some("add_margin"),
        peers: [None, Some(37_064)],
    },
    Comparison {
        what: "remove margin",
        ours: ("remove_margin", "long, unrealised gain"),
        plain: Some("remove_margin"),
        peers: [None, None],
    },
    Comparison {
        what: "close, long",
        ours: ("close_position", "long, gain"),
        plain: Some("close"),
        peers: [Some(23_159), Some(44_508)],
    },
    Comparison {
        what: "close, short",
        ours: ("close_position", "short, gain"),
        plain: Some("close"),
        peers: [Some(24_246), Some(43_431)],
    },
    Comparison {
        what: "liquidate all of it, solvent",
        ours: ("liquidate", "long, solvent"),
        plain: None,
        peers: [Some(29_371), Some(49_730)],
    },
    Comparison {
        what: "liquidate all of it, bankrupt",
        ours: ("liquidate", "long, bankrupt, insured"),
        plain: None,
        peers: [Some(24_197), None],
    },
];

/// The bytecode of the plain vault; says how to build it where there is none.
pub fn program() -> Result<Rc<[u8]>, String> {
    let path = path();
    let read = std::fs::read(&path).map_err(|cause| {
        let path = path.display();
        format!("cannot load the plain vault {path}: {cause}; build it with: toolchain/build crates/ringfence-floor")
    });
    Ok(read?.into())
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deploy/ringfence_floor.so")
}

/// The plain vault's instructions, by as many random owners, ids and amounts
/// as each of the paths.
pub fn cases(program: &Rc<[u8]>) -> Vec<Case> {
    let case = |instruction, prepare: fn(&mut Stage) -> Call| {
        let program = Rc::clone(program);
        let prepare = Box::new(move |stage: &mut Stage| {
            if stage.world.svm.get_account(&floor::ID).is_none() {
                stage.world.svm.add_program(floor::ID, &program).expect("a program");
            }
            prepare(stage).without_event()
        });
        let (name, setting) = ("plain vault".to_owned(), Setting::Common);
        Case { instruction, name, setting, samples: SAMPLES, prepare }
    };
    vec![
        case("open", |stage| {
            let (owner, id) = (stage.trader(), stage.id());
            let (_, margin) = stage.stake(5);
            Call::new(open(stage, &owner, id, margin).0, &owner.key)
        }),
        case("add_margin", |stage| {
            let held = Plain::opened(stage);
            let amount = stage.random(1..=quote("1_000"));
            let accounts = floor::accounts::AddMargin {
                payer: held.owner.pubkey(),
                payer_token_account: stage.world.tokens_of(stage.market, &held.owner),
                vault: held.vault,
                tokens: held.tokens,
                token_program: anchor_spl::token::ID,
            };
            Call::new(build(accounts, floor::instruction::AddMargin { amount }), &held.owner.key)
        }),
        case("remove_margin", |stage| {
            let held = Plain::opened(stage);
            let amount = stage.random(1..=held.margin / 5);
            let accounts = floor::accounts::RemoveMargin {
                owner: held.owner.pubkey(),
                owner_token_account: stage.world.tokens_of(stage.market, &held.owner),
                vault: held.vault,
                tokens: held.tokens,
                token_program: anchor_spl::token::ID,
            };
            Call::new(build(accounts, floor::instruction::RemoveMargin { amount }), &held.owner.key)
        }),
        case("close", |stage| {
            let held = Plain::opened(stage);
            let accounts = floor::accounts::Close {
                owner: held.owner.pubkey(),
                owner_token_account: stage.world.tokens_of(stage.market, &held.owner),
                vault: held.vault,
                tokens: held.tokens,
                token_program: anchor_spl::token::ID,
            };
            Call::new(build(accounts, floor::instruction::Close {}), &held.owner.key)
        }),
    ]
}

/// A plain vault with something in it.
struct Plain {
    owner: Trader,
    vault: Pubkey,
    tokens: Pubkey,
    margin: u64,
}

impl Plain {
    fn opened(stage: &mut Stage) -> Self {
        let (owner, id) = (stage.trader(), stage.id());
        let (_, margin) = stage.stake(5);
        let (instruction, vault, tokens) = open(stage, &owner, id, margin);
        stage.world.send(&[instruction], &[&owner.key]).expect("open");
        Self { owner, vault, tokens, margin }
    }
}

/// The instruction, the account and its vault.
fn open(stage: &mut Stage, owner: &Trader, id: u16, amount: u64) -> (Instruction, Pubkey, Pubkey) {
    let mint = stage.world.markets[stage.market.0].accounts.collateral_mint;
    let derive = |seeds: &[&[u8]]| Pubkey::find_program_address(seeds, &floor::ID).0;
    let vault = derive(&[floor::ACCOUNT_SEED, mint.as_ref(), owner.pubkey().as_ref(), &id.to_le_bytes()]);
    let tokens = derive(&[floor::VAULT_SEED, vault.as_ref()]);
    let accounts = floor::accounts::Open {
        owner: owner.pubkey(),
        owner_token_account: stage.world.tokens_of(stage.market, owner),
        vault,
        tokens,
        mint,
        token_program: anchor_spl::token::ID,
        system_program: system_program::ID,
    };
    (build(accounts, floor::instruction::Open { id, amount }), vault, tokens)
}

pub fn build(accounts: impl ToAccountMetas, arguments: impl InstructionData) -> Instruction {
    Instruction { program_id: floor::ID, accounts: accounts.to_account_metas(None), data: arguments.data() }
}
