//! One instruction: what its handler asks for, in the handler's order, and the
//! state methods that it calls.

use bytemuck::Zeroable;
use ringfence::errors::RingfenceError;
use ringfence::oracle::{Action, PriceReading, Validity};
use ringfence::state::{Market, MarketStatus, Position, PositionIdentity, Side, TradeTerms};
use ringfence_client::Pubkey;
use ringfence_math::{Price, Quote, Size};

use crate::page::Row;
use crate::row;

#[derive(Clone, Copy)]
pub enum Do {
    Open {
        slot: usize,
        side: Side,
        size: u64,
        margin: u64,
        acceptable: u64,
        referred: bool,
    },
    Increase {
        slot: usize,
        size: u64,
        margin: u64,
        acceptable: u64,
    },
    Decrease {
        slot: usize,
        size: u64,
        acceptable: u64,
    },
    Close {
        slot: usize,
        acceptable: u64,
    },
    AddMargin {
        slot: usize,
        amount: u64,
    },
    RemoveMargin {
        slot: usize,
        amount: u64,
    },
    Liquidate {
        slot: usize,
    },
    CloseAtCap {
        slot: usize,
    },
    AddLiquidity {
        amount: u64,
        least: u64,
    },
    RemoveLiquidity {
        shares: u64,
        held: u64,
        least: u64,
    },
    /// Not an instruction: what others, and orders, do to the market or the position.
    Status(MarketStatus),
    Commit {
        slot: usize,
        until: i64,
    },
    Settle {
        price: u64,
    },
}

impl Do {
    pub fn slot(&self) -> Option<usize> {
        match *self {
            Self::Open { slot, .. }
            | Self::Increase { slot, .. }
            | Self::Decrease { slot, .. }
            | Self::Close { slot, .. }
            | Self::AddMargin { slot, .. }
            | Self::RemoveMargin { slot, .. }
            | Self::Liquidate { slot }
            | Self::CloseAtCap { slot }
            | Self::Commit { slot, .. } => Some(slot),
            _ => None,
        }
    }

    /// Its name, and five numbers.
    fn texts(&self) -> Row {
        match *self {
            Self::Open { slot, side, size, margin, acceptable, referred } => {
                let name = if referred { "openReferred" } else { "open" };
                row![name, slot, side as u8, size, margin, acceptable]
            }
            Self::Increase { slot, size, margin, acceptable } => {
                row!["increase", slot, 0, size, margin, acceptable]
            }
            Self::Decrease { slot, size, acceptable } => row!["decrease", slot, 0, size, 0, acceptable],
            Self::Close { slot, acceptable } => row!["close", slot, 0, 0, 0, acceptable],
            Self::AddMargin { slot, amount } => row!["addMargin", slot, 0, amount, 0, 0],
            Self::RemoveMargin { slot, amount } => row!["removeMargin", slot, 0, amount, 0, 0],
            Self::Liquidate { slot } => row!["liquidate", slot, 0, 0, 0, 0],
            Self::CloseAtCap { slot } => row!["closeAtCap", slot, 0, 0, 0, 0],
            Self::AddLiquidity { amount, least } => row!["addLiquidity", 0, 0, amount, least, 0],
            Self::RemoveLiquidity { shares, held, least } => {
                row!["removeLiquidity", 0, 0, shares, held, least]
            }
            Self::Status(status) => row!["status", 0, status as u8, 0, 0, 0],
            Self::Commit { slot, until } => row!["commit", slot, 0, until, 0, 0],
            Self::Settle { price } => row!["settle", 0, 0, price, 0, 0],
        }
    }
}

/// An instruction, and what it finds.
pub struct Step {
    pub act: Do,
    pub reading: PriceReading,
    pub now: i64,
}

impl Step {
    pub fn texts(&self) -> Row {
        let PriceReading { price, confidence, ema, publish_time, .. } = self.reading;
        [self.act.texts(), row![price.0, confidence.0, ema.0, publish_time, self.now]].concat()
    }
}

type Result<T> = std::result::Result<T, RingfenceError>;

fn require(holds: bool, error: RingfenceError) -> Result<()> {
    if holds { Ok(()) } else { Err(error) }
}

/// `oracle::observe`, of a reading that has been decoded.
fn observe(market: &mut Market, step: &Step, action: Action) -> Result<PriceReading> {
    if let Some(settled) = market.settlement_reading() {
        return Ok(settled);
    }
    let accepted = market.accepted.publish_time;
    let validity = Validity::assess(&step.reading, &market.oracle, accepted, step.now, 0);
    if validity > action.accepts() {
        return Err(validity.into());
    }
    market.observe(&step.reading, step.now)?;
    Ok(step.reading)
}

fn terms(acceptable: u64, referred: bool) -> TradeTerms {
    TradeTerms { acceptable: Price(acceptable), referred }
}

/// Performs a step, or leaves everything as it was. Returns the fill, or what
/// the position was judged by.
pub fn perform(
    market: &mut Market,
    positions: &mut [Option<Position>],
    step: &Step,
) -> Result<Option<Price>> {
    let (mut changed, mut position) = (*market, step.act.slot().and_then(|slot| positions[slot]));
    let fill = act(&mut changed, &mut position, step)?;
    *market = changed;
    if let Some(slot) = step.act.slot() {
        positions[slot] = position;
    }
    Ok(fill)
}

fn act(market: &mut Market, held: &mut Option<Position>, step: &Step) -> Result<Option<Price>> {
    let now = step.now;
    market.check_version()?;
    match (step.act, held.as_mut()) {
        (Do::Open { side, size, margin, acceptable, referred, .. }, None) => {
            market.status()?.allows_new_risk()?;
            market.ensure_instant_open()?;
            let reading = observe(market, step, Action::AddRisk)?;
            let mut position = Position::zeroed();
            position.initialize(identity(side, market.admit_position()?, now), market);
            let opened = position.increase(
                market,
                Size(size),
                Quote(margin),
                &reading,
                terms(acceptable, referred),
            )?;
            market.invariant()?;
            *held = Some(position);
            Ok(Some(opened.fill))
        }
        (Do::Increase { size, margin, acceptable, .. }, Some(position)) => {
            market.status()?.allows_new_risk()?;
            market.ensure_instant_open()?;
            require(!position.is_empty(), RingfenceError::PositionEmpty)?;
            position.ensure_uncommitted(market, now)?;
            let reading = observe(market, step, Action::AddRisk)?;
            let added =
                position.increase(market, Size(size), Quote(margin), &reading, terms(acceptable, false))?;
            market.invariant()?;
            Ok(Some(added.fill))
        }
        (Do::Decrease { size, acceptable, .. }, Some(position)) => {
            require(!position.is_empty(), RingfenceError::PositionEmpty)?;
            if size == position.size {
                position.ensure_uncommitted(market, now)?;
            }
            let reading = observe(market, step, Action::ReduceRisk)?;
            let closed = position.decrease(market, Size(size), &reading, terms(acceptable, false))?;
            market.invariant()?;
            Ok(Some(closed.fill))
        }
        (Do::Close { acceptable, .. }, Some(position)) => {
            position.ensure_uncommitted(market, now)?;
            let mut fill = None;
            if !position.is_empty() {
                let reading = observe(market, step, Action::ReduceRisk)?;
                fill = Some(position.close(market, &reading, terms(acceptable, false))?.fill);
            }
            market.dismiss_position(position)?;
            market.invariant()?;
            *held = None;
            Ok(fill)
        }
        (act, held) => on_margin(market, act, held, step),
    }
}

fn identity(side: Side, generation: u64, opened_at: i64) -> PositionIdentity {
    PositionIdentity {
        bump: 0,
        vault_bump: 0,
        id: 0,
        side,
        market: Pubkey::default(),
        owner: Pubkey::default(),
        vault: Pubkey::default(),
        referral: Pubkey::default(),
        generation,
        opened_at,
    }
}

fn on_margin(
    market: &mut Market,
    act: Do,
    held: Option<&mut Position>,
    step: &Step,
) -> Result<Option<Price>> {
    match (act, held) {
        (Do::AddMargin { amount, .. }, Some(position)) => {
            require(!position.is_empty(), RingfenceError::PositionEmpty)?;
            require(amount > 0, RingfenceError::ZeroAmount)?;
            position.deposit_margin(Quote(amount))?;
            Ok(None)
        }
        (Do::RemoveMargin { amount, .. }, Some(position)) => {
            if !position.is_empty() {
                market.status()?.allows_margin_withdrawal()?;
            }
            position.ensure_uncommitted(market, step.now)?;
            if position.is_empty() {
                position.withdraw_remainder(Quote(amount))?;
            } else {
                // The market itself stays unwritten.
                let mut copy = *market;
                let reading = observe(&mut copy, step, Action::AddRisk)?;
                position.withdraw_margin(&copy, Quote(amount), &reading)?;
            }
            Ok(None)
        }
        (Do::Liquidate { .. }, Some(position)) => {
            market.status()?.allows_liquidation()?;
            let reading = observe(market, step, Action::Liquidate)?;
            let liquidation = position.liquidate(market, &reading)?;
            market.invariant()?;
            Ok(Some(liquidation.closed.settled_at))
        }
        (Do::CloseAtCap { .. }, Some(position)) => {
            position.ensure_uncommitted(market, step.now)?;
            let reading = observe(market, step, Action::ReduceRisk)?;
            let closed = position.close_at_cap(market, &reading)?;
            market.invariant()?;
            Ok(Some(closed.price))
        }
        (Do::Commit { until, .. }, Some(position)) => {
            position.committed_until = until;
            position.void_orders[0] = 5;
            Ok(None)
        }
        (act, _) => on_market(market, act, step),
    }
}

fn on_market(market: &mut Market, act: Do, step: &Step) -> Result<Option<Price>> {
    match act {
        Do::AddLiquidity { amount, least } => {
            market.status()?.allows_new_risk()?;
            require(amount > 0, RingfenceError::ZeroAmount)?;
            let reading = observe(market, step, Action::AddRisk)?;
            let shares = market.deposit(Quote(amount), &reading)?;
            require(shares >= least, RingfenceError::LiquiditySlippageExceeded)?;
            market.invariant()?;
        }
        Do::RemoveLiquidity { shares, held, least } => {
            market.status()?.allows_liquidity_withdrawal()?;
            require(shares > 0, RingfenceError::ZeroAmount)?;
            require(shares <= held, RingfenceError::InsufficientShares)?;
            let reading = observe(market, step, Action::AddRisk)?;
            let amount = market.withdraw(shares, &reading, step.now)?.0;
            require(amount >= least, RingfenceError::LiquiditySlippageExceeded)?;
            market.invariant()?;
        }
        Do::Status(status) => market.status = status as u8,
        Do::Settle { price } => {
            market.status = MarketStatus::Settling as u8;
            (market.settlement_price, market.settled_at) = (price, step.now);
        }
        _ => unreachable!("chosen for a slot that has no position, or has one"),
    }
    Ok(None)
}
