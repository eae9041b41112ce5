//! The end of markets, referrals, and migrations.

use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::{Referral, decode};
use ringfence_client::{Instruction, instructions, pda};
use solana_signer::Signer;

use crate::market::MarketId;
use crate::trade::Trader;
use crate::tx::{Failure, Receipt};
use crate::world::World;

impl World {
    /// Announces a settlement as the admin.
    pub fn announce_settlement(&mut self, market: MarketId, settles_at: i64) -> Result<Receipt, Failure> {
        let admin = self.admin.insecure_clone();
        let instruction = self.announce_settlement_ix(market, settles_at);
        self.send(&[instruction], &[&admin])
    }

    pub fn announce_settlement_ix(&self, market: MarketId, settles_at: i64) -> Instruction {
        instructions::announce_settlement(self.admin.pubkey(), self.market_key(market), settles_at)
    }

    /// Settles at the price of the moment; nobody signs but the payer.
    pub fn settle_market(&mut self, market: MarketId) -> Result<Receipt, Failure> {
        let instruction = self.settle_market_ix(market);
        self.send(&[instruction], &[])
    }

    pub fn settle_market_ix(&self, market: MarketId) -> Instruction {
        instructions::settle_market(&self.markets[market.0].accounts)
    }

    /// Announces, waits for the notice to run out, and settles at `price`.
    pub fn wind_down(&mut self, market: MarketId, price: u64) -> Result<Receipt, Failure> {
        self.give_notice(market)?;
        self.set_price(market, price);
        self.settle_market(market)
    }

    /// Announces the earliest settlement there can be, and waits until then.
    pub fn give_notice(&mut self, market: MarketId) -> Result<Receipt, Failure> {
        let notice = i64::from(self.exchange().timelock_seconds);
        let receipt = self.announce_settlement(market, self.now() + notice)?;
        self.advance(notice);
        Ok(receipt)
    }

    /// Closes a settled position; nobody signs but the payer.
    pub fn close_settled(
        &mut self,
        market: MarketId,
        owner: &Trader,
        position: Pubkey,
    ) -> Result<Receipt, Failure> {
        let instruction = self.close_settled_ix(market, owner, position);
        let receipt = self.send(&[instruction], &[])?;
        self.donations.remove(&pda::position_vault(&position));
        Ok(receipt)
    }

    pub fn close_settled_ix(&mut self, market: MarketId, owner: &Trader, position: Pubkey) -> Instruction {
        let tokens = self.tokens_of(market, owner);
        instructions::close_settled(&self.markets[market.0].accounts, position, owner.pubkey(), tokens)
    }

    /// Closes an empty market, the rest to a new account of the treasury.
    pub fn close_market(&mut self, market: MarketId) -> Result<Receipt, Failure> {
        let treasury = self.treasury_account(market);
        let instruction = self.close_market_ix(market, treasury);
        let receipt = self.send(&[instruction], &[])?;
        self.donations.remove(&self.markets[market.0].accounts.pool_vault);
        Ok(receipt)
    }

    pub fn close_market_ix(&self, market: MarketId, treasury_token_account: Pubkey) -> Instruction {
        let accounts = &self.markets[market.0].accounts;
        instructions::close_market(accounts, self.exchange().admin, treasury_token_account)
    }

    // --- referrals -----------------------------------------------------------------

    /// Opens a referrer's account; returns its address.
    pub fn create_referral(&mut self, market: MarketId, referrer: &Trader) -> Result<Pubkey, Failure> {
        let key = self.market_key(market);
        let instruction = instructions::create_referral(key, referrer.pubkey());
        self.send(&[instruction], &[&referrer.key])?;
        Ok(pda::referral(&key, &referrer.pubkey()))
    }

    /// None once it is closed.
    pub fn read_referral(&self, key: &Pubkey) -> Option<Referral> {
        decode(&self.svm.get_account(key)?.data)
    }

    /// Pays a referrer's fees out; nobody signs but the payer.
    pub fn claim_referral_fees(&mut self, market: MarketId, referrer: &Trader) -> Result<Receipt, Failure> {
        let instruction = self.claim_referral_fees_ix(market, referrer);
        self.send(&[instruction], &[])
    }

    pub fn claim_referral_fees_ix(&mut self, market: MarketId, referrer: &Trader) -> Instruction {
        let tokens = self.tokens_of(market, referrer);
        instructions::claim_referral_fees(&self.markets[market.0].accounts, referrer.pubkey(), tokens)
    }

    // --- migrations ------------------------------------------------------------------

    pub fn migrate_market(&mut self, market: Pubkey) -> Result<Receipt, Failure> {
        self.send(&[instructions::migrate_market(market)], &[])
    }

    pub fn migrate_position(&mut self, market: Pubkey, position: Pubkey) -> Result<Receipt, Failure> {
        self.send(&[instructions::migrate_position(market, position)], &[])
    }
}
