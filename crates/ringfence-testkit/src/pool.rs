//! Liquidity providers: deposits, their cool-down, shares, withdrawals.

use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::{LiquidityDeposit, decode};
use ringfence_client::{AddLiquidityArgs, Instruction, RemoveLiquidityArgs, instructions, pda};

use crate::market::MarketId;
use crate::trade::Trader;
use crate::tx::{Failure, Receipt};
use crate::world::World;

impl World {
    /// Deposits and claims the shares at once, the cool-down overwritten: for
    /// what is not about it. Returns the deposit's receipt.
    pub fn add_liquidity(
        &mut self,
        market: MarketId,
        provider: &Trader,
        amount: u64,
    ) -> Result<Receipt, Failure> {
        let id = self.free_deposit_id(market, provider);
        let receipt = self.deposit(market, provider, id, amount)?;
        let deposit = self.deposit_key(market, provider, id);
        let now = self.now();
        self.edit::<LiquidityDeposit>(&deposit, |deposit| deposit.unlocks_at = now);
        self.claim_shares(market, provider, id)?;
        Ok(receipt)
    }

    /// Deposits; the shares wait for their cool-down.
    pub fn deposit(
        &mut self,
        market: MarketId,
        provider: &Trader,
        id: u16,
        amount: u64,
    ) -> Result<Receipt, Failure> {
        let args = AddLiquidityArgs { id, amount, min_shares: 0 };
        let instruction = self.add_liquidity_ix(market, provider, args);
        self.send(&[instruction], &[&provider.key])
    }

    pub fn add_liquidity_ix(
        &mut self,
        market: MarketId,
        provider: &Trader,
        args: AddLiquidityArgs,
    ) -> Instruction {
        let accounts = self.markets[market.0].accounts;
        let tokens = self.tokens_of(market, provider);
        instructions::add_liquidity(&accounts, provider.pubkey(), tokens, args)
    }

    /// Claims a deposit's shares; nobody signs but the payer.
    pub fn claim_shares(&mut self, market: MarketId, provider: &Trader, id: u16) -> Result<Receipt, Failure> {
        let instruction = self.claim_shares_ix(market, provider, id);
        self.send(&[instruction], &[])
    }

    pub fn claim_shares_ix(&mut self, market: MarketId, provider: &Trader, id: u16) -> Instruction {
        let accounts = self.markets[market.0].accounts;
        let shares = self.shares_of(market, provider);
        instructions::claim_shares(&accounts, provider.pubkey(), id, shares)
    }

    pub fn deposit_key(&self, market: MarketId, provider: &Trader, id: u16) -> Pubkey {
        pda::liquidity_deposit(&self.market_key(market), &provider.pubkey(), id)
    }

    /// None once it is claimed.
    pub fn read_deposit(&self, key: &Pubkey) -> Option<LiquidityDeposit> {
        decode(&self.svm.get_account(key)?.data)
    }

    fn free_deposit_id(&self, market: MarketId, provider: &Trader) -> u16 {
        let taken = |id: &u16| self.read_deposit(&self.deposit_key(market, provider, *id)).is_some();
        (0..u16::MAX).find(|id| !taken(id)).expect("fewer deposits than ids")
    }

    pub fn remove_liquidity(
        &mut self,
        market: MarketId,
        provider: &Trader,
        shares: u64,
    ) -> Result<Receipt, Failure> {
        let instruction =
            self.remove_liquidity_ix(market, provider, RemoveLiquidityArgs { shares, min_amount: 0 });
        self.send(&[instruction], &[&provider.key])
    }

    pub fn remove_liquidity_ix(
        &mut self,
        market: MarketId,
        provider: &Trader,
        args: RemoveLiquidityArgs,
    ) -> Instruction {
        let accounts = self.markets[market.0].accounts;
        let tokens = self.tokens_of(market, provider);
        let shares = self.shares_of(market, provider);
        instructions::remove_liquidity(&accounts, provider.pubkey(), tokens, shares, args)
    }
}
