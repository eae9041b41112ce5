/** Shares or money may come out this much less than the preview says: the price moves until it is sent. */
export const POOL_SLIPPAGE_PPM = 5_000n;
