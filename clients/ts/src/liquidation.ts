/** What a liquidation closes, and who gets what. As in `ringfence-math`'s `liquidation`. */
import { MathError, U64_MAX, max, min, u64 } from './integers.js';
import { gainAt, type MarginRates, type PositionTerms } from './terms.js';
import { PPM, notionalCeil, ppmCeil, ppmFloor } from './units.js';

/** What a liquidation closes. */
export interface PartialLiquidation {
  /** Size to close, rounded up. */
  closeSize: bigint;
  /** Notional of it, rounded up, atoms. */
  closeNotional: bigint;
  /** Liquidation fee on that, rounded up, atoms. */
  fee: bigint;
  /** Whether nothing is left open. */
  full: boolean;
}

/**
 * The least that restores the initial ratio:
 *
 * ```text
 * C = ceil((target × N − equity) ÷ (target − fee)),   target = initial ratio
 * ```
 *
 * Everything is closed where equity is not positive, `target ≤ fee`, `C ≥ N`,
 * or what would be left is worth less than `minPositionNotional`.
 */
export function partialLiquidation(
  terms: PositionTerms,
  rates: MarginRates,
  minPositionNotional: bigint,
  price: bigint,
  scale: bigint,
): PartialLiquidation {
  if (price === 0n) throw new MathError('InvalidParameter');
  const notional = notionalCeil(terms.size, price, scale);
  const equity = gainAt(terms, price, scale) + terms.margin;
  const amount = closeNotional(notional, equity, rates);
  if (amount === 0n) return { closeSize: 0n, closeNotional: 0n, fee: 0n, full: false };
  const wanted = amount === 'all' ? terms.size : min((amount * scale + price - 1n) / price, terms.size);
  const left = terms.size - wanted;
  const full = left === 0n || notionalCeil(left, price, scale) < minPositionNotional;
  const closeSize = full ? terms.size : wanted;
  const closed = full ? notional : notionalCeil(closeSize, price, scale);
  return { closeSize, closeNotional: closed, fee: ppmCeil(closed, rates.liquidationFeePpm), full };
}

function closeNotional(notional: bigint, equity: bigint, rates: MarginRates): bigint | 'all' {
  if (notional === 0n) return 0n;
  if (equity <= 0n) return 'all';
  const shortage = notional * rates.initialPpm - equity * PPM;
  if (shortage <= 0n) return 0n;
  const restored = rates.initialPpm - rates.liquidationFeePpm;
  if (restored <= 0n) return 'all';
  const amount = (shortage + restored - 1n) / restored;
  return amount < notional && amount <= U64_MAX ? amount : 'all';
}

/** A vault to be divided. Amounts in atoms. */
export interface LiquidationInputs {
  /** Collateral of the position. */
  margin: bigint;
  /** Its capped gain, or its loss. */
  gain: bigint;
  /** Liquidation fee on the closed notional. */
  feeDue: bigint;
  /** What a close would have cost: this much of the fee is not the keeper's. */
  closingFee: bigint;
  /** The keeper's share of the fee, ppm. */
  keeperSharePpm: bigint;
  /** The least the keeper gets, as far as vault and insurance reach. */
  minKeeperReward: bigint;
  /** The market's insurance before the liquidation. */
  insurance: bigint;
}

/** Who gets what. Amounts in atoms. */
export interface LiquidationOutcome {
  /** Pool → vault. */
  gainPaid: bigint;
  /** Vault → pool liquidity. */
  lossPaid: bigint;
  /** Vault → keeper. */
  keeperFromVault: bigint;
  /** Insurance → keeper. */
  keeperFromInsurance: bigint;
  /** Vault → insurance. */
  insuranceFee: bigint;
  /** Loss the vault could not cover. */
  badDebt: bigint;
  /** Insurance → pool liquidity, part of the bad debt. */
  insuranceCover: bigint;
  /** The rest of the bad debt, borne by the pool. */
  poolAbsorbs: bigint;
  /** Stays in the vault, the owner's. */
  remainder: bigint;
}

/**
 * Divides a liquidated vault: the keeper's floor, the loss, the fee, and what
 * is left is the owner's; then insurance tops the keeper up and covers bad
 * debt as far as it goes.
 */
export function liquidationWaterfall(inputs: LiquidationInputs): LiquidationOutcome {
  if (inputs.keeperSharePpm > PPM) throw new MathError('InvalidParameter');
  const gainPaid = u64(max(inputs.gain, 0n));
  const loss = u64(max(-inputs.gain, 0n));
  const vault = u64(inputs.margin + gainPaid);
  const keeperFloor = min(inputs.minKeeperReward, vault);
  const lossPaid = min(loss, vault - keeperFloor);
  const badDebt = loss - lossPaid;
  const afterLoss = vault - lossPaid;

  const fee = min(max(inputs.feeDue, keeperFloor), afterLoss);
  const share = min(ppmFloor(fee, inputs.keeperSharePpm), max(fee - inputs.closingFee, 0n));
  const keeperFromVault = max(share, keeperFloor);
  const insuranceFee = fee - keeperFromVault;

  const keeperFromInsurance = min(max(inputs.minKeeperReward - keeperFromVault, 0n), inputs.insurance);
  const insuranceCover = min(badDebt, u64(inputs.insurance - keeperFromInsurance + insuranceFee));
  return {
    gainPaid,
    lossPaid,
    keeperFromVault,
    keeperFromInsurance,
    insuranceFee,
    badDebt,
    insuranceCover,
    poolAbsorbs: badDebt - insuranceCover,
    remainder: afterLoss - fee,
  };
}
