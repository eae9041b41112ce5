//! What happens around trading: accrual, capped positions, delegates,
//! insurance, fees, and the governance of markets and exchange.

use anchor_lang::prelude::Pubkey;
use ringfence_client::accounts::{ParamsProposal, decode};
use ringfence_client::state::{MarketParams, OracleConfig};
use ringfence_client::{Instruction, ProposeParamsArgs, instructions, pda};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::market::MarketId;
use crate::trade::Trader;
use crate::tx::{Failure, Receipt};
use crate::world::World;

impl World {
    /// Advances the market's indices to now; nobody signs but the payer.
    pub fn accrue(&mut self, market: MarketId) -> Result<Receipt, Failure> {
        let instruction = self.accrue_ix(market);
        self.send(&[instruction], &[])
    }

    pub fn accrue_ix(&self, market: MarketId) -> Instruction {
        instructions::accrue(&self.markets[market.0].accounts)
    }

    pub fn close_at_cap(
        &mut self,
        market: MarketId,
        caller: &Trader,
        position: Pubkey,
    ) -> Result<Receipt, Failure> {
        let instruction = self.close_at_cap_ix(market, caller, position);
        self.send(&[instruction], &[&caller.key])
    }

    pub fn close_at_cap_ix(&self, market: MarketId, caller: &Trader, position: Pubkey) -> Instruction {
        instructions::close_at_cap(&self.markets[market.0].accounts, position, caller.pubkey())
    }

    /// The default key for no delegate.
    pub fn set_delegate(
        &mut self,
        owner: &Trader,
        position: Pubkey,
        delegate: Pubkey,
    ) -> Result<Receipt, Failure> {
        let instruction = instructions::set_delegate(position, owner.pubkey(), delegate);
        self.send(&[instruction], &[&owner.key])
    }

    pub fn fund_insurance(
        &mut self,
        market: MarketId,
        payer: &Trader,
        amount: u64,
    ) -> Result<Receipt, Failure> {
        let instruction = self.fund_insurance_ix(market, payer, amount);
        self.send(&[instruction], &[&payer.key])
    }

    pub fn fund_insurance_ix(&mut self, market: MarketId, payer: &Trader, amount: u64) -> Instruction {
        let tokens = self.tokens_of(market, payer);
        instructions::fund_insurance(&self.markets[market.0].accounts, payer.pubkey(), tokens, amount)
    }

    /// A new, empty token account of the treasury for the market's collateral.
    pub fn treasury_account(&mut self, market: MarketId) -> Pubkey {
        let (mint, owner) = (self.markets[market.0].accounts.collateral_mint, self.treasury.pubkey());
        self.create_token_account(mint, owner, 0)
    }

    /// Sends the protocol's fees to a token account; nobody signs but the payer.
    pub fn collect_protocol_fees(
        &mut self,
        market: MarketId,
        token_account: Pubkey,
    ) -> Result<Receipt, Failure> {
        let instruction = self.collect_protocol_fees_ix(market, token_account);
        self.send(&[instruction], &[])
    }

    pub fn collect_protocol_fees_ix(&self, market: MarketId, token_account: Pubkey) -> Instruction {
        instructions::collect_protocol_fees(&self.markets[market.0].accounts, token_account)
    }

    /// What waits for its timelock; none where nothing does.
    pub fn proposal(&self, market: MarketId) -> Option<ParamsProposal> {
        let key = pda::params_proposal(&self.market_key(market));
        decode(&self.svm.get_account(&key)?.data)
    }

    /// Proposes the market's parameters with a change, as the admin.
    pub fn propose_params(
        &mut self,
        market: MarketId,
        change: impl FnOnce(&mut MarketParams, &mut OracleConfig),
    ) -> Result<Receipt, Failure> {
        let state = self.market_state(market);
        let mut args = ProposeParamsArgs { params: state.params, oracle: state.oracle };
        change(&mut args.params, &mut args.oracle);
        let admin = self.admin.insecure_clone();
        let instruction = instructions::propose_params(admin.pubkey(), self.market_key(market), args);
        self.send(&[instruction], &[&admin])
    }

    /// Applies what was proposed, its rent to the admin; nobody signs but the payer.
    pub fn apply_params(&mut self, market: MarketId) -> Result<Receipt, Failure> {
        let instruction = instructions::apply_params(self.admin.pubkey(), self.market_key(market));
        self.send(&[instruction], &[])
    }

    /// Withdraws what was proposed, its rent to the admin.
    pub fn cancel_params(&mut self, market: MarketId, authority: &Keypair) -> Result<Receipt, Failure> {
        let (proposer, market) = (self.admin.pubkey(), self.market_key(market));
        self.send(&[instructions::cancel_params(authority.pubkey(), proposer, market)], &[authority])
    }

    pub fn nominate_admin(&mut self, admin: &Keypair, nominee: Pubkey) -> Result<Receipt, Failure> {
        self.send(&[instructions::nominate_admin(admin.pubkey(), nominee)], &[admin])
    }

    pub fn accept_admin(&mut self, nominee: &Keypair) -> Result<Receipt, Failure> {
        self.send(&[instructions::accept_admin(nominee.pubkey())], &[nominee])
    }
}
