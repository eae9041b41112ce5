/** What a liquidation does to a position and its market, as `Position::liquidate` of the program. */
import { Side, type Market, type Position } from '../generated/index.js';
import { closingDirection } from '../fill.js';
import { liquidationMark, positionHealth, positionShare, positionTerms } from '../health.js';
import { MathError, max, min, u64 } from '../integers.js';
import { liquidationWaterfall, partialLiquidation, type LiquidationOutcome } from '../liquidation.js';
import { closeFee, marginRates } from '../market.js';
import type { PriceReading } from '../oracle.js';
import { gainAt, type Health, type PositionTerms } from '../terms.js';
import { notionalCeil, ppmCeil } from '../units.js';
import { marketFill, payGain, recordBadDebt } from './books.js';
import type { Checks } from './checks.js';
import { record, reduce, startGeneration } from './trade.js';

/** What a liquidation closes, and who gets what. */
export interface CloseOut {
  share: PositionTerms;
  /** What its gain or loss is settled at. */
  settledAt: bigint;
  /** Notional of what is closed, at the mark, atoms. */
  notional: bigint;
  outcome: LiquidationOutcome;
}

/** What a liquidation did; health as it was before. */
export interface Liquidation {
  /** What the position was judged by. */
  mark: bigint;
  before: Health;
  closed: CloseOut;
}

/** Closes as much as restores the initial margin ratio, or all of it, and pays the keeper. */
export function liquidate(checks: Checks, market: Market, position: Position, reading: PriceReading): Liquidation {
  checks.require(position.size > 0n, 'PositionEmpty');
  const mark = liquidationMark(market, position, reading);
  const before = positionHealth(market, position, mark);
  checks.require(before.liquidatable, 'NotLiquidatable', before.equity, before.maintenance);
  const closed = choose(market, position, reading, mark);
  const { outcome } = closed;
  reduce(checks, market, position, closed.share);
  payGain(checks, market, outcome.gainPaid);
  market.liquidity = u64(market.liquidity + outcome.lossPaid);
  market.insurance = u64(market.insurance + outcome.insuranceFee) - outcome.keeperFromInsurance;
  recordBadDebt(market, outcome.badDebt, outcome.insuranceCover);
  position.margin = outcome.remainder;
  const fee = outcome.keeperFromVault + outcome.insuranceFee;
  record(position, closed.share, outcome.gainPaid - outcome.lossPaid, fee);
  startGeneration(market, position);
  return { mark, before, closed };
}

/** A part, where that restores health; else the whole. */
function choose(market: Market, position: Position, reading: PriceReading, mark: bigint): CloseOut {
  const scale = market.notionalDivisor;
  const terms = positionTerms(market, position);
  const plan = partialLiquidation(terms, marginRates(market), market.params.minPositionNotional, mark, scale);
  const whole = closeOut(market, position, reading, position.size, mark);
  // Where closing all of it leaves debt, there is no health to restore.
  if (plan.full || whole.outcome.badDebt > 0n) return whole;
  const part = closeOut(market, position, reading, plan.closeSize, mark);
  return leavesUnhealthy(market, position, part, mark) ? whole : part;
}

function closeOut(market: Market, position: Position, reading: PriceReading, size: bigint, mark: bigint): CloseOut {
  const { params, notionalDivisor: scale } = market;
  const share = positionShare(market, position, size);
  const settledAt = settlementPrice(market, position, reading, size, mark);
  const notional = notionalCeil(size, mark, scale);
  const gain = gainAt(share, settledAt, scale);
  // What does not go to the keeper is at least the fee of a close, so that liquidating oneself never costs less.
  const closingFee = closeFee(market, notionalCeil(size, max(mark, settledAt), scale));
  const outcome = liquidationWaterfall({
    margin: share.margin,
    gain,
    feeDue: max(ppmCeil(notional, params.liquidationFeePpm), u64(closingFee + params.minKeeperReward)),
    closingFee,
    keeperSharePpm: BigInt(params.keeperSharePpm),
    minKeeperReward: params.minKeeperReward,
    insurance: market.insurance,
  });
  return { share, settledAt, notional, outcome };
}

/** The mark, or what a close would fill at where that is worse. */
function settlementPrice(
  market: Market,
  position: Position,
  reading: PriceReading,
  size: bigint,
  mark: bigint,
): bigint {
  try {
    const fill = marketFill(market, reading, closingDirection(position.side), size);
    return position.side === Side.Long ? min(fill, mark) : max(fill, mark);
  } catch (failure) {
    // A skew that leaves nothing to sell for must not stop a liquidation.
    if (failure instanceof MathError) return mark;
    throw failure;
  }
}

/** Whether what is left open would still be liquidatable, or in debt. */
function leavesUnhealthy(market: Market, position: Position, closed: CloseOut, mark: bigint): boolean {
  if (closed.outcome.badDebt > 0n) return true;
  const rest = {
    ...position,
    size: position.size - closed.share.size,
    entryNotional: position.entryNotional - closed.share.entryNotional,
    reserve: position.reserve - closed.share.reserve,
    margin: closed.outcome.remainder,
  };
  return positionHealth(market, rest, mark).liquidatable;
}
