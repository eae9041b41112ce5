/** From margin to size and back, for an order ticket. The rule is the CLI's `--leverage`. */
import type { Market } from './generated/index.js';
import { u64 } from './integers.js';
import { PPM, notionalCeil, ppmCeil } from './units.js';

/**
 * The size whose notional N at `price` gives `leveragePpm` on what the opening
 * fee leaves of `margin`: `N = margin × leverage ÷ (1 + leverage × fee)`, and
 * the size rounded down.
 */
export function sizeForMargin(market: Market, input: { margin: bigint; leveragePpm: bigint; price: bigint }): bigint {
  const fee = BigInt(market.params.openFeePpm);
  const notional = (input.margin * input.leveragePpm * PPM) / (PPM * PPM + input.leveragePpm * fee);
  return u64((notional * market.notionalDivisor) / input.price);
}

/**
 * The margin, opening fee included, with which `size` at `price` has
 * `leveragePpm`: `N ÷ leverage + N × fee`, both rounded up.
 */
export function marginForSize(market: Market, input: { size: bigint; leveragePpm: bigint; price: bigint }): bigint {
  const notional = notionalCeil(input.size, input.price, market.notionalDivisor);
  const backing = (notional * PPM + input.leveragePpm - 1n) / input.leveragePpm;
  return u64(backing + ppmCeil(notional, market.params.openFeePpm));
}

/** `notional ÷ (margin − opening fee)` in ppm, rounded up; null where the fee takes all of the margin. */
export function leverageForSize(market: Market, input: { size: bigint; margin: bigint; price: bigint }): bigint | null {
  const notional = notionalCeil(input.size, input.price, market.notionalDivisor);
  const left = input.margin - ppmCeil(notional, market.params.openFeePpm);
  return left <= 0n ? null : (notional * PPM + left - 1n) / left;
}
