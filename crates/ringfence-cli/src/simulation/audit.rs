//! What must hold, and where every atom is.

use std::fmt;

use anyhow::Result;
use ringfence_client::oracle::Action;
use ringfence_client::{Pubkey, health};
use ringfence_testkit::tokens::read_mint;

use super::{Participant, Simulation, program_error};

/// An invariant that was found broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invariant broken: {}", self.0)
    }
}

impl std::error::Error for Violation {}

/// Fails with a [`Violation`] unless the invariant holds.
pub(super) fn hold(holds: bool, broken: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(Violation(broken()).into()) }
}

/// Where all collateral is, in atoms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    pub issued: u64,
    pub wallets: u64,
    pub vaults: u64,
    /// Of orders that wait.
    pub escrows: u64,
    pub liquidity: u64,
    pub insurance: u64,
    pub protocol_fees: u64,
    pub keeper: u64,
}

impl Holdings {
    /// Issued less found: anything but 0 is an atom that is missing, or one
    /// too many.
    pub fn difference(&self) -> i128 {
        let found =
            [self.wallets, self.vaults, self.escrows, self.liquidity, self.insurance, self.protocol_fees];
        let found = found.into_iter().chain([self.keeper]);
        i128::from(self.issued) - found.map(i128::from).sum::<i128>()
    }
}

impl Simulation {
    /// Wallet and vault of a participant hold what his own last action left.
    pub(super) fn check_untouched(&self, participant: &Participant) -> Result<()> {
        let wallet = self.world.balance(&participant.tokens);
        hold(wallet == participant.wallet, || {
            let owner = participant.trader.pubkey();
            format!("wallet of {owner} holds {wallet} atoms in place of {}", participant.wallet)
        })?;
        let Some(life) = &participant.life else {
            return Ok(());
        };
        let vault = self.world.balance(&life.vault);
        hold(vault == life.state.margin, || {
            format!(
                "vault of position {} holds {vault} atoms in place of {}",
                life.position, life.state.margin
            )
        })
    }

    /// Every wallet and every vault is as its owner left it, and the
    /// liquidator's list has missed nobody.
    pub fn audit_positions(&self) -> Result<()> {
        let market = self.accrued()?;
        let judged = self.accepts_price(Action::Liquidate);
        let reading = self.feed.reading();
        for participant in &self.participants {
            self.check_untouched(participant)?;
            let Some(life) = participant.life.as_ref().filter(|life| judged && !life.state.is_empty()) else {
                continue;
            };
            let mark = health::liquidation_mark(&market, &life.state, reading.price, reading.confidence)
                .map_err(program_error)?;
            let health = health::health(&market, &life.state, mark).map_err(program_error)?;
            hold(!health.is_liquidatable(), || {
                format!("position {} is liquidatable past its liquidation price", life.position)
            })?;
        }
        Ok(())
    }

    /// Every aggregate is the sum of its parts, and no atom is missing.
    pub fn audit_books(&self) -> Result<()> {
        self.audit_positions()?;
        self.world.check_books().map_err(Violation)?;
        let difference = self.holdings().difference();
        hold(difference == 0, || format!("{difference} atoms are missing"))?;
        self.ledger.check(&self.state(), self.pool_start)
    }

    /// The fees in the events are those that the closed positions have paid;
    /// to be asked once all are closed.
    pub(super) fn audit_fees(&self) -> Result<()> {
        let expected = self.ledger.trading_fees + self.ledger.liquidation_fees;
        hold(self.fees == expected, || {
            format!("positions paid {} atoms of fees, but the events add up to {expected}", self.fees)
        })
    }

    fn supply(&self, mint: &Pubkey) -> u64 {
        let account = self.world.svm.get_account(mint);
        account.and_then(|account| read_mint(&account)).map_or(0, |mint| mint.supply)
    }

    /// Counts every atom of collateral. The pool's parts are the market's own
    /// numbers; that its vault holds them is checked by the books.
    pub fn holdings(&self) -> Holdings {
        let market = self.state();
        let life = |participant: &Participant| participant.life.map(|life| self.world.balance(&life.vault));
        Holdings {
            issued: self.supply(&market.collateral_mint),
            wallets: self.participants.iter().map(|one| self.world.balance(&one.tokens)).sum(),
            vaults: self.participants.iter().filter_map(life).sum(),
            escrows: self.escrows(),
            liquidity: market.liquidity,
            insurance: market.insurance,
            protocol_fees: market.protocol_fees,
            keeper: self.world.balance(&self.keeper_tokens),
        }
    }
}
