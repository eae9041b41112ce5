/** What can be read off a market: rates, open interest, use of the pool, and the state that it will have. */
import { MarketStatus, OracleKind, Side, type Market, type MarketParams } from './generated/index.js';
import { advanceBorrow, borrowRate, utilisation, type BorrowParams } from './borrow.js';
import type { FeeShares } from './fees.js';
import { advanceFunding, type FundingParams } from './funding.js';
import { DEFAULT_ADDRESS, type PriceReading } from './oracle.js';
import type { MarginRates } from './terms.js';
import { PPM, notionalCeil, ppmCeil } from './units.js';

/** The market's margin ratios. */
export function marginRates({ params }: Pick<Market, 'params'>): MarginRates {
  return {
    initialPpm: BigInt(params.initialMarginPpm),
    maintenancePpm: BigInt(params.maintenanceMarginPpm),
    liquidationFeePpm: BigInt(params.liquidationFeePpm),
    minKeeperReward: params.minKeeperReward,
  };
}

/** Shares of a trading fee; the referrer's only where there is one. */
export function feeShares(params: MarketParams, referred: boolean): FeeShares {
  return {
    insurance: BigInt(params.insuranceSharePpm),
    protocol: BigInt(params.protocolSharePpm),
    referrer: referred ? BigInt(params.referrerSharePpm) : 0n,
  };
}

function fundingParams(params: MarketParams): FundingParams {
  return {
    skewScale: params.skewScale,
    maxVelocityPpm: BigInt(params.maxFundingVelocityPpm),
    maxRatePpm: BigInt(params.maxFundingRatePpm),
  };
}

function borrowParams(params: MarketParams): BorrowParams {
  return {
    basePpm: BigInt(params.borrowBasePpm),
    kinkPpm: BigInt(params.borrowKinkPpm),
    slope1Ppm: BigInt(params.borrowSlope1Ppm),
    slope2Ppm: BigInt(params.borrowSlope2Ppm),
  };
}

/** A copy that can be changed without changing the market. */
export function copyMarket(market: Market): Market {
  return { ...market, long: { ...market.long }, short: { ...market.short }, accepted: { ...market.accepted } };
}

/** Longs less shorts, size units. */
export function skew(market: Pick<Market, 'long' | 'short'>): bigint {
  return market.long.openInterest - market.short.openInterest;
}

/** Open interest of each side, size units. */
export function openInterest(market: Pick<Market, 'long' | 'short'>): { long: bigint; short: bigint } {
  return { long: market.long.openInterest, short: market.short.openInterest };
}

/** Open interest of each side at `price`, atoms, rounded up, as the program holds it against its limits. */
export function openInterestNotional(market: Market, price: bigint): { long: bigint; short: bigint } {
  const notional = (size: bigint) => notionalCeil(size, price, market.notionalDivisor);
  return { long: notional(market.long.openInterest), short: notional(market.short.openInterest) };
}

/** Whether the market has been settled: every price is the settlement price. */
export function isSettling(market: Pick<Market, 'status'>): boolean {
  return market.status === MarketStatus.Settling;
}

/** Whether any fully verified update of the feed is read, as delayed orders need. */
export function takesAnyUpdate({ oracle }: Pick<Market, 'oracle'>): boolean {
  return oracle.kind === OracleKind.PythPull && oracle.account === DEFAULT_ADDRESS;
}

/** The largest leverage that can be opened at, ppm: one ÷ initial margin, rounded down. */
export function maxLeveragePpm({ params }: Pick<Market, 'params'>): bigint {
  return (PPM * PPM) / BigInt(params.initialMarginPpm);
}

/** `ceil(reserved ÷ liquidity)`, ppm, at most 100 %. */
export function utilisationPpm(market: Pick<Market, 'reserved' | 'liquidity'>): bigint {
  return utilisation(market.reserved, market.liquidity, PPM);
}

/**
 * The funding rate per hour, 10^-18 of the notional, rounded towards zero;
 * longs pay while it is positive. Of the moment up to which the market is
 * accrued: call `accrueMarket` first.
 */
export function fundingRatePerHour(market: Pick<Market, 'fundingRate'>): bigint {
  return market.fundingRate / 24n;
}

/** The borrow rate per year, 10^-18 of the reserve, rounded up. */
export function borrowRatePerYear(market: Market): bigint {
  return borrowRate(borrowParams(market.params), market.reserved, market.liquidity);
}

/**
 * A copy of the market with funding and borrow counted up to `now` (unix
 * seconds) at the index price `index`, as the program does before anything
 * else. A settled market accrues nothing.
 */
export function accrueMarket(market: Market, now: bigint, index: bigint): Market {
  const copy = copyMarket(market);
  accrue(copy, now, index);
  return copy;
}

/** Advances the market itself. */
export function accrue(market: Market, now: bigint, index: bigint): void {
  const seconds = now - market.accruedAt;
  if (isSettling(market) || seconds <= 0n) return;
  const funding = advanceFunding(
    { rate: market.fundingRate, index: market.fundingIndex },
    fundingParams(market.params),
    skew(market),
    index,
    seconds,
    market.notionalDivisor,
  );
  const { borrowIndex, reserved, liquidity, params } = market;
  market.borrowIndex = advanceBorrow(borrowIndex, borrowParams(params), reserved, liquidity, seconds);
  market.fundingRate = funding.rate;
  market.fundingIndex = funding.index;
  market.accruedAt = now;
}

/** The settlement price in place of the oracle's; undefined while the market is not settled. */
export function settlementReading(market: Market): PriceReading | undefined {
  if (!isSettling(market)) return undefined;
  return {
    price: market.settlementPrice,
    confidence: 0n,
    ema: market.settlementPrice,
    publishTime: market.accepted.publishTime,
    previousPublishTime: market.accepted.publishTime,
    slot: 0n,
  };
}

/** The fee for closing `notional`, atoms, rounded up; a settlement is free. */
export function closeFee(market: Market, notional: bigint): bigint {
  return isSettling(market) ? 0n : ppmCeil(notional, market.params.closeFeePpm);
}

/** The sums of one side. */
export function sideOf<T extends Pick<Market, 'long' | 'short'>>(market: T, side: Side): Market['long'] {
  return side === Side.Long ? market.long : market.short;
}

/** The name of a market, without its padding. */
export function marketName(market: Pick<Market, 'name'>): string {
  return String.fromCharCode(...market.name).replace(/\0+$/, '');
}
