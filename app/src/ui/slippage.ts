import type { Parsed } from './input';

/** Percent have four decimals where parts per million have none. */
export const PERCENT_DECIMALS = 4;

/** Beyond it a typing error is likelier than an intention. */
const MAX_SLIPPAGE_PPM = 500_000n;

export function slippageProblem(parsed: Parsed): string | undefined {
  if (parsed.state === 'bad') return parsed.message;
  if (parsed.state === 'ok' && parsed.value > MAX_SLIPPAGE_PPM) return 'At most 50 %.';
  return undefined;
}
