//! The end of a position, the same whoever asks for it.

use anchor_lang::prelude::*;
use anchor_spl::token::accessor;
use ringfence_math::Price;

use super::decreased;
use crate::events::{PositionClosed, PositionDecreased};
use crate::oracle::PriceReading;
use crate::state::{Market, Position, Referral, TradeTerms, credit_referral};
use crate::tokens::{self, Netting};
use crate::{market_seeds, position_seeds};

/// The accounts of a position that is about to go.
pub(in crate::instructions) struct Closing<'a, 'info> {
    pub market: &'a AccountLoader<'info, Market>,
    pub position: &'a AccountLoader<'info, Position>,
    pub position_vault: AccountInfo<'info>,
    pub pool_vault: AccountInfo<'info>,
    pub referral: Option<&'a AccountLoader<'info, Referral>>,
    /// Receives the vault's rent.
    pub owner: AccountInfo<'info>,
    /// Receives all that the vault holds.
    pub owner_token_account: AccountInfo<'info>,
    pub token_program: AccountInfo<'info>,
}

impl Closing<'_, '_> {
    /// Closes what is open at the price that `read` brings, settles with the
    /// pool, pays everything out and closes the vault. The position's own
    /// account is left to the caller. Returns what was still open, and the end.
    pub fn run(
        self,
        acceptable: Price,
        read: impl FnOnce(&mut Market) -> Result<PriceReading>,
    ) -> Result<(Option<PositionDecreased>, PositionClosed)> {
        let (closed, index, bump) = {
            let market = &mut self.market.load_mut()?;
            let closed = self.close_open_size(market, acceptable, read)?;
            market.dismiss_position(&*self.position.load()?)?;
            market.invariant()?;
            (closed, market.index, market.bump)
        };
        let position = *self.position.load()?;
        let (seeds, market_seeds) = (position_seeds!(position), market_seeds!(index, bump));
        let (vault, authority) = (self.position_vault, self.position.to_account_info());
        if let Some(event) = &closed {
            Netting {
                program: &self.token_program,
                vault: vault.clone(),
                pool_vault: self.pool_vault,
                position: authority.clone(),
                market: self.market.to_account_info(),
            }
            .settle(event.gain, event.loss + event.fee, seeds, market_seeds)?;
        }
        // All that is there, not the margin alone: a donation must not keep
        // the vault from being closed.
        let payout = accessor::amount(&vault)?;
        let program = &self.token_program;
        tokens::transfer(
            program,
            vault.clone(),
            self.owner_token_account,
            authority.clone(),
            payout,
            Some(seeds),
        )?;
        tokens::close(program, vault, self.owner, authority, seeds)?;
        let end = PositionClosed {
            market: position.market,
            position: self.position.key(),
            owner: position.owner,
            generation: position.generation,
            payout,
            surplus: payout.saturating_sub(position.margin),
            realised_pnl: position.realised_pnl.get(),
            fees_paid: position.fees_paid,
        };
        Ok((closed, end))
    }

    /// None where the position is empty already.
    fn close_open_size(
        &self,
        market: &mut Market,
        acceptable: Price,
        read: impl FnOnce(&mut Market) -> Result<PriceReading>,
    ) -> Result<Option<PositionDecreased>> {
        let position = &mut self.position.load_mut()?;
        if position.is_empty() {
            return Ok(None);
        }
        let reading = read(market)?;
        // Whoever asks, the owner gets it; but a settlement takes no fee that
        // a referrer could share in, and so needs none named.
        let referred = !market.is_settling() && position.refers(&position.owner);
        let decrease = position.close(market, &reading, TradeTerms { acceptable, referred })?;
        if !market.is_settling() {
            credit_referral(position, self.referral, decrease.split.referrer.0)?;
        }
        Ok(Some(decreased(self.position.key(), position, market, &decrease)))
    }
}
