//! People: traders, providers, keepers, and what they do.

use std::collections::HashMap;

use anchor_lang::prelude::Pubkey;
use ringfence_client::state::{Position, Side};
use ringfence_client::{
    ClosePositionArgs, DecreasePositionArgs, IncreasePositionArgs, Instruction, OpenPositionArgs,
    instructions, pda,
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::market::MarketId;
use crate::tx::{Failure, Receipt};
use crate::world::World;

/// A key with lamports and a token account per mint.
#[derive(Debug)]
pub struct Trader {
    pub key: Keypair,
    /// By mint; LP mints included.
    pub tokens: std::cell::RefCell<HashMap<Pubkey, Pubkey>>,
    /// Whole quote units that a new token account of collateral is issued.
    funds: u64,
}

impl Trader {
    pub fn pubkey(&self) -> Pubkey {
        self.key.pubkey()
    }
}

/// Any fill price will do.
pub fn any_price(opening: bool, side: Side) -> u64 {
    if opening == (side == Side::Long) { u64::MAX } else { 0 }
}

impl World {
    /// Somebody with `funds` whole units of whichever collateral he first
    /// comes to use.
    pub fn trader(&mut self, funds: u64) -> Trader {
        let key = self.new_key();
        self.fund(key.pubkey());
        Trader { key, tokens: HashMap::new().into(), funds }
    }

    /// Somebody with `atoms` of a market's collateral, to the atom.
    pub fn trader_of(&mut self, market: MarketId, atoms: u64) -> Trader {
        let trader = self.trader(0);
        let mint = self.markets[market.0].accounts.collateral_mint;
        let account = self.create_token_account(mint, trader.pubkey(), atoms);
        trader.tokens.borrow_mut().insert(mint, account);
        trader
    }

    fn token_account_of(
        &mut self,
        mint: Pubkey,
        trader: &Trader,
        issue: impl FnOnce(&Self) -> u64,
    ) -> Pubkey {
        let known = trader.tokens.borrow().get(&mint).copied();
        known.unwrap_or_else(|| {
            let account = self.create_token_account(mint, trader.pubkey(), issue(self));
            trader.tokens.borrow_mut().insert(mint, account);
            account
        })
    }

    /// His token account of the market's collateral.
    pub fn tokens_of(&mut self, market: MarketId, trader: &Trader) -> Pubkey {
        let mint = self.markets[market.0].accounts.collateral_mint;
        self.token_account_of(mint, trader, |world| {
            let decimals = world.market_state(market).quote_decimals;
            trader.funds * 10u64.pow(u32::from(decimals))
        })
    }

    /// His token account of the market's LP shares.
    pub fn shares_of(&mut self, market: MarketId, trader: &Trader) -> Pubkey {
        self.token_account_of(self.markets[market.0].accounts.lp_mint, trader, |_| 0)
    }

    /// Atoms of the market's collateral that he holds outside of vaults.
    pub fn wealth(&mut self, market: MarketId, trader: &Trader) -> u64 {
        let account = self.tokens_of(market, trader);
        self.balance(&account)
    }

    pub fn position_key(&self, market: MarketId, owner: &Trader, id: u16) -> Pubkey {
        pda::position(&self.market_key(market), &owner.pubkey(), id)
    }

    /// The open position; panics once it is closed.
    pub fn position(&self, key: Pubkey) -> Position {
        self.read_position(&key).expect("an open position")
    }

    pub fn vault_balance(&self, position: Pubkey) -> u64 {
        self.balance(&pda::position_vault(&position))
    }

    /// The referral that a position names.
    pub fn referral_of(&self, position: Pubkey) -> Option<Pubkey> {
        let referral = self.read_position(&position)?.referral;
        (referral != Pubkey::default()).then_some(referral)
    }

    /// Opens at any fill price with a referral; returns the position's address.
    #[expect(clippy::too_many_arguments, reason = "a position's terms, and who brought the trader")]
    pub fn open_referred(
        &mut self,
        market: MarketId,
        owner: &Trader,
        id: u16,
        side: Side,
        size: u64,
        margin: u64,
        referral: Pubkey,
    ) -> Result<Pubkey, Failure> {
        let args = OpenPositionArgs { id, side, size, margin, acceptable_price: any_price(true, side) };
        let (tokens, accounts) = (self.tokens_of(market, owner), self.markets[market.0].accounts);
        let instruction =
            instructions::open_position(&accounts, owner.pubkey(), tokens, Some(referral), args);
        self.send(&[instruction], &[&owner.key])?;
        Ok(self.position_key(market, owner, id))
    }

    /// Opens at any fill price; returns the position's address.
    pub fn open(
        &mut self,
        market: MarketId,
        owner: &Trader,
        id: u16,
        side: Side,
        size: u64,
        margin: u64,
    ) -> Result<Pubkey, Failure> {
        let args = OpenPositionArgs { id, side, size, margin, acceptable_price: any_price(true, side) };
        self.open_with(market, owner, args)?;
        Ok(self.position_key(market, owner, id))
    }

    pub fn open_with(
        &mut self,
        market: MarketId,
        owner: &Trader,
        args: OpenPositionArgs,
    ) -> Result<Receipt, Failure> {
        let instruction = self.open_ix(market, owner, args);
        self.send(&[instruction], &[&owner.key])
    }

    pub fn open_ix(&mut self, market: MarketId, owner: &Trader, args: OpenPositionArgs) -> Instruction {
        let tokens = self.tokens_of(market, owner);
        instructions::open_position(&self.markets[market.0].accounts, owner.pubkey(), tokens, None, args)
    }

    /// Increases at any fill price.
    pub fn increase(
        &mut self,
        market: MarketId,
        owner: &Trader,
        position: Pubkey,
        size: u64,
        margin: u64,
    ) -> Result<Receipt, Failure> {
        let side = self.position(position).side().expect("side");
        let args = IncreasePositionArgs { size, margin, acceptable_price: any_price(true, side) };
        let instruction = self.increase_ix(market, owner, position, args);
        self.send(&[instruction], &[&owner.key])
    }

    pub fn increase_ix(
        &mut self,
        market: MarketId,
        owner: &Trader,
        position: Pubkey,
        args: IncreasePositionArgs,
    ) -> Instruction {
        let tokens = self.tokens_of(market, owner);
        instructions::increase_position(
            &self.markets[market.0].accounts,
            position,
            owner.pubkey(),
            tokens,
            self.referral_of(position),
            args,
        )
    }

    /// Decreases at any fill price.
    pub fn decrease(
        &mut self,
        market: MarketId,
        owner: &Trader,
        position: Pubkey,
        size: u64,
    ) -> Result<Receipt, Failure> {
        let side = self.position(position).side().expect("side");
        let args = DecreasePositionArgs { size, acceptable_price: any_price(false, side) };
        let instruction = self.decrease_ix(market, owner, position, args);
        self.send(&[instruction], &[&owner.key])
    }

    pub fn decrease_ix(
        &mut self,
        market: MarketId,
        owner: &Trader,
        position: Pubkey,
        args: DecreasePositionArgs,
    ) -> Instruction {
        let referral = self.referral_of(position);
        instructions::decrease_position(
            &self.markets[market.0].accounts,
            position,
            owner.pubkey(),
            referral,
            args,
        )
    }

    /// Closes at any fill price.
    pub fn close(&mut self, market: MarketId, owner: &Trader, position: Pubkey) -> Result<Receipt, Failure> {
        let side = self.position(position).side().expect("side");
        let args = ClosePositionArgs { acceptable_price: any_price(false, side) };
        let instruction = self.close_ix(market, owner, position, args);
        let receipt = self.send(&[instruction], &[&owner.key])?;
        self.donations.remove(&pda::position_vault(&position));
        Ok(receipt)
    }

    pub fn close_ix(
        &mut self,
        market: MarketId,
        owner: &Trader,
        position: Pubkey,
        args: ClosePositionArgs,
    ) -> Instruction {
        let tokens = self.tokens_of(market, owner);
        let referral = self.referral_of(position);
        instructions::close_position(
            &self.markets[market.0].accounts,
            position,
            owner.pubkey(),
            tokens,
            referral,
            args,
        )
    }

    pub fn add_margin(
        &mut self,
        market: MarketId,
        payer: &Trader,
        position: Pubkey,
        amount: u64,
    ) -> Result<Receipt, Failure> {
        let instruction = self.add_margin_ix(market, payer, position, amount);
        self.send(&[instruction], &[&payer.key])
    }

    pub fn add_margin_ix(
        &mut self,
        market: MarketId,
        payer: &Trader,
        position: Pubkey,
        amount: u64,
    ) -> Instruction {
        let tokens = self.tokens_of(market, payer);
        let program = self.markets[market.0].accounts.token_program;
        instructions::add_margin(program, position, payer.pubkey(), tokens, amount)
    }

    pub fn remove_margin(
        &mut self,
        market: MarketId,
        owner: &Trader,
        position: Pubkey,
        amount: u64,
    ) -> Result<Receipt, Failure> {
        let instruction = self.remove_margin_ix(market, owner, position, amount);
        self.send(&[instruction], &[&owner.key])
    }

    pub fn remove_margin_ix(
        &mut self,
        market: MarketId,
        owner: &Trader,
        position: Pubkey,
        amount: u64,
    ) -> Instruction {
        let tokens = self.tokens_of(market, owner);
        instructions::remove_margin(
            &self.markets[market.0].accounts,
            position,
            owner.pubkey(),
            tokens,
            amount,
        )
    }

    pub fn liquidate(
        &mut self,
        market: MarketId,
        keeper: &Trader,
        position: Pubkey,
    ) -> Result<Receipt, Failure> {
        let instruction = self.liquidate_ix(market, keeper, position);
        self.send(&[instruction], &[&keeper.key])
    }

    pub fn liquidate_ix(&mut self, market: MarketId, keeper: &Trader, position: Pubkey) -> Instruction {
        let tokens = self.tokens_of(market, keeper);
        instructions::liquidate(&self.markets[market.0].accounts, position, keeper.pubkey(), tokens)
    }
}
