//! From an action to what is sent, and what becomes of it.

use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::{ParamsProposal, decode};
use ringfence_client::state::{MarketStatus, OrderKind, OrderTerms, Side};
use ringfence_client::{
    AddLiquidityArgs, ClosePositionArgs, CreatePositionArgs, DecreasePositionArgs, IncreasePositionArgs,
    Instruction, MarketAccounts, OpenPositionArgs, ProposeParamsArgs, RemoveLiquidityArgs,
    instructions as ix, pda,
};
use ringfence_testkit::Feed;
use ringfence_testkit::trade::any_price;
use solana_last_restart_slot::LastRestartSlot;

use crate::action::{Action, Asked, OrderSpot, Spot, Vault};
use crate::run::{IDS, PEOPLE, Run, any_terms, set_limits};

/// What became of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No instruction: what happens around the program, or nothing that could
    /// be sent.
    Aside,
    Accepted,
    /// With the custom code, where there is one.
    Refused(Option<u32>),
}

pub fn side(long: bool) -> Side {
    if long { Side::Long } else { Side::Short }
}

impl Run {
    pub fn is_place(&self, at: Spot) -> bool {
        at.market < self.keys.len() && at.who < PEOPLE && at.id < IDS
    }

    pub fn position(&self, at: Spot) -> Option<Pubkey> {
        self.is_place(at).then(|| self.keys[at.market].positions[at.who][usize::from(at.id)])
    }

    pub fn vault(&self, at: Spot) -> Option<Pubkey> {
        self.is_place(at).then(|| self.keys[at.market].vaults[at.who][usize::from(at.id)])
    }

    pub fn deposit(&self, market: usize, who: usize, id: u16) -> Option<Pubkey> {
        self.position(Spot { market, who, id })?;
        Some(self.keys[market].deposits[who][usize::from(id)])
    }

    pub fn order(&self, of: OrderSpot) -> Option<Pubkey> {
        Some(pda::order(&self.position(of.at)?, of.id))
    }

    /// Where a donation goes.
    pub fn donated_to(&self, to: Vault) -> Option<Pubkey> {
        match to {
            Vault::Position(at) => self.vault(at),
            Vault::Pool(market) => self.accounts(market).map(|accounts| accounts.pool_vault),
            Vault::Escrow(of) => self.order(of).map(|order| pda::order_escrow(&order)),
        }
    }

    pub fn accounts(&self, market: usize) -> Option<MarketAccounts> {
        Some(self.world.markets.get(market)?.accounts)
    }

    pub fn perform(&mut self, action: &Action) -> Outcome {
        match *action {
            Action::Feed { market, price, confidence, ema, age, gap, fault } if market < self.keys.len() => {
                let publish_time = self.world.now() - age;
                self.publish(market, Feed { price, confidence, ema, publish_time }, gap, fault);
                Outcome::Aside
            }
            Action::Clock { seconds } => {
                self.world.warp(seconds.into());
                Outcome::Aside
            }
            Action::Restart => {
                self.restart_slot = self.world.slot();
                self.world.svm.set_sysvar(&LastRestartSlot { last_restart_slot: self.restart_slot });
                Outcome::Aside
            }
            Action::Donate { to, amount } => {
                let vault = self.donated_to(to);
                let there =
                    |vault: &Pubkey| self.world.svm.get_account(vault).is_some_and(|it| it.lamports > 0);
                if let Some(vault) = vault.filter(there) {
                    self.world.donate(vault, amount);
                }
                Outcome::Aside
            }
            Action::CreateMarket { by, kind, terms } => {
                if self.keys.len() >= crate::run::MARKETS {
                    return Outcome::Aside;
                }
                match self.create(by, kind, terms) {
                    Ok(_) => Outcome::Accepted,
                    Err(failure) => Outcome::Refused(failure.code()),
                }
            }
            _ => match self.instruction(action) {
                Some(instruction) => self.send(instruction, action),
                None => Outcome::Aside,
            },
        }
    }

    pub fn send(&mut self, instruction: Instruction, action: &Action) -> Outcome {
        if let Err(failure) = self.world.send(&[instruction], &[]) {
            return Outcome::Refused(failure.code());
        }
        let gone = match *action {
            Action::Close { at, .. } | Action::CloseSettled { at } => self.vault(at),
            Action::CloseMarket { market } => self.accounts(market).map(|accounts| accounts.pool_vault),
            // an attempt in vain leaves the escrow where it is
            Action::CancelOrder { of, .. } | Action::ExecuteOrder { of, .. } => self
                .donated_to(Vault::Escrow(of))
                .filter(|escrow| self.world.svm.get_account(escrow).is_none_or(|it| it.lamports == 0)),
            _ => None,
        };
        let donated = gone.and_then(|vault| self.world.donations.remove(&vault));
        if let (Action::ExecuteOrder { of, .. }, Some(donated)) = (action, donated) {
            let vault = self.vault(of.at).expect("a place");
            *self.world.donations.entry(vault).or_default() += donated;
        }
        Outcome::Accepted
    }

    /// What an action sends; none where it names nothing that could exist.
    pub fn instruction(&self, action: &Action) -> Option<Instruction> {
        if let Some(at) = action.spot() {
            return self.position_instruction(action, at);
        }
        if let Some(market) = action.market() {
            return self.market_instruction(action, market);
        }
        match *action {
            Action::InitializeExchange { by } => {
                Some(ix::initialize_exchange(self.signer(by), self.world.exchange_args()))
            }
            Action::NominateAdmin { by, nominee } => {
                Some(ix::nominate_admin(self.signer(by), self.nominee(nominee)))
            }
            Action::AcceptAdmin { by } => Some(ix::accept_admin(self.signer(by))),
            _ => None,
        }
    }

    fn position_instruction(&self, action: &Action, at: Spot) -> Option<Instruction> {
        let (key, accounts) = (self.position(at)?, self.accounts(at.market)?);
        let keys = &self.keys[at.market];
        let person = |who: usize| self.people[who].pubkey();
        let (owner, wallet) = (person(at.who), keys.wallets[at.who]);
        let state = self.world.read_position(&key);
        let long = state.is_some_and(|state| state.side == 0);
        let referral = self.world.referral_of(key);
        let worst = |given: Option<u64>, opening, long| given.unwrap_or(any_price(opening, side(long)));
        Some(match *action {
            Action::Open { long, size, margin, acceptable, referrer, .. } => {
                let acceptable_price = worst(acceptable, true, long);
                let args = OpenPositionArgs { id: at.id, side: side(long), size, margin, acceptable_price };
                let referral = referrer.map(|who| keys.referrals[who]);
                ix::open_position(&accounts, owner, wallet, referral, args)
            }
            Action::Increase { by, size, margin, .. } => {
                let args = IncreasePositionArgs { size, margin, acceptable_price: worst(None, true, long) };
                ix::increase_position(&accounts, key, person(by), keys.wallets[by], referral, args)
            }
            Action::Decrease { by, size, acceptable, .. } => {
                let args = DecreasePositionArgs { size, acceptable_price: worst(acceptable, false, long) };
                ix::decrease_position(&accounts, key, person(by), referral, args)
            }
            Action::Close { by, .. } => {
                let args = ClosePositionArgs { acceptable_price: worst(None, false, long) };
                ix::close_position(&accounts, key, person(by), keys.wallets[by], referral, args)
            }
            Action::AddMargin { payer, amount, .. } => {
                ix::add_margin(accounts.token_program, key, person(payer), keys.wallets[payer], amount)
            }
            Action::RemoveMargin { by, amount, .. } => {
                ix::remove_margin(&accounts, key, person(by), keys.wallets[by], amount)
            }
            Action::SetDelegate { by, delegate, .. } => {
                ix::set_delegate(key, person(by), delegate.map(person).unwrap_or_default())
            }
            Action::Liquidate { keeper, .. } => {
                ix::liquidate(&accounts, key, person(keeper), keys.wallets[keeper])
            }
            Action::CreatePosition { long, referrer, .. } => {
                let referral = referrer.map(|who| keys.referrals[who]);
                let args = CreatePositionArgs { id: at.id, side: side(long) };
                ix::create_position(&accounts, owner, referral, args)
            }
            Action::PlaceOrder { of, by, asked } => {
                let terms = self.order_terms(&asked, long);
                ix::place_order(&accounts, key, person(by), keys.wallets[by], of.id, terms)
            }
            Action::CancelOrder { of, by } => {
                let order = self.order(of)?;
                let state = self.world.read_order(&order)?;
                let payee = keys.wallets[self.who(&state.trader)];
                ix::cancel_order(accounts.token_program, order, &state, person(by), payee)
            }
            Action::ExecuteOrder { of, by } => {
                let order = self.order(of)?;
                let state = self.world.read_order(&order)?;
                ix::execute_order(&accounts, order, &state, person(by), keys.wallets[by], referral)
            }
            Action::CloseAtCap { caller, .. } => ix::close_at_cap(&accounts, key, person(caller)),
            Action::CloseSettled { .. } => ix::close_settled(&accounts, key, owner, wallet),
            Action::MigratePosition { .. } => ix::migrate_position(accounts.market, key),
            _ => return None,
        })
    }

    /// The terms of an order of a position of this side.
    pub fn order_terms(&self, asked: &Asked, long: bool) -> OrderTerms {
        let kind = OrderKind::from_byte(asked.kind % 5).expect("a kind");
        OrderTerms {
            kind,
            size: asked.size,
            margin: asked.margin,
            share_ppm: asked.share_ppm,
            trigger_price: asked.trigger,
            acceptable_price: asked.acceptable.unwrap_or(any_price(kind.adds(), side(long))),
            reward: asked.reward,
            expires_at: asked.lifetime.map_or(0, |seconds| self.world.now() + seconds),
            cancels: asked.cancels,
        }
    }

    /// Whose key that is.
    pub fn who(&self, key: &Pubkey) -> usize {
        self.people.iter().position(|person| person.pubkey() == *key).expect("one of the people")
    }

    fn market_instruction(&self, action: &Action, market: usize) -> Option<Instruction> {
        let (accounts, keys) = (self.accounts(market)?, self.keys.get(market)?);
        let key = accounts.market;
        let person = |who: usize| self.people[who].pubkey();
        Some(match *action {
            Action::Accrue { .. } => ix::accrue(&accounts),
            Action::SettleMarket { .. } => ix::settle_market(&accounts),
            Action::CloseMarket { .. } => {
                ix::close_market(&accounts, self.world.exchange().admin, keys.treasury)
            }
            Action::MigrateMarket { .. } => ix::migrate_market(key),
            Action::AddLiquidity { who, id, amount, .. } => {
                let args = AddLiquidityArgs { id, amount, min_shares: 0 };
                self.deposit(market, who, id)?;
                ix::add_liquidity(&accounts, person(who), keys.wallets[who], args)
            }
            Action::ClaimShares { who, id, .. } => {
                self.deposit(market, who, id)?;
                ix::claim_shares(&accounts, person(who), id, keys.shares[who])
            }
            Action::RemoveLiquidity { who, shares, .. } => {
                let args = RemoveLiquidityArgs { shares, min_amount: 0 };
                ix::remove_liquidity(&accounts, person(who), keys.wallets[who], keys.shares[who], args)
            }
            Action::FundInsurance { who, amount, .. } => {
                ix::fund_insurance(&accounts, person(who), keys.wallets[who], amount)
            }
            Action::CreateReferral { who, .. } => ix::create_referral(key, person(who)),
            Action::ClaimReferralFees { who, .. } => {
                ix::claim_referral_fees(&accounts, person(who), keys.wallets[who])
            }
            Action::ProposeParams { by, terms, .. } => {
                let args = self.proposed(market, terms)?;
                ix::propose_params(self.signer(by), key, args)
            }
            Action::ApplyParams { .. } => ix::apply_params(self.proposer(market), key),
            Action::CancelParams { by, .. } => ix::cancel_params(self.signer(by), self.proposer(market), key),
            Action::SetStatus { by, status, .. } => {
                ix::set_status(self.signer(by), key, MarketStatus::from_byte(status).ok()?)
            }
            Action::AnnounceSettlement { by, notice, .. } => {
                let settles_at = self.world.now() + i64::from(notice);
                ix::announce_settlement(self.signer(by), key, settles_at)
            }
            Action::CollectProtocolFees { .. } => ix::collect_protocol_fees(&accounts, keys.treasury),
            _ => return None,
        })
    }

    /// The arguments of a proposal of these terms.
    pub fn proposed(&self, market: usize, terms: crate::action::Terms) -> Option<ProposeParamsArgs> {
        let account = self.world.svm.get_account(&self.accounts(market)?.market)?;
        let state: ringfence_client::accounts::Market = decode(&account.data)?;
        let units = (self.unit(market), 10u64.pow(state.size_decimals.into()));
        let (mut params, mut limits) = (state.params, state.oracle);
        any_terms(terms, units, &mut params, &mut limits);
        let mut oracle = state.oracle;
        set_limits(&mut oracle, &limits);
        Some(ProposeParamsArgs { params, oracle })
    }

    /// Whose proposal waits; the admin where none does.
    fn proposer(&self, market: usize) -> Pubkey {
        let account = self.world.svm.get_account(&self.keys[market].proposal);
        let proposal = account.and_then(|account| decode::<ParamsProposal>(&account.data));
        proposal.map_or(self.world.exchange().admin, |proposal| proposal.proposer)
    }
}
