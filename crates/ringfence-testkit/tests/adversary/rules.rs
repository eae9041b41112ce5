//! The intended error of any set of accounts, from `declared.txt` and the
//! order in which Anchor checks: the types of all accounts, then those that
//! are made here, the constraints account by account, and last
//! what the instruction itself looks at.

use anchor_lang::prelude::{AccountMeta, Pubkey};
use anchor_lang::solana_program::bpf_loader_upgradeable;
use anchor_lang::system_program;
use anchor_spl::{token, token_2022};
use ringfence_client::accounts::{
    Exchange, LiquidityDeposit, Market, Order, ParamsProposal, Position, Referral, decode,
};
use ringfence_client::{Discriminator, PROGRAM_ID};
use ringfence_testkit::World;
use solana_account::Account;
use solana_instruction::error::InstructionError;

use crate::errors::Intended;

const DECLARED: &str = include_str!("declared.txt");

/// One account of an instruction as it is declared.
#[derive(Debug)]
pub struct Slot {
    pub name: &'static str,
    /// `signer`, `market`, `tokens`, ..., with what stands in brackets.
    pub kind: &'static str,
    pub of: Vec<&'static str>,
    pub constraints: Vec<&'static str>,
}

impl Slot {
    pub fn is_init(&self) -> bool {
        self.kind == "init"
    }

    pub fn writable(&self) -> bool {
        self.is_init() || self.constraints.contains(&"mut")
    }
}

#[derive(Debug)]
pub struct Rules {
    pub slots: Vec<Slot>,
    then: Vec<&'static str>,
}

/// `name(a,b)` as name and what is in the brackets.
fn call(text: &'static str) -> (&'static str, Vec<&'static str>) {
    let Some((name, rest)) = text.split_once('(') else { return (text, Vec::new()) };
    let inside = rest.strip_suffix(')').unwrap_or_else(|| panic!("{text}"));
    (name, inside.split(',').filter(|part| !part.is_empty()).collect())
}

/// What is declared for an instruction, with the two accounts for events that
/// each of them has.
pub fn rules(instruction: &str) -> Rules {
    let lines = DECLARED.lines().skip_while(|line| *line != instruction).skip(1);
    let mut rules = Rules { slots: Vec::new(), then: Vec::new() };
    for line in lines.take_while(|line| line.starts_with(' ')) {
        if let Some(then) = line.trim().strip_prefix("then ") {
            rules.then = then.split(' ').collect();
            continue;
        }
        let (name, rest) = line.trim().split_once(": ").unwrap_or_else(|| panic!("{line}"));
        let mut words = rest.split(' ');
        let (kind, of) = call(words.next().expect("a type"));
        rules.slots.push(Slot { name, kind, of, constraints: words.collect() });
    }
    assert!(!rules.slots.is_empty(), "{instruction} is not in declared.txt");
    for (name, kind) in [("event_authority", "event_authority"), ("program", "unchecked")] {
        rules.slots.push(Slot { name, kind, of: Vec::new(), constraints: Vec::new() });
    }
    rules
}

/// The instructions of `declared.txt`.
pub fn names() -> impl Iterator<Item = &'static str> {
    DECLARED.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
}

pub fn discriminator(kind: &str) -> Option<&'static [u8]> {
    Some(match kind.trim_end_matches('?') {
        "exchange" => Exchange::DISCRIMINATOR,
        "market" => Market::DISCRIMINATOR,
        "position" => Position::DISCRIMINATOR,
        "proposal" => ParamsProposal::DISCRIMINATOR,
        "deposit" => LiquidityDeposit::DISCRIMINATOR,
        "referral" => Referral::DISCRIMINATOR,
        "order" => Order::DISCRIMINATOR,
        _ => return None,
    })
}

/// Where an address lies in the bytes of an account of this kind.
pub fn offset(kind: &str, field: &str) -> Option<usize> {
    Some(match (kind.trim_end_matches('?'), field) {
        ("tokens" | "vault", "mint") => 0,
        ("tokens" | "vault", "owner") => 32,
        ("exchange", "admin") => 16,
        ("exchange", "pending_admin") => 48,
        ("exchange", "guardian") => 80,
        ("exchange", "treasury") => 112,
        ("market", "collateral_mint") => 32,
        ("market", "token_program") => 64,
        ("market", "pool_vault") => 96,
        ("market", "lp_mint") => 128,
        ("position" | "proposal" | "deposit" | "referral", "market") => 16,
        ("position", "owner") | ("proposal", "proposer") => 48,
        ("deposit", "provider") | ("referral", "referrer") => 48,
        ("order", "position") => 48,
        ("position", "delegate") | ("order", "trader") => 80,
        ("order", "escrow") => 112,
        ("position", "vault") => 112,
        ("program_data", "upgrade_authority") => 13,
        _ => return None,
    })
}

/// Layout versions of the accounts as design.md numbers them.
fn version(kind: &str) -> u8 {
    if matches!(kind, "market" | "position") { 2 } else { 1 }
}

fn is_token(account: &Account) -> bool {
    match account.data.len() {
        165 => account.data[108] != 0,
        longer => longer > 165 && account.data[165] == 2,
    }
}

fn is_mint(account: &Account) -> bool {
    match account.data.len() {
        82 => account.data[45] == 1,
        longer => longer > 165 && account.data[165] == 1,
    }
}

/// The runtime takes the right to write from the program that is called and
/// from its own.
fn writable(meta: &AccountMeta) -> bool {
    meta.is_writable && ![PROGRAM_ID, system_program::ID].contains(&meta.pubkey)
}

/// A set of accounts for an instruction, and the one that it was made from.
pub struct Given<'a> {
    pub world: &'a World,
    pub rules: &'a Rules,
    pub metas: &'a [AccountMeta],
    pub honest: &'a [AccountMeta],
}

type Judged = Result<(), Intended>;

fn check(holds: bool, error: &str) -> Judged {
    if holds { Ok(()) } else { Err(Intended::of(error)) }
}

impl Given<'_> {
    /// The error that has to come out; none where nothing is wrong.
    pub fn judge(&self) -> Judged {
        let slots = || self.rules.slots.iter().zip(self.metas);
        slots().try_for_each(|(slot, meta)| self.type_of(slot, meta))?;
        slots().filter(|(slot, _)| slot.is_init()).try_for_each(|(slot, _)| self.creation(slot))?;
        slots()
            .filter(|(slot, _)| !slot.is_init())
            .try_for_each(|(slot, meta)| self.constraints(slot, meta))?;
        self.rules.then.iter().try_for_each(|step| self.step(step))?;
        // events are sent by a call, which finds the program among the accounts
        let program = self.metas.iter().any(|meta| meta.pubkey == PROGRAM_ID);
        if program { Ok(()) } else { Err(Intended::runtime(&[InstructionError::MissingAccount])) }
    }

    fn index(&self, name: &str) -> usize {
        let found = self.rules.slots.iter().position(|slot| slot.name == name);
        found.unwrap_or_else(|| panic!("no account {name}"))
    }

    fn key(&self, name: &str) -> Pubkey {
        self.metas[self.index(name)].pubkey
    }

    fn kind(&self, name: &str) -> &'static str {
        self.rules.slots[self.index(name)].kind
    }

    fn account(&self, key: &Pubkey) -> Account {
        self.world.svm.get_account(key).unwrap_or_default()
    }

    /// `account` for its address, `account.field` for one stored in it.
    fn path(&self, path: &str) -> Pubkey {
        let Some((name, field)) = path.split_once('.') else { return self.key(path) };
        self.field(name, field)
    }

    fn field(&self, name: &str, field: &str) -> Pubkey {
        let account = self.account(&self.key(name));
        if field == "program" {
            return account.owner;
        }
        let kind = self.kind(name);
        let at = offset(kind, field).unwrap_or_else(|| panic!("{kind} has no {field}"));
        Pubkey::try_from(&account.data[at..at + 32]).expect("an address")
    }

    /// Left out where it may be.
    fn absent(&self, slot: &Slot, key: &Pubkey) -> bool {
        slot.kind.ends_with('?') && *key == PROGRAM_ID
    }

    fn type_of(&self, slot: &Slot, meta: &AccountMeta) -> Judged {
        let account = self.account(&meta.pubkey);
        let invalid = || Err(Intended::runtime(&[InstructionError::InvalidAccountData]));
        let exists = account.owner != system_program::ID || account.lamports > 0;
        match slot.kind {
            "signer" => check(meta.is_signer, "AccountNotSigner"),
            "system" => check(account.owner == system_program::ID, "AccountNotSystemOwned"),
            "tokens" | "mint" => {
                check(exists, "AccountNotInitialized")?;
                let owned = [token::ID, token_2022::ID].contains(&account.owner);
                check(owned, "AccountOwnedByWrongProgram")?;
                let right = if slot.kind == "mint" { is_mint(&account) } else { is_token(&account) };
                if right { Ok(()) } else { invalid() }
            }
            "token_program" => check([token::ID, token_2022::ID].contains(&meta.pubkey), "InvalidProgramId"),
            "program" => {
                let id = if slot.of == ["system"] { system_program::ID } else { PROGRAM_ID };
                check(meta.pubkey == id, "InvalidProgramId")
            }
            "program_data" => {
                check(exists, "AccountNotInitialized")?;
                check(account.owner == bpf_loader_upgradeable::ID, "AccountOwnedByWrongProgram")?;
                // the loader's number for program data; a program has another
                check(account.data[0] == 3, "AccountNotProgramData")
            }
            "init" | "new" | "derived" | "vault" | "unchecked" | "event_authority" => Ok(()),
            _ if self.absent(slot, &meta.pubkey) => Ok(()),
            kind => {
                let expected = discriminator(kind).unwrap_or_else(|| panic!("no type {kind}"));
                check(account.owner == PROGRAM_ID, "AccountOwnedByWrongProgram")?;
                let found = account.data.get(..8);
                check(found.is_some(), "AccountDiscriminatorNotFound")?;
                check(found == Some(expected), "AccountDiscriminatorMismatch")
            }
        }
    }

    /// Whether an account and those that its address comes from are the ones
    /// they were.
    fn derives(&self, slot: &Slot) -> bool {
        slot.of.iter().chain([&slot.name]).all(|name| {
            let index = self.index(name);
            self.metas[index].pubkey == self.honest[index].pubkey
        })
    }

    fn creation(&self, slot: &Slot) -> Judged {
        check(self.derives(slot), "ConstraintSeeds")?;
        let named = |prefix: &str| slot.constraints.iter().find_map(|word| word.strip_prefix(prefix));
        let payer = &self.metas[self.index(named("payer=").expect("a payer"))];
        // the runtime does not let a call write what its caller cannot
        if !writable(payer) || !writable(&self.metas[self.index(slot.name)]) {
            return Err(Intended::runtime(&[InstructionError::PrivilegeEscalation]));
        }
        check(self.account(&payer.pubkey).lamports > 0, "ResultWithNegativeLamports")?;
        match named("mint=") {
            Some(mint) if self.account(&self.key(mint)).owner != self.key("token_program") => {
                Err(Intended::runtime(&[InstructionError::IncorrectProgramId]))
            }
            _ => Ok(()),
        }
    }

    fn constraints(&self, slot: &Slot, meta: &AccountMeta) -> Judged {
        if self.absent(slot, &meta.pubkey) {
            return Ok(());
        }
        if slot.kind == "event_authority" {
            return check(meta.pubkey == self.honest[self.index(slot.name)].pubkey, "ConstraintAddress");
        }
        if slot.kind == "derived" {
            check(self.derives(slot), "ConstraintSeeds")?;
        }
        for word in &slot.constraints {
            if *word == "mut" {
                check(writable(meta), "ConstraintMut")?;
            } else if word.starts_with("payer=") {
                // `creation` looks at it
            } else if let Some(error) = word.strip_prefix("unsigned@") {
                let signs = |other: &AccountMeta| other.is_signer && other.pubkey == meta.pubkey;
                check(!self.metas.iter().any(signs), error)?;
            } else if let Some(others) = word.strip_prefix("apart=") {
                let apart = others.split(',').all(|other| meta.pubkey != self.key(other));
                check(apart, "ConstraintDuplicateMutableAccount")?;
            } else if let Some(destination) = word.strip_prefix("closes=") {
                check(meta.pubkey != self.key(destination), "ConstraintClose")?;
            } else {
                let (comparison, error) = word.split_once('@').unwrap_or_else(|| panic!("{word}"));
                let (fields, path) = comparison.split_once('=').unwrap_or((comparison, comparison));
                let other = self.path(path);
                let equal = fields.split('|').any(|field| self.field(slot.name, field) == other);
                check(equal, error)?;
            }
        }
        Ok(())
    }

    fn step(&self, step: &'static str) -> Judged {
        let (step, error) = step.split_once('@').unwrap_or((step, ""));
        let (what, of) = call(step);
        match what {
            "version" => {
                let (key, kind) = (self.key(of[0]), self.kind(of[0]).trim_end_matches('?'));
                let stored = self.account(&key).data.get(8).copied();
                let absent = self.absent(&self.rules.slots[self.index(of[0])], &key);
                check(absent || stored == Some(version(kind)), "UnsupportedVersion")
            }
            "migrates" => {
                let stored = self.account(&self.key(of[0])).data[8];
                check(stored != version(self.kind(of[0])), "NothingToMigrate")?;
                check(stored == 1, "UnsupportedVersion")
            }
            "equal" => {
                let (name, fields) = of[0].split_once('.').expect("a field");
                let signer = self.key(of[1]);
                check(fields.split('|').any(|field| self.field(name, field) == signer), error)
            }
            "oracle" => {
                let data = self.account(&self.key("market")).data;
                let market: Market = decode(&data).expect("a market");
                if market.settled_at != 0 {
                    return Ok(());
                }
                let (given, pinned) = (self.key("oracle"), market.oracle.account);
                check(pinned == Pubkey::default() || pinned == given, "OracleWrongAccount")?;
                let right = self.account(&self.honest[self.index("oracle")].pubkey);
                let account = self.account(&given);
                check(account.owner == right.owner, "OracleWrongOwner")?;
                // a price update: discriminator, authority, verification, feed
                let feed = |account: &Account| account.data.get(41..73).map(<[u8]>::to_vec);
                check(feed(&account) == feed(&right), "OracleWrongFeed")
            }
            "referral" => {
                let data = self.account(&self.key("position")).data;
                let position: Position = decode(&data).expect("a position");
                let given = Some(self.key("referral")).filter(|key| *key != PROGRAM_ID);
                check(position.referral == given.unwrap_or_default(), "WrongReferral")
            }
            "payee" => {
                let data = self.account(&self.key(of[0])).data;
                let delegated = data[72] != 0 || data[129] != 0;
                let own = self.field(of[0], "owner") == self.key(of[1]) && !delegated;
                check(own, "UnsafePayeeAccount")
            }
            "create" => self.creation(&self.rules.slots[self.index(of[0])]),
            // created at its own address: the program signs for no other
            "made" => {
                let index = self.index(of[0]);
                let own = self.metas[index].pubkey == self.honest[index].pubkey;
                let foreign = [InstructionError::PrivilegeEscalation];
                if own { Ok(()) } else { Err(Intended::runtime(&foreign)) }
            }
            "spends" => {
                self.token_program_of(of[0])?;
                check(self.field(of[0], "owner") == self.key(of[1]), "OwnerMismatch")
            }
            "receives" => self.token_program_of(of[0]),
            other => panic!("no step {other}"),
        }
    }

    /// A token account of the other token program is no account of this one:
    /// its program or the runtime says so, whoever looks first.
    fn token_program_of(&self, name: &str) -> Judged {
        let own = self.account(&self.key(name)).owner == self.key("token_program");
        let foreign = [InstructionError::IncorrectProgramId, InstructionError::ExternalAccountDataModified];
        if own { Ok(()) } else { Err(Intended::runtime(&foreign)) }
    }
}
