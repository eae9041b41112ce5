//! The whole program once more: what each action makes of a state, or why it
//! is refused. Written from the design and the decisions over the big integers
//! of `model`; nothing of `ringfence-math` is in it.

mod governance;
mod oracle;
mod orders;
mod pool;
mod trades;

use anchor_lang::prelude::Pubkey;
pub use orders::{adds, stands};
use ringfence_client::RingfenceError;
use ringfence_client::accounts::{Market, Position};

use crate::action::{Action, Spot};
use crate::model::Division;
use crate::run::{PEOPLE, Run};
use crate::state::State;

/// Why an action is refused: any of these errors; or, where the accounts
/// themselves are not there, already there, or without funds, one that is not
/// the program's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    errors: Vec<RingfenceError>,
    accounts: bool,
}

impl Refusal {
    pub fn accounts() -> Self {
        Self { errors: Vec::new(), accounts: true }
    }

    /// By that error, or because of the accounts.
    pub fn or_accounts(error: RingfenceError) -> Self {
        Self { errors: vec![error], accounts: true }
    }

    pub fn is(&self, code: Option<u32>) -> bool {
        let named = code.and_then(ringfence_client::errors::from_code);
        match named {
            Some(error) => self.errors.contains(&error),
            None => self.accounts,
        }
    }
}

impl From<RingfenceError> for Refusal {
    fn from(error: RingfenceError) -> Self {
        Self { errors: vec![error], accounts: false }
    }
}

pub type Verdict<T = ()> = Result<T, Refusal>;

/// Refused by whichever of these is the case; which one it is that is named
/// is not laid down.
pub fn none_of(problems: &[(bool, RingfenceError)]) -> Verdict {
    let errors: Vec<_> = problems.iter().filter(|(is, _)| *is).map(|(_, error)| *error).collect();
    if errors.is_empty() { Ok(()) } else { Err(Refusal { errors, accounts: false }) }
}

pub fn ensure(condition: bool, error: RingfenceError) -> Verdict {
    if condition { Ok(()) } else { Err(error.into()) }
}

/// As an amount of an account.
pub fn atoms(amount: i128) -> Verdict<u64> {
    u64::try_from(amount).map_err(|_| RingfenceError::MathOverflow.into())
}

/// A state that an action is being tried on.
pub struct Model<'a> {
    pub run: &'a Run,
    pub state: State,
}

/// The state after `action`, which has not been performed yet.
pub fn predict(run: &Run, before: &State, action: &Action) -> Verdict<State> {
    let mut model = Model { run, state: before.clone() };
    model.act(action)?;
    Ok(model.state)
}

impl Model<'_> {
    fn act(&mut self, action: &Action) -> Verdict {
        match *action {
            Action::Open { .. } => self.open(action),
            Action::Increase { at, by, size, margin } => self.increase(at, by, size, margin),
            Action::Decrease { at, by, size, acceptable } => self.decrease(at, by, size, acceptable),
            Action::Close { at, by } => self.close(at, by),
            Action::AddMargin { at, payer, amount } => self.add_margin(at, payer, amount),
            Action::RemoveMargin { at, by, amount } => self.remove_margin(at, by, amount),
            Action::SetDelegate { at, by, delegate } => self.set_delegate(at, by, delegate),
            Action::CreatePosition { at, long, referrer } => self.create_position(at, long, referrer),
            Action::PlaceOrder { of, by, asked } => self.place_order(of, by, &asked),
            Action::CancelOrder { of, by } => self.cancel_order(of, by),
            Action::ExecuteOrder { of, by } => self.execute_order(of, by),
            Action::Liquidate { at, keeper } => self.liquidate(at, keeper),
            Action::CloseAtCap { at, .. } => self.close_at_cap(at),
            Action::CloseSettled { at } => self.close_settled(at),
            Action::MigratePosition { at } => self.migrate_position(at),
            Action::Accrue { market } => self.accrue(market),
            Action::AddLiquidity { market, who, id, amount } => self.add_liquidity(market, who, id, amount),
            Action::ClaimShares { market, who, id } => self.claim_shares(market, who, id),
            Action::RemoveLiquidity { market, who, shares } => self.remove_liquidity(market, who, shares),
            Action::FundInsurance { market, who, amount } => self.fund_insurance(market, who, amount),
            Action::CreateReferral { market, who } => self.create_referral(market, who),
            Action::ClaimReferralFees { market, who } => self.claim_referral_fees(market, who),
            Action::CollectProtocolFees { market } => self.collect_protocol_fees(market),
            _ => self.govern(action),
        }
    }

    // --- what there is -----------------------------------------------------------

    pub fn market(&self, place: usize) -> Verdict<Market> {
        self.state.market(self.run, place).copied().ok_or_else(Refusal::accounts)
    }

    /// A market of the present layout.
    pub fn current_market(&self, place: usize) -> Verdict<Market> {
        let market = self.market(place)?;
        ensure(market.version == 2, RingfenceError::UnsupportedVersion)?;
        Ok(market)
    }

    pub fn put_market(&mut self, place: usize, market: Market) {
        self.state.markets.insert(self.market_key(place), market);
    }

    pub fn market_key(&self, place: usize) -> Pubkey {
        self.run.world.markets[place].accounts.market
    }

    pub fn position(&self, at: Spot) -> Verdict<Position> {
        self.state.position(self.run, at).copied().ok_or_else(Refusal::accounts)
    }

    pub fn put_position(&mut self, at: Spot, position: Position) {
        let key = self.run.position(at).expect("a place");
        self.state.positions.insert(key, position);
    }

    pub fn person(&self, who: usize) -> Pubkey {
        self.run.people[who % PEOPLE].pubkey()
    }

    // --- money -------------------------------------------------------------------

    pub fn wallet(&self, market: usize, who: usize) -> Pubkey {
        self.run.keys[market].wallets[who]
    }

    pub fn balance(&self, account: Pubkey) -> i128 {
        self.state.tokens.get(&account).copied().unwrap_or(0).into()
    }

    /// Moves atoms; refused where they are not there.
    pub fn pay(&mut self, from: Pubkey, to: Pubkey, amount: i128) -> Verdict {
        if self.balance(from) < amount {
            return Err(Refusal::accounts());
        }
        self.issue(from, -amount);
        self.issue(to, amount);
        Ok(())
    }

    pub fn issue(&mut self, account: Pubkey, amount: i128) {
        let balance = self.balance(account) + amount;
        self.state.tokens.insert(account, u64::try_from(balance).expect("a balance"));
    }

    pub fn pool_vault(&self, market: usize) -> Pubkey {
        self.run.world.markets[market].accounts.pool_vault
    }

    /// Where the parts of a trading fee go; the referrer's to his ledger.
    pub fn collect(&mut self, market: &mut Market, position: &Position, division: &Division) -> Verdict {
        market.liquidity = atoms(i128::from(market.liquidity) + division.to_liquidity)?;
        market.insurance = atoms(i128::from(market.insurance) + division.to_insurance)?;
        market.protocol_fees = atoms(i128::from(market.protocol_fees) + division.to_protocol)?;
        market.referral_fees = atoms(i128::from(market.referral_fees) + division.to_referrer)?;
        if let Some(referral) = self.state.referrals.get_mut(&position.referral) {
            referral.fees += division.to_referrer as u64;
            referral.fees_earned += division.to_referrer as u64;
        }
        Ok(())
    }
}
