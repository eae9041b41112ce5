import { acceptablePrice, OrderKind, PPM, type OrderTermsArgs } from '@ringfence/client';
import type { Intent, OrderRequest } from '../state/intent';
import { buys } from '../state/previewIntent';
import type { MarketView, PositionView } from '../state/views';

/** How long an order waits where nothing is said: the command line's 30 days. */
const LIFETIME_SECONDS = 30n * 86_400n;
/** A stop-loss is for a market that runs away: it fills at up to 5 % worse than its trigger, a take-profit at 0.5 %. */
const STOP_LOSS_SLIPPAGE_PPM = 50_000n;
const TAKE_PROFIT_SLIPPAGE_PPM = 5_000n;

const KINDS = {
  takeProfit: OrderKind.TakeProfit,
  stopLoss: OrderKind.StopLoss,
  limit: OrderKind.Limit,
  stop: OrderKind.Stop,
} as const;

const EMPTY = { size: 0n, margin: 0n, sharePpm: 0, triggerPrice: 0n, expiresAt: 0n, cancels: null } as const;

type Open = Extract<Intent, { kind: 'open' }>;

/** The order that opens an empty position once its price is there. */
export function entryTerms(
  { side, size, margin, slippagePpm }: Open,
  { kind, triggerPrice, expiresAt }: NonNullable<Open['entry']>,
  { account }: MarketView,
  now: bigint,
): OrderTermsArgs {
  return {
    ...EMPTY,
    kind: KINDS[kind],
    size,
    margin,
    triggerPrice,
    acceptablePrice: acceptablePrice(triggerPrice, slippagePpm, buys(side, false)),
    reward: account.params.minKeeperReward,
    expiresAt: expiresAt ?? now + LIFETIME_SECONDS,
  };
}

/** The order that adds size in a market where nothing opens at once. */
export const delayedTerms = (
  { size, margin }: { size: bigint; margin: bigint },
  { account }: MarketView,
  acceptable: bigint,
): OrderTermsArgs => ({
  ...EMPTY,
  kind: OrderKind.Delayed,
  size,
  margin,
  acceptablePrice: acceptable,
  reward: account.params.minKeeperReward,
});

/** Take profit and stop loss of a new position under these numbers; each cancels the other. */
export function closingTerms(
  { side, takeProfit, stopLoss }: Open,
  { account }: MarketView,
  now: bigint,
  ids: readonly number[],
): OrderTermsArgs[] {
  const wanted = [
    { kind: OrderKind.TakeProfit, trigger: takeProfit, slippage: TAKE_PROFIT_SLIPPAGE_PPM },
    { kind: OrderKind.StopLoss, trigger: stopLoss, slippage: STOP_LOSS_SLIPPAGE_PPM },
  ].flatMap(({ trigger, ...rest }) => (trigger === undefined ? [] : [{ trigger, ...rest }]));
  return wanted.map(({ kind, trigger, slippage }, place) => ({
    ...EMPTY,
    kind,
    sharePpm: Number(PPM),
    triggerPrice: trigger,
    acceptablePrice: acceptablePrice(trigger, slippage, buys(side, true)),
    reward: account.params.minKeeperReward,
    expiresAt: now + LIFETIME_SECONDS,
    cancels: wanted.length === 2 ? (ids[1 - place] ?? null) : null,
  }));
}

/** An order on a position that exists. */
export function requestedTerms(
  order: OrderRequest,
  { side, market }: PositionView,
  now: bigint,
  cancels: number | null,
): OrderTermsArgs {
  const adds = 'size' in order;
  const amounts =
    'size' in order ? { size: order.size, margin: order.margin } : { sharePpm: order.sharePpm ?? Number(PPM) };
  return {
    ...EMPTY,
    ...amounts,
    kind: KINDS[order.kind],
    triggerPrice: order.triggerPrice,
    acceptablePrice: acceptablePrice(order.triggerPrice, order.slippagePpm, buys(side, !adds)),
    reward: order.reward ?? market.account.params.minKeeperReward,
    expiresAt: order.expiresAt ?? now + LIFETIME_SECONDS,
    cancels,
  };
}
