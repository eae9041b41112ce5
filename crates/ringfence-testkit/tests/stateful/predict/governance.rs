//! Exchange and markets: who may change what, and when.

use anchor_lang::prelude::Pubkey;
use bytemuck::Zeroable;
use ringfence_client::RingfenceError::{self, *};
use ringfence_client::accounts::ParamsProposal;

use super::oracle::For;
use super::orders::keeps_first_price;
use super::pool::LOCKED;
use super::{Model, Refusal, Verdict, ensure};
use crate::action::{Action, Actor, Spot, Terms};
use crate::model;

impl Model<'_> {
    pub fn govern(&mut self, action: &Action) -> Verdict {
        match *action {
            // there is one already
            Action::InitializeExchange { .. } => Err(Refusal::accounts()),
            Action::CreateMarket { by, terms, .. } => {
                self.admin_only(by)?;
                ensure(terms != Terms::OutOfBounds, ParameterOutOfBounds)?;
                self.state.exchange.market_count += 1;
                Ok(())
            }
            Action::ProposeParams { by, market, terms } => self.propose(by, market, terms),
            Action::ApplyParams { market } => self.apply(market),
            Action::CancelParams { by, market } => self.cancel(by, market),
            Action::SetStatus { by, market, status } => self.set_status(by, market, status),
            Action::AnnounceSettlement { by, market, notice } => self.announce(by, market, notice),
            Action::SettleMarket { market } => self.settle(market),
            Action::CloseMarket { market } => self.close_market(market),
            Action::MigrateMarket { market } => self.migrate_market(market),
            Action::NominateAdmin { by, nominee } => {
                self.admin_only(by)?;
                self.state.exchange.pending_admin = self.run.nominee(nominee);
                Ok(())
            }
            Action::AcceptAdmin { by } => {
                let signer = self.run.signer(by);
                let exchange = &mut self.state.exchange;
                ensure(signer == exchange.pending_admin, NotPendingAdmin)?;
                (exchange.admin, exchange.pending_admin) = (signer, Pubkey::default());
                Ok(())
            }
            _ => unreachable!("no instruction"),
        }
    }

    fn is_admin(&self, by: Actor) -> bool {
        self.run.signer(by) == self.state.exchange.admin
    }

    fn admin_only(&self, by: Actor) -> Verdict {
        ensure(self.is_admin(by), NotAdmin)
    }

    fn propose(&mut self, by: Actor, place: usize, terms: Terms) -> Verdict {
        let market = self.market(place)?;
        let key = self.run.keys[place].proposal;
        if self.state.proposals.contains_key(&key) {
            let admin = self.is_admin(by);
            return Err(if admin { Refusal::accounts() } else { Refusal::or_accounts(NotAdmin) });
        }
        self.admin_only(by)?;
        ensure(market.version == 2, UnsupportedVersion)?;
        ensure(market.status != 3, MarketSettling)?;
        ensure(terms != Terms::OutOfBounds, ParameterOutOfBounds)?;
        let args = self.run.proposed(place, terms).expect("a market");
        ensure(args.params.delayed_only == 0 || keeps_first_price(&market), FeedCannotDelay)?;
        let mut proposal = ParamsProposal::zeroed();
        proposal.version = 1;
        proposal.market = self.market_key(place);
        proposal.proposer = self.state.exchange.admin;
        proposal.eta = self.state.now + i64::from(self.state.exchange.timelock_seconds);
        (proposal.params, proposal.oracle) = (args.params, args.oracle);
        self.state.proposals.insert(key, proposal);
        Ok(())
    }

    fn apply(&mut self, place: usize) -> Verdict {
        let market = self.market(place)?;
        let key = self.run.keys[place].proposal;
        let proposal = *self.state.proposals.get(&key).ok_or_else(Refusal::accounts)?;
        ensure(market.version == 2, UnsupportedVersion)?;
        // what has run so far ran at the old parameters, at the last price
        let mut market = model::accrued(&market, self.state.now, market.accepted.price);
        ensure(self.state.now >= proposal.eta, TimelockNotElapsed)?;
        ensure(market.status != 3, MarketSettling)?;
        (market.params, market.oracle) = (proposal.params, proposal.oracle);
        self.put_market(place, market);
        self.state.proposals.remove(&key);
        Ok(())
    }

    fn cancel(&mut self, by: Actor, place: usize) -> Verdict {
        self.market(place)?;
        let key = self.run.keys[place].proposal;
        if !self.state.proposals.contains_key(&key) {
            return Err(Refusal::accounts());
        }
        self.admin_or_guardian(by)?;
        self.state.proposals.remove(&key);
        Ok(())
    }

    fn admin_or_guardian(&self, by: Actor) -> Verdict {
        let guardian = self.run.signer(by) == self.state.exchange.guardian;
        ensure(self.is_admin(by) || guardian, NotAdminOrGuardian)
    }

    fn set_status(&mut self, by: Actor, place: usize, status: u8) -> Verdict {
        let mut market = self.current_market(place)?;
        ensure(market.status != 3, MarketSettling)?;
        self.admin_or_guardian(by)?;
        ensure(self.is_admin(by) || status > market.status, GuardianCannotRelax)?;
        ensure(status != 3, SettlingNeedsSettlement)?;
        if status == 0 {
            market.settles_at = 0;
        }
        market.status = status;
        self.put_market(place, market);
        Ok(())
    }

    fn announce(&mut self, by: Actor, place: usize, notice: u32) -> Verdict {
        let market = self.market(place)?;
        self.admin_only(by)?;
        let mut market = ensure(market.version == 2, UnsupportedVersion).map(|()| market)?;
        ensure(market.status != 3, MarketSettling)?;
        ensure(notice >= self.state.exchange.timelock_seconds, NoticeTooShort)?;
        market.status = market.status.max(1);
        market.settles_at = self.state.now + i64::from(notice);
        self.put_market(place, market);
        Ok(())
    }

    fn settle(&mut self, place: usize) -> Verdict {
        let mut market = self.current_market(place)?;
        let feed = self.observe(place, &mut market, For::Risk)?;
        ensure(market.status != 3, MarketSettling)?;
        ensure(market.settles_at > 0, SettlementNotAnnounced)?;
        ensure(self.state.now >= market.settles_at, NoticeNotElapsed)?;
        ensure(feed.publish_time >= market.settles_at, PriceBeforeSettlement)?;
        market.settlement_price = feed.price;
        market.settled_at = self.state.now;
        market.status = 3;
        self.put_market(place, market);
        Ok(())
    }

    fn close_market(&mut self, place: usize) -> Verdict {
        let market = self.current_market(place)?;
        ensure(market.status == 3, MarketNotSettling)?;
        let locked = if market.lp_shares == 0 { 0 } else { LOCKED };
        let left = [
            market.position_accounts,
            market.uncounted.into(),
            market.deposit_accounts,
            market.referral_accounts,
            market.lp_shares - market.unclaimed_shares - locked,
            u64::from(self.state.proposals.contains_key(&self.run.keys[place].proposal)),
        ];
        ensure(left == [0; 6], MarketNotEmpty)?;
        let vault = self.pool_vault(place);
        self.pay(vault, self.run.keys[place].treasury, self.balance(vault))?;
        self.state.tokens.remove(&vault);
        self.state.markets.remove(&self.market_key(place));
        Ok(())
    }

    /// Decision 14.
    fn migrate_market(&mut self, place: usize) -> Verdict {
        let mut market = self.market(place)?;
        ensure(market.version == 1, RingfenceError::NothingToMigrate)?;
        market.version = 2;
        market.uncounted = u8::from(market.next_generation > 1);
        let least = market.oracle.max_age_open + 3;
        let cooldown = &mut market.params.liquidity_cooldown_seconds;
        *cooldown = least.max(*cooldown);
        self.put_market(place, market);
        Ok(())
    }

    pub fn migrate_position(&mut self, at: Spot) -> Verdict {
        let (mut market, mut position) = (self.market(at.market)?, self.position(at)?);
        ensure(market.version == 2, UnsupportedVersion)?;
        ensure(position.version == 1, NothingToMigrate)?;
        position.version = 2;
        market.position_accounts += 1;
        self.put_market(at.market, market);
        self.put_position(at, position);
        Ok(())
    }
}
