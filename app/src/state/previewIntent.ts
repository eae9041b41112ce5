import type { Address } from '@solana/kit';
import {
  acceptablePrice,
  previewAddLiquidity,
  previewAddMargin,
  previewClose,
  previewDecrease,
  previewIncrease,
  previewLiquidation,
  previewOpen,
  previewRemoveLiquidity,
  previewRemoveMargin,
  Side,
  type Market,
  type PriceReading,
} from '@ringfence/client';
import type { Intent, PageRefusal, Preview } from './intent';
import { valueOf } from './loadable';
import type { ViewState } from './store';
import type { MarketView, PositionView } from './views';

export interface LocalPreview {
  preview?: Preview;
  refusals: PageRefusal[];
}

type View = Pick<ViewState, 'markets' | 'positions' | 'liquidations' | 'balances' | 'deposits' | 'wallets' | 'now'>;
type Open = Extract<Intent, { kind: 'open' }>;

const NOTHING: LocalPreview = { refusals: [] };

export const findMarket = (view: View, index: number): MarketView | undefined =>
  valueOf(view.markets)?.find((market) => market.index === index);

export const findPosition = (view: View, address: Address): PositionView | undefined =>
  valueOf(view.positions)?.find((position) => position.address === address) ??
  valueOf(view.liquidations)?.find((position) => position.address === address);

/** Whether the trade buys the base asset. */
export const buys = (side: 'long' | 'short', closes: boolean): boolean => (side === 'long') !== closes;

/** Worst fill at the index price; 0 where there is no price, which no purchase accepts. */
export function worstFill(market: MarketView, slippagePpm: bigint, buy: boolean): bigint {
  return market.reading ? acceptablePrice(market.reading.price, slippagePpm, buy) : 0n;
}

/** A delayed order is placed without a price: it will have the first one after its delay. */
const placeable = <T extends { error: string }>(market: MarketView, refusals: T[]): T[] =>
  market.account.params.delayedOnly === 0 ? refusals : refusals.filter(({ error }) => !error.startsWith('Oracle'));

/** In a delayed market the fill is previewed as if it were now: the order has the first price after its delay. */
const asInstant = (market: Market): Market => ({ ...market, params: { ...market.params, delayedOnly: 0 } });

/** What a waiting order would be filled at, were the index at its trigger price. */
function readingAt(market: MarketView, price: bigint, now: bigint): PriceReading | undefined {
  const { reading } = market;
  return (
    reading && { ...reading, price, ema: price, publishTime: reading.publishTime > now ? reading.publishTime : now }
  );
}

function previewOpening(intent: Open, market: MarketView, now: bigint): LocalPreview {
  const buy = buys(intent.side, false);
  const entry = intent.entry;
  const { result, refusals } = previewOpen({
    market: entry ? market.account : asInstant(market.account),
    reading: entry ? readingAt(market, entry.triggerPrice, now) : market.reading,
    now,
    restartSlot: market.restartSlot,
    side: intent.side === 'long' ? Side.Long : Side.Short,
    size: intent.size,
    margin: intent.margin,
    acceptablePrice: entry
      ? acceptablePrice(entry.triggerPrice, intent.slippagePpm, buy)
      : worstFill(market, intent.slippagePpm, buy),
  });
  return { refusals: placeable(market, refusals), ...(result && { preview: { kind: 'open', value: result } }) };
}

function previewOfPosition(intent: Intent & { position: Address }, position: PositionView, now: bigint): LocalPreview {
  const { market, account } = position;
  const { restartSlot } = market;
  const context = { market: market.account, reading: market.reading, now, restartSlot, position: account };
  const worst = (slippagePpm: bigint, closes: boolean) => worstFill(market, slippagePpm, buys(position.side, closes));
  switch (intent.kind) {
    case 'increase': {
      const { result: value, refusals } = previewIncrease({
        ...context,
        market: asInstant(market.account),
        size: intent.size,
        margin: intent.margin,
        acceptablePrice: worst(intent.slippagePpm, false),
      });
      return { refusals: placeable(market, refusals), ...(value && { preview: { kind: 'increase', value } }) };
    }
    case 'decrease': {
      const { result: value, refusals } = previewDecrease({
        ...context,
        size: intent.size,
        acceptablePrice: worst(intent.slippagePpm, true),
      });
      return { refusals, ...(value && { preview: { kind: 'decrease', value } }) };
    }
    case 'close': {
      const { result: value, refusals } = previewClose({
        ...context,
        acceptablePrice: worst(intent.slippagePpm, true),
      });
      return { refusals, ...(value && { preview: { kind: 'close', value } }) };
    }
    case 'addMargin': {
      const { result: value, refusals } = previewAddMargin({ ...context, amount: intent.amount });
      return { refusals, ...(value && { preview: { kind: 'addMargin', value } }) };
    }
    case 'removeMargin': {
      const { result: value, refusals } = previewRemoveMargin({ ...context, amount: intent.amount });
      return { refusals, ...(value && { preview: { kind: 'removeMargin', value } }) };
    }
    case 'liquidate': {
      const { result: value, refusals } = previewLiquidation(context);
      return { refusals, ...(value && { preview: { kind: 'liquidate', value } }) };
    }
    default:
      return NOTHING;
  }
}

function previewOfPool(intent: Intent, market: MarketView, view: View): LocalPreview {
  const { restartSlot } = market;
  const context = { market: market.account, reading: market.reading, now: view.now, restartSlot };
  if (intent.kind === 'addLiquidity') {
    const { result: value, refusals } = previewAddLiquidity({ ...context, amount: intent.amount });
    return { refusals, ...(value && { preview: { kind: 'addLiquidity', value } }) };
  }
  if (intent.kind === 'removeLiquidity') {
    const held = valueOf(view.balances)?.shares.get(market.address) ?? 0n;
    const { result: value, refusals } = previewRemoveLiquidity({ ...context, shares: intent.shares, held });
    return { refusals, ...(value && { preview: { kind: 'removeLiquidity', value } }) };
  }
  return NOTHING;
}

/** Collateral that an intent takes from the wallet, and the market that it is of. */
function spends(intent: Intent, view: View): { market: MarketView | undefined; amount: bigint } | undefined {
  switch (intent.kind) {
    case 'open': {
      const market = findMarket(view, intent.market);
      return { market, amount: intent.margin + rewardsOf(intent, market) };
    }
    case 'placeOrder': {
      const market = findPosition(view, intent.position)?.market;
      const least = market?.account.params.minKeeperReward ?? 0n;
      const amounts = intent.orders.map((order) => (order.reward ?? least) + ('margin' in order ? order.margin : 0n));
      return { market, amount: amounts.reduce((sum, amount) => sum + amount, 0n) };
    }
    case 'addLiquidity':
      return { market: findMarket(view, intent.market), amount: intent.amount };
    case 'increase':
      return { market: findPosition(view, intent.position)?.market, amount: intent.margin };
    case 'addMargin':
      return { market: findPosition(view, intent.position)?.market, amount: intent.amount };
    default:
      return undefined;
  }
}

/** Every order has its executor's reward with it. */
function rewardsOf({ entry, takeProfit, stopLoss }: Open, market: MarketView | undefined): bigint {
  if (!market) return 0n;
  const { delayedOnly, minKeeperReward } = market.account.params;
  const orders = [entry ?? (delayedOnly !== 0 ? true : undefined), takeProfit, stopLoss];
  return BigInt(orders.filter((order) => order !== undefined).length) * minKeeperReward;
}

/** What the wallet itself lacks: no instruction can say so as clearly. */
export function walletRefusals(intent: Intent, view: View): PageRefusal[] {
  const balances = valueOf(view.balances);
  if (!view.wallets.account || !balances) return [];
  if (balances.sol === 0n) {
    return [
      {
        error: 'InsufficientSol',
        message: 'This wallet has no SOL, which pays for network fees and for the rent of accounts: send it some.',
      },
    ];
  }
  const spent = spends(intent, view);
  if (!spent?.market) return [];
  const found = balances.collateral.get(spent.market.account.collateralMint) ?? 0n;
  if (spent.amount <= found) return [];
  return [
    {
      error: 'InsufficientCollateral',
      message: `This wallet holds less ${spent.market.quoteSymbol} than that: use a smaller amount, or deposit more.`,
      detail: { found, limit: spent.amount },
    },
  ];
}

/** The client's arithmetic for an intent, at what the page knows now. */
export function previewIntent(intent: Intent, view: View): LocalPreview {
  const local = arithmetic(intent, view);
  return { ...local, refusals: [...local.refusals, ...walletRefusals(intent, view)] };
}

function arithmetic(intent: Intent, view: View): LocalPreview {
  if ('market' in intent) {
    const market = findMarket(view, intent.market);
    if (!market) return NOTHING;
    return intent.kind === 'open' ? previewOpening(intent, market, view.now) : previewOfPool(intent, market, view);
  }
  if ('position' in intent) {
    const position = findPosition(view, intent.position);
    return position ? previewOfPosition(intent, position, view.now) : NOTHING;
  }
  return NOTHING;
}
