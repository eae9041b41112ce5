//! What stands in an account's place, for each way of being wrong.

use anchor_lang::prelude::Pubkey;
use anchor_lang::system_program;
use anchor_spl::{token, token_2022};
use ringfence_client::{PROGRAM_ID, pda};
use ringfence_testkit::pyth::account_of;
use ringfence_testkit::substitution::copy_of;
use ringfence_testkit::tokens::read_token;
use ringfence_testkit::{MarketId, MintKind, Trader, World};
use solana_signer::Signer;

use crate::cases::Kind;
use crate::rules::{Slot, offset};
use crate::stage::{Act, Stage};

/// Who and what is put into other accounts' places.
pub struct Cast {
    /// The market of most acts, and another one of the same collateral.
    markets: Option<(MarketId, MarketId)>,
    pub attacker: Pubkey,
    alice: Pubkey,
    referral: Pubkey,
    /// Another mint of the same token program.
    mint: Pubkey,
    /// A program that is nobody's.
    foreign: Pubkey,
}

impl Cast {
    pub fn of(stage: &mut Stage) -> Self {
        let (market, twin) = (stage.market, MarketId(stage.market.0 + 1));
        let referral = stage.world.create_referral(market, &stage.attacker).expect("a referral");
        let mut cast = Self::without_markets(&mut stage.world, &stage.attacker);
        cast.markets = Some((market, twin));
        cast.alice = stage.alice.pubkey();
        cast.referral = referral;
        cast
    }

    /// Before there is an exchange.
    pub fn without_markets(world: &mut World, attacker: &Trader) -> Self {
        let nobody = Pubkey::default();
        let mint = world.create_mint(&MintKind::Token, 6);
        let foreign = world.new_key().pubkey();
        Self { markets: None, attacker: attacker.pubkey(), alice: nobody, referral: nobody, mint, foreign }
    }

    /// An account of ours that none of the places wants.
    fn other_type(&self, world: &World, slot: &Slot, was: &Pubkey) -> Pubkey {
        let Some((market, _)) = self.markets else { return pda::program_data() };
        let accounts = world.markets[market.0].accounts;
        match slot.kind {
            "market" => pda::exchange(),
            "tokens" | "vault" => accounts.collateral_mint,
            "mint" => accounts.pool_vault,
            "token_program" => system_program::ID,
            "program" => token::ID,
            _ if *was == accounts.market => pda::exchange(),
            _ => accounts.market,
        }
    }

    /// The same place's account in the market that the act is not about.
    fn of_other_market(&self, world: &mut World, act: &Act, slot: &Slot, was: Pubkey) -> Option<Pubkey> {
        let (main, twin) = self.markets?;
        let used = |world: &World, market: MarketId| {
            let key = world.market_key(market);
            act.instruction.accounts.iter().any(|meta| meta.pubkey == key)
        };
        let other = if used(world, twin) { main } else { twin };
        let accounts = world.markets[other.0].accounts;
        let position = pda::position(&accounts.market, &self.alice, 0);
        let knows_market = act
            .instruction
            .accounts
            .iter()
            .any(|meta| world.markets.iter().any(|market| market.accounts.market == meta.pubkey));
        Some(match (slot.kind, slot.name) {
            (_, "market") => accounts.market,
            (_, "pool_vault") => accounts.pool_vault,
            (_, "lp_mint") => accounts.lp_mint,
            (_, "oracle") => accounts.oracle,
            (_, "position_vault") => pda::position_vault(&position),
            (_, "provider_lp_account") => {
                let owner = read_token(&world.svm.get_account(&was)?)?.owner;
                world.create_token_account(accounts.lp_mint, owner, 0)
            }
            ("init" | "derived", "proposal") => pda::params_proposal(&accounts.market),
            ("new", "position") => position,
            ("new" | "order", "order") => pda::order(&position, 3),
            ("tokens" | "vault", "escrow") => pda::order_escrow(&pda::order(&position, 3)),
            ("new", "deposit") => pda::liquidity_deposit(&accounts.market, &self.alice, 9),
            ("init", "referral") => pda::referral(&accounts.market, &self.alice),
            ("position", _) if !knows_market => position,
            // the same but for its market: nothing else can refuse it
            (kind, _) => {
                let at = offset(kind, "market")?;
                stored(world, was, at, accounts.market)
            }
        })
    }

    /// The same place's account of the attacker.
    fn of_attacker(&self, world: &mut World, slot: &Slot, was: Pubkey) -> Option<Pubkey> {
        let market = self.markets.map(|(market, _)| world.market_key(market)).unwrap_or_default();
        let position = pda::position(&market, &self.attacker, 0);
        Some(match (slot.kind, slot.name) {
            ("signer" | "system", _) => self.attacker,
            ("unchecked", "oracle" | "program") => return None,
            ("unchecked", _) => self.attacker,
            (_, "position") => position,
            (_, "position_vault") => pda::position_vault(&position),
            ("new", "order") => pda::order(&position, 9),
            (_, "order") => pda::order(&position, 3),
            (_, "escrow") => pda::order_escrow(&pda::order(&position, 3)),
            ("new", "deposit") => pda::liquidity_deposit(&market, &self.attacker, 9),
            (_, "referral") => self.referral,
            ("tokens" | "vault", name) if name != "pool_vault" => {
                let mint = read_token(&world.svm.get_account(&was)?)?.mint;
                world.create_token_account(mint, self.attacker, 1_000_000_000_000)
            }
            ("deposit", _) => stored(world, was, offset("deposit", "provider")?, self.attacker),
            ("proposal", _) => stored(world, was, offset("proposal", "proposer")?, self.attacker),
            _ => return None,
        })
    }

    /// What this kind of wrong puts into the place at `index`; nothing where
    /// the kind means nothing for it.
    pub fn replacements(
        &self,
        world: &mut World,
        act: &Act,
        slot: &Slot,
        index: usize,
        kind: Kind,
    ) -> Vec<Pubkey> {
        let was = act.instruction.accounts[index].pubkey;
        let vault = matches!(slot.name, "pool_vault" | "position_vault" | "escrow");
        let one = match kind {
            Kind::WrongOwner if slot.kind == "signer" => None,
            Kind::WrongOwner
                if world.svm.get_account(&was).is_some_and(|account| !account.data.is_empty()) =>
            {
                Some(copy_of(world, was, self.foreign))
            }
            Kind::WrongOwner => {
                let key = world.new_key().pubkey();
                world.svm.set_account(key, account_of(self.foreign, vec![0; 8])).expect("an account");
                Some(key)
            }
            Kind::WrongType => Some(self.other_type(world, slot, &was)),
            Kind::WrongMarket => self.of_other_market(world, act, slot, was),
            Kind::WrongMint if slot.kind == "mint" => Some(self.mint),
            Kind::WrongMint if matches!(slot.kind, "tokens" | "vault") && !vault => {
                let owner = read_token(&world.svm.get_account(&was).expect("tokens")).expect("tokens").owner;
                Some(world.create_token_account(self.mint, owner, 1_000_000_000_000))
            }
            Kind::OtherUser => self.of_attacker(world, slot, was),
            Kind::Uninitialised => Some(world.new_key().pubkey()),
            Kind::WrongTokenProgram if slot.kind == "token_program" => Some(token_2022::ID),
            Kind::WrongTokenProgram if matches!(slot.kind, "tokens" | "vault" | "mint") => {
                Some(copy_of(world, was, token_2022::ID))
            }
            Kind::Duplicated => {
                let mut others: Vec<_> = act.instruction.accounts.iter().map(|meta| meta.pubkey).collect();
                others.sort();
                others.dedup();
                others.retain(|other| *other != was);
                return others;
            }
            _ => None,
        };
        // where the exchange has no market, the other type may be the thing itself
        one.filter(|key| *key != was).into_iter().collect()
    }
}

/// A copy of an account of the program in which one address is another.
fn stored(world: &mut World, original: Pubkey, at: usize, address: Pubkey) -> Pubkey {
    let key = copy_of(world, original, PROGRAM_ID);
    let mut account = world.svm.get_account(&key).expect("a copy");
    account.data[at..at + 32].copy_from_slice(address.as_ref());
    world.svm.set_account(key, account).expect("a copy");
    key
}
