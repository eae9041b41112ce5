//! Providers, referrers, insurance and fees (invariants 1, 13).

use anchor_lang::prelude::Pubkey;
use bytemuck::Zeroable;
use ringfence_client::RingfenceError::*;
use ringfence_client::accounts::{LiquidityDeposit, Market, Referral};
use ringfence_testkit::Feed;

use super::oracle::For;
use super::{Model, Refusal, Verdict, atoms, ensure};
use crate::model;

/// Shares of the first deposit that nobody gets.
pub const LOCKED: u64 = 1_000;
/// From when providers can leave a settled market with positions in it.
const GRACE: i64 = 7 * 86_400;

/// What the shares are worth: at the edge, and with or without what positions
/// owe, whichever favours those who stay.
fn value(market: &Market, feed: &Feed, deposit: bool) -> i128 {
    let (low, high) = model::edges(feed);
    let owed = model::charges(market);
    let counted = if deposit { owed.max(0) } else { owed.min(0).max(-i128::from(market.liquidity)) };
    let [low, high] = [low, high].map(|price| model::pool_value(market, price, counted, deposit));
    if deposit { low.max(high).max(0) } else { low.min(high).max(0) }
}

impl Model<'_> {
    pub fn add_liquidity(&mut self, place: usize, who: usize, id: u16, amount: u64) -> Verdict {
        let mut market = self.market(place)?;
        ensure(market.version == 2, UnsupportedVersion)?;
        ensure(market.status == 0, MarketNotActive)?;
        ensure(amount > 0, ZeroAmount)?;
        let feed = self.observe(place, &mut market, For::Risk)?;
        let (shares, locked) = match market.lp_shares {
            0 => (amount, LOCKED),
            supply => {
                let value = value(&market, &feed, true);
                ensure(value > 0, PoolInsolvent)?;
                (atoms(model::floor(amount, supply, value))?, 0)
            }
        };
        ensure(shares > locked, DepositTooSmall)?;
        market.lp_shares = atoms(i128::from(market.lp_shares) + i128::from(shares))?;
        market.unclaimed_shares += shares - locked;
        market.deposit_accounts += 1;
        market.liquidity = atoms(i128::from(market.liquidity) + i128::from(amount))?;
        // made here, after the shares are found
        let key = self.run.deposit(place, who, id).expect("a place");
        if self.state.deposits.contains_key(&key) {
            return Err(Refusal::accounts());
        }
        let mut deposit = LiquidityDeposit::zeroed();
        deposit.version = 1;
        deposit.id = id;
        deposit.market = self.market_key(place);
        deposit.provider = self.person(who);
        deposit.amount = amount;
        deposit.shares = shares - locked;
        deposit.deposited_at = self.state.now;
        deposit.unlocks_at = self.state.now + i64::from(market.params.liquidity_cooldown_seconds);
        self.state.deposits.insert(key, deposit);
        self.put_market(place, market);
        self.pay(self.wallet(place, who), self.pool_vault(place), amount.into())
    }

    pub fn claim_shares(&mut self, place: usize, who: usize, id: u16) -> Verdict {
        let mut market = self.market(place)?;
        let key = self.run.deposit(place, who, id).expect("a place");
        let deposit = *self.state.deposits.get(&key).ok_or_else(Refusal::accounts)?;
        ensure(market.version == 2, UnsupportedVersion)?;
        let ready = self.state.now >= deposit.unlocks_at || model::is_settling(&market);
        ensure(ready, CooldownNotElapsed)?;
        market.unclaimed_shares -= deposit.shares;
        market.deposit_accounts -= 1;
        self.state.deposits.remove(&key);
        self.put_market(place, market);
        self.issue(self.shares(place, who), deposit.shares.into());
        Ok(())
    }

    fn shares(&self, place: usize, who: usize) -> Pubkey {
        self.run.keys[place].shares[who]
    }

    pub fn remove_liquidity(&mut self, place: usize, who: usize, shares: u64) -> Verdict {
        let mut market = self.current_market(place)?;
        ensure(market.status != 2, MarketPaused)?;
        ensure(shares > 0, ZeroAmount)?;
        let held = self.balance(self.shares(place, who));
        ensure(i128::from(shares) <= held, InsufficientShares)?;
        let feed = self.observe(place, &mut market, For::Risk)?;
        let mut value = value(&market, &feed, false);
        let free = i128::from(market.liquidity) - i128::from(market.reserved);
        if model::is_settling(&market) && market.long.positions + market.short.positions > 0 {
            ensure(self.state.now >= market.settled_at + GRACE, PositionsStillOpen)?;
            value = value.min(free);
        }
        let amount = model::floor(shares, value, market.lp_shares.into());
        ensure(amount > 0, WithdrawalTooSmall)?;
        ensure(amount <= free, LiquidityReserved)?;
        market.lp_shares -= shares;
        market.liquidity -= amount as u64;
        self.put_market(place, market);
        self.issue(self.shares(place, who), -i128::from(shares));
        self.pay(self.pool_vault(place), self.wallet(place, who), amount)
    }

    pub fn fund_insurance(&mut self, place: usize, who: usize, amount: u64) -> Verdict {
        let mut market = self.current_market(place)?;
        ensure(amount > 0, ZeroAmount)?;
        market.insurance = atoms(i128::from(market.insurance) + i128::from(amount))?;
        self.put_market(place, market);
        self.pay(self.wallet(place, who), self.pool_vault(place), amount.into())
    }

    pub fn collect_protocol_fees(&mut self, place: usize) -> Verdict {
        let mut market = self.current_market(place)?;
        let fees = std::mem::take(&mut market.protocol_fees);
        let over = model::is_settling(&market) && market.long.positions + market.short.positions == 0;
        let insurance = if over { std::mem::take(&mut market.insurance) } else { 0 };
        ensure(fees > 0 || insurance > 0, NothingToCollect)?;
        self.put_market(place, market);
        let treasury = self.run.keys[place].treasury;
        self.pay(self.pool_vault(place), treasury, i128::from(fees) + i128::from(insurance))
    }

    pub fn create_referral(&mut self, place: usize, who: usize) -> Verdict {
        let mut market = self.market(place)?;
        let key = self.run.keys[place].referrals[who];
        if self.state.referrals.contains_key(&key) {
            return Err(Refusal::accounts());
        }
        ensure(market.version == 2, UnsupportedVersion)?;
        ensure(market.status == 0, MarketNotActive)?;
        market.referral_accounts += 1;
        let mut referral = Referral::zeroed();
        referral.version = 1;
        referral.market = self.market_key(place);
        referral.referrer = self.person(who);
        self.state.referrals.insert(key, referral);
        self.put_market(place, market);
        Ok(())
    }

    pub fn claim_referral_fees(&mut self, place: usize, who: usize) -> Verdict {
        let mut market = self.market(place)?;
        let key = self.run.keys[place].referrals[who];
        let mut referral = *self.state.referrals.get(&key).ok_or_else(Refusal::accounts)?;
        ensure(market.version == 2, UnsupportedVersion)?;
        let amount = std::mem::take(&mut referral.fees);
        let closes = model::is_settling(&market) && market.position_accounts == 0;
        ensure(amount > 0 || closes, NothingToCollect)?;
        market.referral_fees -= amount;
        market.referral_accounts -= u64::from(closes);
        match closes {
            true => self.state.referrals.remove(&key),
            false => self.state.referrals.insert(key, referral),
        };
        self.put_market(place, market);
        self.pay(self.pool_vault(place), self.wallet(place, who), amount.into())
    }
}
