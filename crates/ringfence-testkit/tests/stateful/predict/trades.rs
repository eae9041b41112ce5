//! Design §4 and §5: positions (invariants 2, 4, 5, 7, 8, 12, 14).

use bytemuck::Zeroable;
use ringfence_client::RingfenceError::*;
use ringfence_client::accounts::{Market, Position};
use ringfence_testkit::Feed;
use ringfence_testkit::trade::any_price;

use super::oracle::For;
use super::{Model, Refusal, Verdict, atoms, ensure};
use crate::action::{Action, Spot};
use crate::model::{self, Share, big};
use crate::perform::side;

/// A position's part of its market's sums, put in or taken out.
fn count(market: &mut Market, position: &Position, sign: i128) -> Verdict {
    if position.size == 0 {
        return Ok(());
    }
    let add = |total: &mut u64, amount: u64| -> Verdict {
        *total = atoms(i128::from(*total) + sign * i128::from(amount))?;
        Ok(())
    };
    let book = if model::is_long(position) { &mut market.long } else { &mut market.short };
    add(&mut book.positions, 1)?;
    add(&mut book.open_interest, position.size)?;
    add(&mut book.entry_notional, position.entry_notional)?;
    let basis = i128::from(position.size) * position.entry_funding_index.get();
    book.funding_basis.set(book.funding_basis.get() + sign * basis);
    add(&mut market.reserved, position.reserve)?;
    let basis = u128::from(position.reserve) * position.entry_borrow_index.get();
    let total = market.borrow_basis.get();
    market.borrow_basis.set(if sign > 0 { total + basis } else { total - basis });
    Ok(())
}

/// Takes a share out of a position and out of the market's sums.
fn reduce(market: &mut Market, position: &mut Position, share: &Share) -> Verdict {
    count(market, position, -1)?;
    position.size -= share.size as u64;
    position.entry_notional -= share.entry as u64;
    position.reserve -= share.reserve as u64;
    count(market, position, 1)
}

/// Lifetime totals, for statements.
fn record(position: &mut Position, share: &Share, pnl: i128, fee: i128) {
    position.realised_pnl.set(position.realised_pnl.get() + pnl);
    position.realised_funding.set(position.realised_funding.get() + share.funding);
    position.realised_borrow += share.borrow as u64;
    position.fees_paid += fee as u64;
}

/// Decision 16: a generation that no position has had, in which nothing is
/// ordered yet.
fn renew(market: &mut Market, position: &mut Position) {
    position.generation = market.next_generation;
    market.next_generation += 1;
    position.void_orders = [0; 4];
    position.committed_until = 0;
}

pub fn against(position: &Position, feed: &Feed) -> i128 {
    let (low, high) = model::edges(feed);
    if model::is_long(position) { low } else { high }
}

fn acceptable(buy: bool, fill: i128, limit: u64) -> bool {
    if buy { fill <= i128::from(limit) } else { fill >= i128::from(limit) }
}

impl Model<'_> {
    pub fn open(&mut self, action: &Action) -> Verdict {
        let &Action::Open { at, long, size, margin, acceptable, referrer } = action else { unreachable!() };
        let mut market = self.market_for_new(at, referrer)?;
        ensure(market.params.delayed_only == 0, InstantOpenDisabled)?;
        let feed = self.observe(at.market, &mut market, For::Risk)?;
        let position = self.new_position(at, &mut market, long, referrer)?;
        let limit = acceptable.unwrap_or(any_price(true, side(long)));
        let wallet = self.wallet(at.market, at.who);
        self.grow(at, market, position, &feed, (size, margin, limit), referrer.is_some(), wallet)
    }

    /// Without size or margin, and in no sum of the market's.
    pub fn create_position(&mut self, at: Spot, long: bool, referrer: Option<usize>) -> Verdict {
        let mut market = self.market_for_new(at, referrer)?;
        let position = self.new_position(at, &mut market, long, referrer)?;
        self.issue(position.vault, 0);
        self.put_market(at.market, market);
        self.put_position(at, position);
        Ok(())
    }

    /// The market, where it takes a new position and the referral is there.
    fn market_for_new(&self, at: Spot, referrer: Option<usize>) -> Verdict<Market> {
        let market = self.market(at.market)?;
        let ledger = |who: usize| self.run.keys[at.market].referrals[who];
        let named = referrer.is_none_or(|who| self.state.referrals.contains_key(&ledger(who)));
        if !named {
            return Err(Refusal::accounts());
        }
        ensure(market.version == 2, UnsupportedVersion)?;
        ensure(market.status == 0, MarketNotActive)?;
        Ok(market)
    }

    /// Made after the market, and the price to open at, have been found to be
    /// good, and before the trade is looked at.
    fn new_position(
        &self,
        at: Spot,
        market: &mut Market,
        long: bool,
        referrer: Option<usize>,
    ) -> Verdict<Position> {
        if self.position(at).is_ok() {
            return Err(Refusal::accounts());
        }
        let mut position = Position::zeroed();
        position.version = 2;
        position.side = u8::from(!long);
        position.id = at.id;
        position.market = self.market_key(at.market);
        position.owner = self.person(at.who);
        position.vault = self.run.vault(at).expect("a place");
        position.referral = referrer.map(|who| self.run.keys[at.market].referrals[who]).unwrap_or_default();
        position.opened_at = self.state.now;
        position.entry_funding_index = market.funding_index;
        position.entry_borrow_index = market.borrow_index;
        market.position_accounts += 1;
        renew(market, &mut position);
        Ok(position)
    }

    pub fn increase(&mut self, at: Spot, by: usize, size: u64, margin: u64) -> Verdict {
        let (mut market, position) = (self.market(at.market)?, self.position(at)?);
        let trader = self.person(by);
        let may = trader == position.owner || trader == position.delegate;
        ensure(may, NotOwnerOrDelegate)?;
        ensure(market.version == 2, UnsupportedVersion)?;
        ensure(market.status == 0, MarketNotActive)?;
        ensure(market.params.delayed_only == 0, InstantOpenDisabled)?;
        ensure(position.version == 2, UnsupportedVersion)?;
        ensure(position.size > 0, PositionEmpty)?;
        ensure(!self.is_committed(&market, &position), OrderPending)?;
        let feed = self.observe(at.market, &mut market, For::Risk)?;
        let limit = any_price(true, side(model::is_long(&position)));
        let referred = model::is_referred(&position) && trader == position.owner;
        let wallet = self.wallet(at.market, by);
        self.grow(at, market, position, &feed, (size, margin, limit), referred, wallet)
    }

    #[expect(clippy::too_many_arguments, reason = "a trade's terms, and whose money it is")]
    pub fn grow(
        &mut self,
        at: Spot,
        mut market: Market,
        mut position: Position,
        feed: &Feed,
        (size, deposit, limit): (u64, u64, u64),
        referred: bool,
        wallet: anchor_lang::prelude::Pubkey,
    ) -> Verdict {
        ensure(size > 0, ZeroAmount)?;
        let (long, params) = (model::is_long(&position), market.params);
        let fill = model::fill(&market, feed, long, size.into()).ok_or(InvalidMathParameter)?;
        ensure(acceptable(long, fill, limit), SlippageExceeded)?;
        let notional = model::notional_ceil(&market, size.into(), fill);
        let entry = if long { notional } else { model::notional_floor(&market, size.into(), fill) };
        let reserve = model::ppm_ceil(entry, params.reserve_factor_ppm);
        let division = model::opening(&market, feed, long, size.into(), referred).expect("a fill");

        count(&mut market, &position, -1)?;
        let old = position;
        position.size = atoms(i128::from(old.size) + i128::from(size))?;
        position.entry_notional = atoms(i128::from(old.entry_notional) + entry)?;
        position.reserve = atoms(i128::from(old.reserve) + reserve)?;
        ensure(position.entry_notional >= params.min_position_notional, PositionTooSmall)?;
        self.blend(&market, &old, &mut position);
        count(&mut market, &position, 1)?;
        let (book, most) = match long {
            true => (&market.long, params.max_open_interest_long),
            false => (&market.short, params.max_open_interest_short),
        };
        let interest = model::notional_ceil(&market, book.open_interest.into(), feed.price.into());
        ensure(interest <= i128::from(most), OpenInterestLimit)?;
        let usable = model::ppm_floor(market.liquidity.into(), params.max_utilisation_ppm);
        ensure(i128::from(market.reserved) <= usable, InsufficientLiquidity)?;
        let margin = i128::from(old.margin) + i128::from(deposit);
        ensure(division.fee <= margin, MarginBelowFee)?;
        position.margin = atoms(margin - division.fee)?;
        position.fees_paid += division.fee as u64;
        self.collect(&mut market, &position, &division)?;

        let health = model::health(&market, &position, against(&position, feed));
        ensure(health.equity >= health.initial, BelowInitialMargin)?;
        ensure(!health.liquidatable(), WouldBeLiquidatable)?;
        self.put_market(at.market, market);
        self.put_position(at, position);
        self.issue(position.vault, 0);
        self.pay(wallet, position.vault, deposit.into())?;
        self.pay(position.vault, self.pool_vault(at.market), division.fee)
    }

    /// Decision 9: the entry indices at which the larger position owes what
    /// the smaller did, the growth rounded against it.
    fn blend(&self, market: &Market, old: &Position, new: &mut Position) {
        let now = market.funding_index.get();
        let growth = big(now - old.entry_funding_index.get()) * old.size;
        let whole = big(new.size);
        // a long pays for growth, a short is paid for it
        let kept = match model::is_long(old) {
            true => -model::floor_of(-growth, whole),
            false => model::floor_of(growth, whole),
        };
        new.entry_funding_index.set(now - kept);
        let lent = big(market.borrow_index.get() - old.entry_borrow_index.get()) * old.reserve;
        let kept = -model::floor_of(-lent, big(new.reserve));
        new.entry_borrow_index.set(market.borrow_index.get() - kept as u128);
    }

    pub fn decrease(&mut self, at: Spot, by: usize, size: u64, limit: Option<u64>) -> Verdict {
        let (mut market, position) = (self.market(at.market)?, self.position(at)?);
        let trader = self.person(by);
        ensure(trader == position.owner || trader == position.delegate, NotOwnerOrDelegate)?;
        ensure(market.version == 2 && position.version == 2, UnsupportedVersion)?;
        ensure(position.size > 0, PositionEmpty)?;
        ensure(size != position.size || !self.is_committed(&market, &position), OrderPending)?;
        let feed = self.observe(at.market, &mut market, For::Exit)?;
        let referred = model::is_referred(&position) && trader == position.owner;
        let limit = limit.unwrap_or(any_price(false, side(model::is_long(&position))));
        self.take(at, market, position, &feed, size, limit, referred)
    }

    /// A decrease, at whoever's request.
    #[expect(clippy::too_many_arguments, reason = "a trade's terms")]
    pub fn take(
        &mut self,
        at: Spot,
        mut market: Market,
        mut position: Position,
        feed: &Feed,
        size: u64,
        limit: u64,
        referred: bool,
    ) -> Verdict {
        ensure(size > 0, ZeroAmount)?;
        ensure(size <= position.size, SizeExceedsPosition)?;
        let partial = size < position.size;
        let before = model::health(&market, &position, feed.price.into());
        let debt = self.shrink(at, &mut market, &mut position, feed, size, limit, referred)?;
        if partial {
            ensure(debt == 0, WouldBeLiquidatable)?;
            ensure(position.entry_notional >= market.params.min_position_notional, PositionTooSmall)?;
            let after = model::health(&market, &position, feed.price.into());
            let (is, was) = (big(after.equity) * before.notional, big(before.equity) * after.notional);
            ensure(is >= was, WorseMarginRatio)?;
            let mark = model::liquidation_mark(&market, model::is_long(&position), feed);
            ensure(!model::health(&market, &position, mark).liquidatable(), WouldBeLiquidatable)?;
        } else {
            renew(&mut market, &mut position);
        }
        self.put_market(at.market, market);
        self.put_position(at, position);
        Ok(())
    }

    /// Closes `size` in the books, and pays; returns the bad debt.
    #[expect(clippy::too_many_arguments, reason = "a trade's terms")]
    fn shrink(
        &mut self,
        at: Spot,
        market: &mut Market,
        position: &mut Position,
        feed: &Feed,
        size: u64,
        limit: u64,
        referred: bool,
    ) -> Verdict<i128> {
        let buy = !model::is_long(position);
        let fill = model::fill(market, feed, buy, size.into()).ok_or(InvalidMathParameter)?;
        ensure(acceptable(buy, fill, limit), SlippageExceeded)?;
        let share = model::share(market, position, size.into());
        let closed = model::closing(market, feed, position, size.into(), referred).expect("a fill");
        reduce(market, position, &share)?;
        let liquidity = i128::from(market.liquidity) - closed.gain + closed.loss;
        market.liquidity = atoms(liquidity)?;
        self.collect(market, position, &closed)?;
        market.insurance = atoms(i128::from(market.insurance) - closed.cover)?;
        market.liquidity = atoms(i128::from(market.liquidity) + closed.cover)?;
        market.bad_debt += closed.bad_debt as u64;
        position.margin = atoms(closed.remainder)?;
        record(position, &share, closed.gain - closed.loss, closed.fee);
        let pool = self.pool_vault(at.market);
        self.net(position.vault, pool, closed.loss + closed.fee - closed.gain)?;
        Ok(closed.bad_debt)
    }

    /// Atoms from a position's vault to the pool's, or back.
    fn net(
        &mut self,
        vault: anchor_lang::prelude::Pubkey,
        pool: anchor_lang::prelude::Pubkey,
        to_pool: i128,
    ) -> Verdict {
        if to_pool >= 0 { self.pay(vault, pool, to_pool) } else { self.pay(pool, vault, -to_pool) }
    }

    pub fn close(&mut self, at: Spot, by: usize) -> Verdict {
        let (mut market, position) = (self.market(at.market)?, self.position(at)?);
        ensure(self.person(by) == position.owner, NotPositionOwner)?;
        ensure(market.version == 2 && position.version == 2, UnsupportedVersion)?;
        ensure(!self.is_committed(&market, &position), OrderPending)?;
        let feed = match position.size {
            0 => None,
            _ => Some(self.observe(at.market, &mut market, For::Exit)?),
        };
        self.end(at, market, position, feed, by)
    }

    pub fn close_settled(&mut self, at: Spot) -> Verdict {
        let (mut market, position) = (self.market(at.market)?, self.position(at)?);
        ensure(market.version == 2 && position.version == 2, UnsupportedVersion)?;
        ensure(model::is_settling(&market), MarketNotSettling)?;
        let feed = self.observe(at.market, &mut market, For::Exit)?;
        let feed = (position.size > 0).then_some(feed);
        self.end(at, market, position, feed, at.who)
    }

    /// The end of a position: all that its vault holds is its owner's.
    fn end(
        &mut self,
        at: Spot,
        mut market: Market,
        mut position: Position,
        feed: Option<Feed>,
        payee: usize,
    ) -> Verdict {
        if let Some(feed) = feed {
            let referred = model::is_referred(&position) && !model::is_settling(&market);
            let (size, any) = (position.size, any_price(false, side(model::is_long(&position))));
            self.shrink(at, &mut market, &mut position, &feed, size, any, referred)?;
        }
        market.position_accounts -= 1;
        self.put_market(at.market, market);
        let payout = self.balance(position.vault);
        self.pay(position.vault, self.wallet(at.market, payee), payout)?;
        self.state.tokens.remove(&position.vault);
        self.state.positions.remove(&self.run.position(at).expect("a place"));
        Ok(())
    }

    pub fn add_margin(&mut self, at: Spot, payer: usize, amount: u64) -> Verdict {
        let mut position = self.position(at)?;
        ensure(position.version == 2, UnsupportedVersion)?;
        ensure(position.size > 0, PositionEmpty)?;
        ensure(amount > 0, ZeroAmount)?;
        position.margin = atoms(i128::from(position.margin) + i128::from(amount))?;
        self.put_position(at, position);
        self.pay(self.wallet(at.market, payer), position.vault, amount.into())
    }

    pub fn remove_margin(&mut self, at: Spot, by: usize, amount: u64) -> Verdict {
        let (mut market, mut position) = (self.market(at.market)?, self.position(at)?);
        ensure(self.person(by) == position.owner, NotPositionOwner)?;
        ensure(market.version == 2 && position.version == 2, UnsupportedVersion)?;
        let open = position.size > 0;
        ensure(!open || market.status != 3, MarketSettling)?;
        ensure(!open || market.status != 2, MarketPaused)?;
        ensure(!self.is_committed(&market, &position), OrderPending)?;
        // the market itself is not written
        let feed = if open { Some(self.observe(at.market, &mut market, For::Risk)?) } else { None };
        ensure(amount > 0, ZeroAmount)?;
        ensure(amount <= position.margin, AmountExceedsMargin)?;
        position.margin -= amount;
        if let Some(feed) = feed {
            let health = model::health(&market, &position, against(&position, &feed));
            let backing = i128::from(position.margin) + health.gain.min(0);
            ensure(backing >= health.initial, BelowInitialMargin)?;
            ensure(!health.liquidatable(), WouldBeLiquidatable)?;
        }
        self.put_position(at, position);
        self.pay(position.vault, self.wallet(at.market, by), amount.into())
    }

    pub fn set_delegate(&mut self, at: Spot, by: usize, delegate: Option<usize>) -> Verdict {
        let mut position = self.position(at)?;
        ensure(self.person(by) == position.owner, NotPositionOwner)?;
        ensure(position.version == 2, UnsupportedVersion)?;
        position.delegate = delegate.map(|who| self.person(who)).unwrap_or_default();
        self.put_position(at, position);
        Ok(())
    }

    pub fn liquidate(&mut self, at: Spot, keeper: usize) -> Verdict {
        let (mut market, mut position) = (self.market(at.market)?, self.position(at)?);
        ensure(market.version == 2, UnsupportedVersion)?;
        ensure(market.status != 3, MarketSettling)?;
        ensure(position.version == 2, UnsupportedVersion)?;
        let feed = self.observe(at.market, &mut market, For::Liquidation)?;
        ensure(position.size > 0, PositionEmpty)?;
        let done = model::liquidation(&market, &feed, &position).ok_or(NotLiquidatable)?;
        let share = model::share(&market, &position, done.size);
        reduce(&mut market, &mut position, &share)?;
        market.liquidity = atoms(i128::from(market.liquidity) - done.gain + done.loss + done.cover)?;
        let insurance = i128::from(market.insurance) + done.to_insurance - done.cover;
        market.insurance = atoms(insurance - done.keeper_from_insurance)?;
        market.bad_debt += done.bad_debt as u64;
        position.margin = atoms(done.remainder)?;
        record(&mut position, &share, done.gain - done.loss, done.keeper_from_vault + done.to_insurance);
        renew(&mut market, &mut position);
        self.put_market(at.market, market);
        self.put_position(at, position);
        let (pool, wallet) = (self.pool_vault(at.market), self.wallet(at.market, keeper));
        self.net(position.vault, pool, done.loss + done.to_insurance - done.gain)?;
        self.pay(position.vault, wallet, done.keeper_from_vault)?;
        self.pay(pool, wallet, done.keeper_from_insurance)
    }

    pub fn close_at_cap(&mut self, at: Spot) -> Verdict {
        let (mut market, mut position) = (self.market(at.market)?, self.position(at)?);
        ensure(market.version == 2 && position.version == 2, UnsupportedVersion)?;
        ensure(!self.is_committed(&market, &position), OrderPending)?;
        let feed = self.observe(at.market, &mut market, For::Exit)?;
        ensure(position.size > 0, PositionEmpty)?;
        let share = model::share(&market, &position, position.size.into());
        ensure(share.gain(&market, against(&position, &feed)) == share.reserve, GainBelowCap)?;
        reduce(&mut market, &mut position, &share)?;
        market.liquidity = atoms(i128::from(market.liquidity) - share.reserve)?;
        position.margin = atoms(i128::from(position.margin) + share.reserve)?;
        record(&mut position, &share, share.reserve, 0);
        renew(&mut market, &mut position);
        self.put_market(at.market, market);
        self.put_position(at, position);
        self.pay(self.pool_vault(at.market), position.vault, share.reserve)
    }
}
