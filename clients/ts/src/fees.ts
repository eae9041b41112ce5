/** Fees in parts, and the settlement of a vault. As in `ringfence-math`'s `fees` and `settlement`. */
import { MathError, max, min, u64 } from './integers.js';
import { PPM, ppmFloor } from './units.js';

/** Shares of a fee, in ppm; liquidity providers get the rest. */
export interface FeeShares {
  insurance: bigint;
  protocol: bigint;
  referrer: bigint;
}

/** A fee in parts, atoms, which sum to it exactly. */
export interface FeeSplit extends FeeShares {
  /** To the pool: what the floors of the others leave. */
  liquidity: bigint;
}

/** Splits a fee; each share is rounded down and the rest is the pool's. */
export function splitFee(fee: bigint, shares: FeeShares): FeeSplit {
  if (shares.insurance + shares.protocol + shares.referrer > PPM) throw new MathError('InvalidParameter');
  const insurance = ppmFloor(fee, shares.insurance);
  const protocol = ppmFloor(fee, shares.protocol);
  const referrer = ppmFloor(fee, shares.referrer);
  return { liquidity: fee - insurance - protocol - referrer, insurance, protocol, referrer };
}

/** Who gets what when size is closed. All amounts in atoms. */
export interface Settlement {
  /** Pool → vault. */
  gainPaid: bigint;
  /** Vault → pool liquidity. */
  lossPaid: bigint;
  /** Vault → fee split. */
  feePaid: bigint;
  /** Fee the vault could not pay and nobody else does. */
  feeForgiven: bigint;
  /** Loss the vault could not cover. */
  badDebt: bigint;
  /** What is left in the vault. */
  marginAfter: bigint;
}

/** Settles a realised gain or loss, then the fee from what is left. */
export function settle(margin: bigint, gain: bigint, feeDue: bigint): Settlement {
  const gainPaid = u64(max(gain, 0n));
  const loss = u64(max(-gain, 0n));
  const vault = u64(margin + gainPaid);
  const lossPaid = min(loss, vault);
  const feePaid = min(feeDue, vault - lossPaid);
  return {
    gainPaid,
    lossPaid,
    feePaid,
    feeForgiven: feeDue - feePaid,
    badDebt: loss - lossPaid,
    marginAfter: vault - lossPaid - feePaid,
  };
}
