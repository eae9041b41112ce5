//! The books: every aggregate of every market, recomputed from the accounts
//! that it sums up, and every token accounted for.

use std::collections::HashMap;

use anchor_lang::prelude::Pubkey;
use ringfence_client::PROGRAM_ID;
use ringfence_client::accounts::{LiquidityDeposit, Market, Order, Position, Referral, decode};
use ringfence_client::constants::POSITION_VERSION;
use ringfence_client::state::Side;
use ringfence_math::LOCKED_SHARES;

use crate::tokens::{read_mint, read_token};
use crate::world::World;

/// What the accounts add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    pub markets: Vec<MarketBooks>,
}

/// One market's sums; money in atoms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarketBooks {
    pub open_positions: u64,
    pub open_interest_long: u64,
    pub open_interest_short: u64,
    /// Σ margin of all positions, empty ones included.
    pub margin: u64,
    pub vaults: u64,
    pub pool_vault: u64,
    pub liquidity: u64,
    pub insurance: u64,
    pub protocol_fees: u64,
    pub reserved: u64,
}

/// Fails with what was expected and what was found.
fn same<T: PartialEq + std::fmt::Display>(
    what: &str,
    market: u16,
    expected: T,
    found: T,
) -> Result<(), String> {
    if expected == found {
        Ok(())
    } else {
        Err(format!("market {market}: {what}: expected {expected}, found {found}"))
    }
}

impl World {
    /// Recomputes everything and compares; says the first thing that is off.
    pub fn check_books(&self) -> Result<Books, String> {
        let positions: Vec<(Pubkey, Position)> = self
            .svm
            .get_program_accounts(&PROGRAM_ID)
            .into_iter()
            .filter_map(|(key, account)| Some((key, decode::<Position>(&account.data)?)))
            .collect();
        let mut books = Books::default();
        for handle in &self.markets {
            let key = handle.accounts.market;
            if self.svm.get_account(&key).is_none_or(|account| account.lamports == 0) {
                let left = positions.iter().filter(|(_, position)| position.market == key).count();
                if left > 0 {
                    return Err(format!("market {key} is closed, but has {left} positions"));
                }
                books.markets.push(MarketBooks::default());
                continue;
            }
            let own: Vec<_> = positions.iter().filter(|(_, position)| position.market == key).collect();
            books.markets.push(self.check_market(&key, &own)?);
        }
        self.check_orders()?;
        self.check_supplies()?;
        Ok(books)
    }

    fn check_market(&self, key: &Pubkey, positions: &[&(Pubkey, Position)]) -> Result<MarketBooks, String> {
        let market = &self.read_market(key);
        let index = market.index;
        let mut books = MarketBooks {
            pool_vault: self.balance(&market.pool_vault),
            liquidity: market.liquidity,
            insurance: market.insurance,
            protocol_fees: market.protocol_fees,
            reserved: market.reserved,
            ..MarketBooks::default()
        };
        let (mut reserved, mut borrow_basis, mut generations) = (0, 0u128, Vec::new());
        for side in [Side::Long, Side::Short] {
            let (mut interest, mut entry, mut count, mut funding_basis) = (0, 0, 0, 0i128);
            for (key, position) in positions.iter().filter(|(_, position)| position.side == side as u8) {
                let vault = self.balance(&position.vault);
                let donated = self.donations.get(&position.vault).copied().unwrap_or(0);
                same(&format!("vault of {key}"), index, position.margin + donated, vault)?;
                books.vaults += vault;
                books.margin += position.margin;
                interest += position.size;
                entry += position.entry_notional;
                reserved += position.reserve;
                count += u64::from(!position.is_empty());
                funding_basis += i128::from(position.size) * position.entry_funding_index.get();
                borrow_basis += u128::from(position.reserve) * position.entry_borrow_index.get();
                generations.push(position.generation);
            }
            let book = market.side(side);
            same("open interest", index, interest, book.open_interest)?;
            same("entry notional", index, entry, book.entry_notional)?;
            same("open positions", index, count, book.positions)?;
            same("funding basis", index, funding_basis, book.funding_basis.get())?;
            books.open_positions += count;
            match side {
                Side::Long => books.open_interest_long = interest,
                Side::Short => books.open_interest_short = interest,
            }
        }
        same("reserved", index, reserved, market.reserved)?;
        same("borrow basis", index, borrow_basis, market.borrow_basis.get())?;
        if market.reserved > market.liquidity {
            return Err(format!(
                "market {index}: reserved {} > liquidity {}",
                market.reserved, market.liquidity
            ));
        }
        let donated = self.donations.get(&market.pool_vault).copied().unwrap_or(0);
        let tracked = market.liquidity + market.insurance + market.protocol_fees + market.referral_fees;
        same("pool vault", index, tracked + donated, books.pool_vault)?;

        generations.sort_unstable();
        if generations.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(format!("market {index}: two positions of one generation"));
        }
        let lp_mint = self.svm.get_account(&market.lp_mint).ok_or("no LP mint")?;
        let supply = read_mint(&lp_mint).ok_or("LP mint is no mint")?.supply;
        let locked = if market.lp_shares == 0 { 0 } else { LOCKED_SHARES };
        same("LP shares", index, supply + market.unclaimed_shares + locked, market.lp_shares)?;
        let current = positions.iter().filter(|(_, position)| position.version == POSITION_VERSION).count();
        same("position accounts", index, current as u64, market.position_accounts)?;
        self.check_claims(key, market)?;
        Ok(books)
    }

    /// Deposits and referrals, which hold numbers and no tokens.
    fn check_claims(&self, key: &Pubkey, market: &Market) -> Result<(), String> {
        let (mut deposits, mut shares, mut referrals, mut fees) = (0, 0, 0, 0);
        for (_, account) in self.svm.get_program_accounts(&PROGRAM_ID) {
            if let Some(deposit) = decode::<LiquidityDeposit>(&account.data).filter(|it| it.market == *key) {
                deposits += 1;
                shares += deposit.shares;
            } else if let Some(referral) = decode::<Referral>(&account.data).filter(|it| it.market == *key) {
                referrals += 1;
                fees += referral.fees;
            }
        }
        same("deposit accounts", market.index, deposits, market.deposit_accounts)?;
        same("unclaimed shares", market.index, shares, market.unclaimed_shares)?;
        same("referral accounts", market.index, referrals, market.referral_accounts)?;
        same("referral fees", market.index, fees, market.referral_fees)
    }

    /// Each escrow holds its order's margin and reward, whether or not the
    /// order's position or market still exists.
    fn check_orders(&self) -> Result<(), String> {
        for (key, account) in self.svm.get_program_accounts(&PROGRAM_ID) {
            let Some(order) = decode::<Order>(&account.data) else { continue };
            let donated = self.donations.get(&order.escrow).copied().unwrap_or(0);
            let (expected, found) = (order.margin + order.reward + donated, self.balance(&order.escrow));
            if expected != found {
                return Err(format!("escrow of order {key}: expected {expected}, found {found}"));
            }
        }
        Ok(())
    }

    /// Every atom of every mint lies in some token account.
    fn check_supplies(&self) -> Result<(), String> {
        let mut held: HashMap<Pubkey, u64> = HashMap::new();
        for program in [anchor_spl::token::ID, anchor_spl::token_2022::ID] {
            for (_, account) in self.svm.get_program_accounts(&program) {
                if let Some(state) = read_token(&account) {
                    *held.entry(state.mint).or_default() += state.amount;
                }
            }
        }
        for handle in &self.markets {
            for mint in [handle.accounts.collateral_mint, handle.accounts.lp_mint] {
                let account = self.svm.get_account(&mint).ok_or("a mint is gone")?;
                let supply = read_mint(&account).ok_or("a mint is no mint")?.supply;
                let found = held.get(&mint).copied().unwrap_or(0);
                if supply != found {
                    return Err(format!("mint {mint}: supply {supply}, but accounts hold {found}"));
                }
            }
        }
        Ok(())
    }
}
