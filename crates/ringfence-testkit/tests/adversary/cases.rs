//! Every account of every instruction of the IDL, wrong in every way.

use ringfence_client::Instruction;
use ringfence_testkit::World;
use ringfence_testkit::substitution::snapshot;
use solana_transaction_error::TransactionError;

use crate::replacements::Cast;
use crate::rules::{Given, Rules, discriminator, names, rules};
use crate::stage::{Act, Declared, Source, Stage, covers, declared, initialization};

/// The ways in which an account is wrong, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    WrongOwner,
    WrongType,
    WrongMarket,
    WrongMint,
    OtherUser,
    Uninitialised,
    Duplicated,
    WrongTokenProgram,
    WrongDiscriminator,
    WrongVersion,
    NotSigned,
    ReadOnly,
}

const KINDS: [Kind; 8] = [
    Kind::WrongOwner,
    Kind::WrongType,
    Kind::WrongMarket,
    Kind::WrongMint,
    Kind::OtherUser,
    Kind::Uninitialised,
    Kind::Duplicated,
    Kind::WrongTokenProgram,
];

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongOwner => "wrong owner",
            Self::WrongType => "wrong type",
            Self::WrongMarket => "wrong market",
            Self::WrongMint => "wrong mint",
            Self::OtherUser => "other user",
            Self::Uninitialised => "uninitialised",
            Self::Duplicated => "duplicated",
            Self::WrongTokenProgram => "other token program",
            Self::WrongDiscriminator => "wrong discriminator",
            Self::WrongVersion => "wrong version",
            Self::NotSigned => "not signed",
            Self::ReadOnly => "read-only",
        }
    }
}

/// The name of a price's account that is not pinned.
pub const UNPINNED: &str = "oracle (not pinned)";

/// What came of one case.
pub struct Tried {
    pub account: &'static str,
    pub kind: Kind,
    /// The error, or why it may pass.
    pub outcome: Result<&'static str, String>,
}

/// All cases of one instruction.
pub struct Attacked {
    pub instruction: &'static str,
    pub tried: Vec<Tried>,
}

/// What the signer, or anybody, is free to choose; nothing else goes through.
fn free(instruction: &str, account: &str, kind: Kind) -> Option<&'static str> {
    use Kind::*;
    Some(match (instruction, account, kind) {
        ("liquidate", "liquidator", OtherUser | Uninitialised) => "anybody may liquidate",
        ("close_at_cap", "caller", OtherUser | Uninitialised) => "anybody may close at the cap",
        ("execute_order", "executor", OtherUser | Uninitialised) => "anybody may execute",
        ("execute_order", "executor_token_account", OtherUser) => "the keeper is paid wherever he says",
        ("cancel_order", "trader_token_account", OtherUser) => {
            "who placed it and cancels is paid wherever he says"
        }
        ("close_position" | "remove_margin", "owner_token_account", OtherUser) => {
            "the owner is paid wherever he says"
        }
        ("remove_liquidity", "provider_token_account", OtherUser) => "the provider is paid wherever he says",
        ("liquidate", "liquidator_token_account", OtherUser) => "the keeper is paid wherever he says",
        ("create_market", "collateral_mint", WrongMint) => "the admin chooses the collateral",
        ("announce_settlement" | "set_status", "market", WrongMarket) => {
            "it is the admin's to say of every market"
        }
        ("open_position" | "create_position", "referral", OtherUser) => "the trader says who brought him",
        ("open_position" | "create_position", "referral", Duplicated) => {
            "the program's own address stands for nobody"
        }
        ("initialize_exchange", "program", _) => "not read: the program is there as `ringfence`",
        // an exchange of another layout would need a migration of its own, which would check these
        (
            "nominate_admin" | "accept_admin" | "propose_params" | "cancel_params",
            "exchange",
            WrongVersion,
        )
        | ("collect_protocol_fees" | "close_market", "exchange", WrongVersion) => {
            "only the addresses in it are read, which no layout moves"
        }
        ("cancel_params", "market" | "proposal", WrongVersion) => {
            "what waits can be withdrawn in every layout"
        }
        _ => return None,
    })
}

/// One instruction under attack.
struct Attack<'a> {
    world: &'a mut World,
    act: &'a Act,
    rules: Rules,
    tried: Vec<Tried>,
    /// Cases that went otherwise than they have to.
    wrong: Vec<String>,
}

impl<'a> Attack<'a> {
    fn on(world: &'a mut World, act: &'a Act) -> Self {
        Self { world, act, rules: rules(act.name), tried: Vec::new(), wrong: Vec::new() }
    }

    /// Sends one case and compares what comes of it with the rules.
    fn send(&mut self, index: usize, kind: Kind, instruction: Instruction) {
        let slot = &self.rules.slots[index];
        let (name, account) = (self.act.name, slot.name);
        let honest = &self.act.instruction.accounts;
        let given = Given { world: self.world, rules: &self.rules, metas: &instruction.accounts, honest };
        let judged = given.judge();
        let before = snapshot(self.world);
        let svm = self.world.svm.clone();
        let result = self.world.send(&[instruction], &[]);
        let what = format!("{name}: {account} {}", kind.name());
        let outcome = match (judged, result) {
            (Err(intended), Err(failure)) => {
                if snapshot(self.world) != before {
                    self.wrong.push(format!("{what}: refused, but something changed"));
                }
                let found = match &failure.error {
                    TransactionError::InstructionError(0, error) => intended.errors.contains(error),
                    _ => false,
                };
                if !found {
                    let tail = failure.logs.iter().rev().take(3).rev();
                    let logs = tail.cloned().collect::<Vec<_>>().join("\n    ");
                    self.wrong
                        .push(format!("{what}: {}, not {:?}\n    {logs}", intended.name, failure.error));
                }
                Err(intended.name)
            }
            (Err(intended), Ok(_)) => {
                self.wrong.push(format!("{what}: {}, but it went through", intended.name));
                self.world.svm = svm;
                return;
            }
            (Ok(()), Ok(_)) => {
                self.world.svm = svm;
                let Some(reason) = free(name, account, kind) else {
                    self.wrong.push(format!("{what}: went through"));
                    return;
                };
                Ok(reason)
            }
            (Ok(()), Err(failure)) => {
                self.wrong.push(format!("{what}: no rule refuses it, but {:?}", failure.error));
                return;
            }
        };
        self.tried.push(Tried { account, kind, outcome });
    }

    fn replace(&mut self, cast: &Cast, index: usize) {
        for kind in KINDS {
            let slot = &self.rules.slots[index];
            for key in cast.replacements(self.world, self.act, slot, index, kind) {
                let mut instruction = self.act.instruction.clone();
                let meta = &mut instruction.accounts[index];
                meta.pubkey = key;
                // whoever has the key signs; nobody has one for what is there already
                meta.is_signer &= matches!(kind, Kind::OtherUser | Kind::Uninitialised);
                self.send(index, kind, instruction);
            }
        }
    }

    fn weaken(&mut self, index: usize) {
        let meta = &self.act.instruction.accounts[index];
        for (kind, flag) in [(Kind::NotSigned, meta.is_signer), (Kind::ReadOnly, meta.is_writable)] {
            if flag {
                let mut instruction = self.act.instruction.clone();
                let weaker = &mut instruction.accounts[index];
                weaker.is_signer &= kind != Kind::NotSigned;
                weaker.is_writable &= kind != Kind::ReadOnly;
                self.send(index, kind, instruction);
            }
        }
    }

    /// The account itself with another type or layout in its first bytes,
    /// which only a fault of the program could put there.
    fn tamper(&mut self, index: usize) {
        if discriminator(self.rules.slots[index].kind).is_none() {
            return;
        }
        let key = self.act.instruction.accounts[index].pubkey;
        let whole = self.world.svm.get_account(&key).expect("an account");
        for (kind, byte) in [(Kind::WrongDiscriminator, 0), (Kind::WrongVersion, 8)] {
            let mut account = whole.clone();
            account.data[byte] = account.data[byte].wrapping_add(77);
            self.world.svm.set_account(key, account).expect("an account");
            self.send(index, kind, self.act.instruction.clone());
            self.world.svm.set_account(key, whole.clone()).expect("an account");
        }
    }
}

fn attack(
    world: &mut World,
    act: &Act,
    cast: &Cast,
    declared: &[Declared],
    wrong: &mut Vec<String>,
) -> Attacked {
    let rules = rules(act.name);
    let own = declared.iter().find(|own| own.name == act.name).expect("an instruction of the IDL");
    let ours: Vec<_> = rules.slots.iter().map(|slot| slot.name.to_owned()).collect();
    assert_eq!(ours, own.accounts, "{}: declared.txt and the IDL", act.name);
    for (slot, meta) in rules.slots.iter().zip(&act.instruction.accounts) {
        assert_eq!((slot.kind == "signer", slot.writable()), (meta.is_signer, meta.is_writable), "{slot:?}");
    }
    let mut attack = Attack::on(world, act);
    for index in 0..attack.rules.slots.len() {
        attack.replace(cast, index);
        attack.tamper(index);
        attack.weaken(index);
        let account = attack.rules.slots[index].name;
        assert!(attack.tried.iter().any(|tried| tried.account == account) || !attack.wrong.is_empty());
    }
    wrong.append(&mut attack.wrong);
    let tried = attack.tried;
    // it was the change alone that was refused
    let whole = world.what_if(|world| world.send(std::slice::from_ref(&act.instruction), &[]));
    whole.unwrap_or_else(|failure| panic!("{}: {:?}", act.name, failure.error));
    Attacked { instruction: act.name, tried }
}

/// The price's account where the market pins none: its owner and its feed are
/// what counts.
fn unpinned(done: &mut [Attacked], wrong: &mut Vec<String>) {
    let mut stage = Stage::new(Source::AnyPull);
    let cast = Cast::of(&mut stage);
    for act in std::mem::take(&mut stage.acts) {
        let mut attack = Attack::on(&mut stage.world, &act);
        let Some(index) = attack.rules.slots.iter().position(|slot| slot.name == "oracle") else { continue };
        attack.replace(&cast, index);
        wrong.append(&mut attack.wrong);
        let tried = attack.tried.into_iter().map(|tried| Tried { account: UNPINNED, ..tried });
        let pinned = done.iter_mut().find(|done| done.instruction == act.name).expect("an instruction");
        let after = pinned.tried.iter().rposition(|tried| tried.account == "oracle").expect("an oracle");
        pinned.tried.splice(after + 1..after + 1, tried);
    }
}

/// Every case of every instruction, in the order of the stage.
pub fn all() -> Vec<Attacked> {
    let declared = declared();
    let (mut nowhere, initialize) = initialization();
    let mut stage = Stage::new(Source::PinnedPull);
    let acts = std::mem::take(&mut stage.acts);
    // something to pay out, so that it matters where it goes
    let close = acts.iter().find(|act| act.name == "close_market").expect("an act");
    let vault = rules(close.name).slots.iter().position(|slot| slot.name == "pool_vault").expect("a vault");
    stage.world.donate(close.instruction.accounts[vault].pubkey, 1);
    let idl = || declared.iter().map(|own| own.name.clone());
    covers(acts.iter().map(|act| act.name).chain([initialize.name]), idl());
    covers(names(), idl());

    let mut wrong = Vec::new();
    nowhere.fund(stage.attacker.pubkey());
    let cast = Cast::without_markets(&mut nowhere, &stage.attacker);
    let mut done = vec![attack(&mut nowhere, &initialize, &cast, &declared, &mut wrong)];
    let cast = Cast::of(&mut stage);
    for act in &acts {
        done.push(attack(&mut stage.world, act, &cast, &declared, &mut wrong));
    }
    unpinned(&mut done, &mut wrong);
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
    done
}
