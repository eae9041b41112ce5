import type { Side } from '../state';
import { problemOf, type Parsed } from './input';

/**
 * What is wrong with the price of a take profit or stop loss. One that the price has passed already would
 * close the position at once, which nobody means who calls it that.
 */
export function protectionProblem(
  kind: 'takeProfit' | 'stopLoss',
  side: Side,
  parsed: Parsed,
  reference: bigint | undefined,
): string | undefined {
  if (parsed.state !== 'ok' || reference === undefined) return problemOf(parsed);
  const above = (kind === 'takeProfit') === (side === 'long');
  const right = above ? parsed.value > reference : parsed.value < reference;
  if (right) return undefined;
  return above ? 'Must be above the price of now or of entry.' : 'Must be below the price of now or of entry.';
}
