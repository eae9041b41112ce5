//! Design §4 and §5 once more, over big integers and without the program's
//! arithmetic: what a test expects is computed here. Every rounding is named;
//! amounts are atoms, prices 10^-10 quote, sizes size units. Two test binaries
//! share it: `invariants` and `stateful`.

use num_bigint::BigInt;
use ringfence_client::accounts::{Market, Position};
use ringfence_testkit::Feed;

const PPM: i128 = 1_000_000;
const E18: i128 = 1_000_000_000_000_000_000;
const DAY: i128 = 86_400;
const YEAR: i128 = 365 * DAY;

pub fn big(value: impl Into<BigInt>) -> BigInt {
    value.into()
}

/// `floor(numerator ÷ denominator)`, for a positive denominator.
pub fn floor_of(numerator: BigInt, denominator: BigInt) -> i128 {
    let below = big(i32::from(&numerator % &denominator < BigInt::ZERO));
    i128::try_from(numerator / denominator - below).expect("a number of this world")
}

/// `floor(a × b ÷ d)`.
pub fn floor(a: impl Into<i128>, b: impl Into<i128>, d: i128) -> i128 {
    floor_of(big(a.into()) * b.into(), big(d))
}

/// `ceil(a × b ÷ d)`.
pub fn ceil(a: impl Into<i128>, b: impl Into<i128>, d: i128) -> i128 {
    -floor(-a.into(), b, d)
}

pub fn ppm_ceil(amount: i128, rate: u32) -> i128 {
    ceil(amount, rate, PPM)
}

pub fn ppm_floor(amount: i128, rate: u32) -> i128 {
    floor(amount, rate, PPM)
}

/// 10^(size decimals + 10 − quote decimals).
fn divisor(market: &Market) -> i128 {
    10i128.pow(u32::from(market.size_decimals) + 10 - u32::from(market.quote_decimals))
}

pub fn notional_floor(market: &Market, size: i128, price: i128) -> i128 {
    floor(size, price, divisor(market))
}

pub fn notional_ceil(market: &Market, size: i128, price: i128) -> i128 {
    ceil(size, price, divisor(market))
}

pub fn is_long(position: &Position) -> bool {
    position.side == 0
}

pub fn is_settling(market: &Market) -> bool {
    market.status == 3
}

/// Whether somebody shares in the fees of its trades.
pub fn is_referred(position: &Position) -> bool {
    position.referral != Default::default()
}

// --- prices --------------------------------------------------------------------

/// Index ± confidence.
pub fn edges(feed: &Feed) -> (i128, i128) {
    let (index, confidence) = (i128::from(feed.price), i128::from(feed.confidence));
    ((index - confidence).max(1), index + confidence)
}

/// What a liquidation is judged by: the favourable edge, the interval clamped.
pub fn liquidation_mark(market: &Market, long: bool, feed: &Feed) -> i128 {
    let clamp = ppm_floor(feed.price.into(), market.oracle.max_confidence_ppm);
    let confidence = u64::try_from(clamp).expect("less than the price").min(feed.confidence);
    let (low, high) = edges(&Feed { confidence, ..*feed });
    if long { high } else { low }
}

/// `index × (1 + (k + Δ/2) ÷ scale) ± confidence ÷ 2`, up for a buy and down
/// for a sale; none where nothing is left to sell for.
/// In a settling market every price is the settlement price.
pub fn fill(market: &Market, feed: &Feed, buy: bool, size: i128) -> Option<i128> {
    if is_settling(market) {
        return Some(market.settlement_price.into());
    }
    let scale = i128::from(market.params.skew_scale);
    let skew = i128::from(market.long.open_interest) - i128::from(market.short.open_interest);
    let (change, spread) = if buy { (size, 1) } else { (-size, -1) };
    let index = big(feed.price);
    // everything over 2 × scale
    let exact: BigInt =
        &index * 2 * scale + index * (2 * skew + change) + big(feed.confidence) * scale * spread;
    let price = if buy { -floor_of(-exact, big(2 * scale)) } else { floor_of(exact, big(2 * scale)) };
    (price > 0).then_some(price)
}

// --- a position ------------------------------------------------------------------

/// A position or a part of it, with what has accrued.
#[derive(Clone, Debug)]
pub struct Share {
    pub long: bool,
    pub size: i128,
    pub entry: i128,
    pub margin: i128,
    pub reserve: i128,
    /// Signed: what it is owed.
    pub funding: i128,
    pub borrow: i128,
}

/// `size` of the position in a market whose indices are at the present.
pub fn share(market: &Market, position: &Position, size: i128) -> Share {
    let (long, whole) = (is_long(position), i128::from(position.size));
    let part = |amount: u64, up: bool| match (size == whole, up) {
        (true, _) => i128::from(amount),
        (false, true) => ceil(amount, size, whole),
        (false, false) => floor(amount, size, whole),
    };
    let reserve = part(position.reserve, false);
    let direction = if long { -1 } else { 1 };
    let growth = market.funding_index.get() - position.entry_funding_index.get();
    let lent = i128::try_from(market.borrow_index.get() - position.entry_borrow_index.get());
    Share {
        long,
        size,
        entry: part(position.entry_notional, !long),
        margin: position.margin.into(),
        reserve,
        funding: floor(size * direction, growth, E18),
        borrow: ceil(reserve, lent.expect("growth"), E18),
    }
}

impl Share {
    pub fn pnl(&self, market: &Market, price: i128) -> i128 {
        if self.long {
            notional_floor(market, self.size, price) - self.entry
        } else {
            self.entry - notional_ceil(market, self.size, price)
        }
    }

    /// `min(pnl + funding − borrow, reserve)`.
    pub fn gain(&self, market: &Market, price: i128) -> i128 {
        (self.pnl(market, price) + self.funding - self.borrow).min(self.reserve)
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Health {
    pub notional: i128,
    pub gain: i128,
    pub equity: i128,
    pub initial: i128,
    pub maintenance: i128,
}

impl Health {
    pub fn liquidatable(&self) -> bool {
        self.equity < self.maintenance
    }
}

pub fn health_of(market: &Market, share: &Share, price: i128) -> Health {
    let params = &market.params;
    let notional = notional_ceil(market, share.size, price);
    let gain = share.gain(market, price);
    let proportional =
        ppm_ceil(notional, params.maintenance_margin_ppm) + ppm_ceil(notional, params.liquidation_fee_ppm);
    Health {
        notional,
        gain,
        equity: share.margin + gain,
        initial: ppm_ceil(notional, params.initial_margin_ppm),
        maintenance: proportional.max(params.min_keeper_reward.into()),
    }
}

pub fn health(market: &Market, position: &Position, price: i128) -> Health {
    health_of(market, &share(market, position, position.size.into()), price)
}

// --- who gets what -----------------------------------------------------------------

/// Where a vault's money goes; zero what does not occur.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Division {
    pub size: i128,
    pub gain: i128,
    pub loss: i128,
    pub keeper_from_vault: i128,
    pub keeper_from_insurance: i128,
    /// The whole fee of a trade, less what is forgiven.
    pub fee: i128,
    pub forgiven: i128,
    pub to_liquidity: i128,
    pub to_insurance: i128,
    pub to_protocol: i128,
    pub to_referrer: i128,
    pub bad_debt: i128,
    pub cover: i128,
    pub remainder: i128,
}

impl Division {
    fn split(&mut self, market: &Market, fee: i128, referred: bool) {
        self.fee = fee;
        self.to_insurance = ppm_floor(fee, market.params.insurance_share_ppm);
        self.to_protocol = ppm_floor(fee, market.params.protocol_share_ppm);
        let referrers = if referred { market.params.referrer_share_ppm } else { 0 };
        self.to_referrer = ppm_floor(fee, referrers);
        self.to_liquidity = fee - self.to_insurance - self.to_protocol - self.to_referrer;
    }
}

/// Opening or increasing: only the fee moves on. None where there is no fill.
pub fn opening(market: &Market, feed: &Feed, long: bool, size: i128, referred: bool) -> Option<Division> {
    let notional = notional_ceil(market, size, fill(market, feed, long, size)?);
    let mut division = Division::default();
    division.split(market, ppm_ceil(notional, market.params.open_fee_ppm), referred);
    Some(division)
}

/// A close or decrease: gain or loss, then the fee as far as it goes.
pub fn closing(
    market: &Market,
    feed: &Feed,
    position: &Position,
    size: i128,
    referred: bool,
) -> Option<Division> {
    let price = fill(market, feed, !is_long(position), size)?;
    let share = share(market, position, size);
    let gain = share.gain(market, price);
    let rate = if is_settling(market) { 0 } else { market.params.close_fee_ppm };
    let fee = ppm_ceil(notional_ceil(market, size, price), rate);
    let mut division = Division { size, gain: gain.max(0), ..Division::default() };
    let vault = share.margin + division.gain;
    division.loss = (-gain).max(0).min(vault);
    division.bad_debt = (-gain).max(0) - division.loss;
    let paid = fee.min(vault - division.loss);
    division.split(market, paid, referred);
    division.forgiven = fee - paid;
    // insurance has this fee's share by then
    division.cover = division.bad_debt.min(i128::from(market.insurance) + division.to_insurance);
    division.remainder = vault - division.loss - paid;
    Some(division)
}

/// A whole liquidation, partial or full; none where the position is healthy.
pub fn liquidation(market: &Market, feed: &Feed, position: &Position) -> Option<Division> {
    let mark = liquidation_mark(market, is_long(position), feed);
    let health = health(market, position, mark);
    if !health.liquidatable() {
        return None;
    }
    let whole = waterfall(market, feed, position, position.size.into(), mark);
    let part = part_to_close(market, position, &health, mark);
    if part >= i128::from(position.size) || whole.bad_debt > 0 {
        return Some(whole);
    }
    let closed = waterfall(market, feed, position, part, mark);
    if closed.bad_debt > 0 || rest_after(market, position, &closed, mark).liquidatable() {
        return Some(whole);
    }
    Some(closed)
}

/// `C = ceil((target × N − equity) ÷ (target − fee))` in size units, or all.
fn part_to_close(market: &Market, position: &Position, health: &Health, mark: i128) -> i128 {
    let (params, whole) = (&market.params, i128::from(position.size));
    let target = i128::from(params.initial_margin_ppm);
    if health.equity <= 0 {
        return whole;
    }
    let shortage = (target * health.notional - health.equity * PPM).max(0);
    let amount = ceil(shortage, 1, target - i128::from(params.liquidation_fee_ppm));
    let size = ceil(amount, divisor(market), mark);
    let small =
        size < whole && notional_ceil(market, whole - size, mark) < i128::from(params.min_position_notional);
    if amount >= health.notional || small { whole } else { size.min(whole) }
}

/// Health of what a partial liquidation leaves open.
fn rest_after(market: &Market, position: &Position, closed: &Division, mark: i128) -> Health {
    let gone = share(market, position, closed.size);
    let mut rest = *position;
    rest.size -= gone.size as u64;
    rest.entry_notional -= gone.entry as u64;
    rest.reserve -= gone.reserve as u64;
    rest.margin = closed.remainder as u64;
    health(market, &rest, mark)
}

/// Decisions 2 and 8: the keeper's floor, the loss, the fee, the rest; settled
/// at what a close would fill at where that is worse than the mark.
fn waterfall(market: &Market, feed: &Feed, position: &Position, size: i128, mark: i128) -> Division {
    let (params, long) = (&market.params, is_long(position));
    let fill = fill(market, feed, !long, size).unwrap_or(mark);
    let settled = if long { fill.min(mark) } else { fill.max(mark) };
    let share = share(market, position, size);
    let gain = share.gain(market, settled);
    let least = i128::from(params.min_keeper_reward);
    let closing_fee = ppm_ceil(notional_ceil(market, size, mark.max(settled)), params.close_fee_ppm);
    let proportional = ppm_ceil(notional_ceil(market, size, mark), params.liquidation_fee_ppm);
    let due = proportional.max(closing_fee + least);

    let mut division = Division { size, gain: gain.max(0), ..Division::default() };
    let vault = share.margin + division.gain;
    let floor = least.min(vault);
    division.loss = (-gain).max(0).min(vault - floor);
    division.bad_debt = (-gain).max(0) - division.loss;
    let after_loss = vault - division.loss;
    let fee = due.max(floor).min(after_loss);
    let keepers = ppm_floor(fee, params.keeper_share_ppm).min((fee - closing_fee).max(0));
    division.keeper_from_vault = keepers.max(floor);
    division.to_insurance = fee - division.keeper_from_vault;
    let insurance = i128::from(market.insurance);
    division.keeper_from_insurance = (least - division.keeper_from_vault).max(0).min(insurance);
    division.cover =
        division.bad_debt.min(insurance - division.keeper_from_insurance + division.to_insurance);
    division.fee = fee;
    division.remainder = after_loss - fee;
    division
}

// --- a market ------------------------------------------------------------------------

/// The market with both indices advanced to `now` at the index price `price`.
pub fn accrued(market: &Market, now: i64, price: u64) -> Market {
    let seconds = i128::from(now - market.accrued_at).max(0);
    let mut after = *market;
    if seconds == 0 || is_settling(market) {
        return after;
    }
    after.accrued_at = now;
    let (rate, index) = funding(market, seconds, price);
    after.funding_rate = i64::try_from(rate).expect("a rate");
    after.funding_index.set(index);
    after.borrow_index.set(market.borrow_index.get() + borrow(market, seconds) as u128);
    after
}

/// Rate and index after `seconds`: the rate is a ramp up to its clamp, the
/// index its integral times the price; each rounded towards zero.
fn funding(market: &Market, seconds: i128, price: u64) -> (i128, i128) {
    let params = &market.params;
    let limit = i128::from(params.max_funding_rate_ppm) * (E18 / PPM);
    let start = i128::from(market.funding_rate).clamp(-limit, limit);
    let scale = i128::from(params.skew_scale);
    let skew = i128::from(market.long.open_interest) - i128::from(market.short.open_interest);
    let full = i128::from(params.max_funding_velocity_ppm) * (E18 / PPM);
    let velocity = toward_zero(big(skew.clamp(-scale, scale)) * full, scale);
    let target = if skew < 0 { -limit } else { limit };
    let change = toward_zero(big(velocity) * seconds, DAY);
    let gap = target - start;
    // twice the area under the rate, in 10^-18 per day × seconds
    let (end, twice_area) = if change.abs() < gap.abs() {
        (start + change, big(2 * start + change) * seconds)
    } else if gap == 0 {
        (target, big(2 * target) * seconds)
    } else {
        let missed = toward_zero(big(gap) * gap * DAY, velocity);
        (target, big(2 * target) * seconds - missed)
    };
    let growth = toward_zero(twice_area * price, 2 * DAY * divisor(market));
    (end, market.funding_index.get() + growth)
}

fn toward_zero(numerator: BigInt, denominator: i128) -> i128 {
    i128::try_from(numerator / denominator).expect("a number of this world")
}

/// What the borrow index grows by: base + slope 1 up to the kink + slope 2
/// beyond it, per year, each term up.
fn borrow(market: &Market, seconds: i128) -> i128 {
    let params = &market.params;
    let used = if market.reserved == 0 { 0 } else { ceil(market.reserved, E18, market.liquidity.into()) };
    let kink = i128::from(params.borrow_kink_ppm) * (E18 / PPM);
    let rate = i128::from(params.borrow_base_ppm) * (E18 / PPM)
        + ppm_ceil(used.min(kink), params.borrow_slope1_ppm)
        + ppm_ceil((used - kink).max(0), params.borrow_slope2_ppm);
    ceil(rate, seconds, YEAR)
}

/// Liquidity less what all positions have won at `price`, at most the reserves,
/// plus `charges`: what the shares are worth, rounded down or up.
pub fn pool_value(market: &Market, price: i128, charges: i128, up: bool) -> i128 {
    let net = i128::from(market.long.open_interest) - i128::from(market.short.open_interest);
    let worth = if up { floor(net, price, divisor(market)) } else { ceil(net, price, divisor(market)) };
    let won = worth - i128::from(market.long.entry_notional) + i128::from(market.short.entry_notional);
    i128::from(market.liquidity) + charges - won.min(market.reserved.into())
}

/// What all positions owe for funding and borrow by the market's own sums.
pub fn charges(market: &Market) -> i128 {
    let index = market.funding_index.get();
    let side = |interest: u64, basis: i128| big(index) * interest - basis;
    let funding = side(market.long.open_interest, market.long.funding_basis.get())
        - side(market.short.open_interest, market.short.funding_basis.get());
    let lent = big(market.borrow_index.get()) * market.reserved - market.borrow_basis.get();
    floor_of(funding + lent, big(E18))
}
