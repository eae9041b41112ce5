import type { MarketView, PageRefusal } from '../state';
import { showDuration, showExact, showPrice, showSize } from './format';

const MONEY: ReadonlySet<string> = new Set([
  'BelowInitialMargin',
  'MarginBelowFee',
  'PositionTooSmall',
  'OpenInterestLimit',
  'InsufficientLiquidity',
  'AmountExceedsMargin',
  'WouldBeLiquidatable',
  'NotLiquidatable',
  'LiquidityReserved',
  'InsufficientCollateral',
]);

const LAMPORT_DECIMALS = 9;

/** Both sides of the comparison that failed, in the unit of what is compared; nothing where there is no sense in it. */
export function refusalDetail({ error, detail }: PageRefusal, market: MarketView): string | undefined {
  if (!detail) return undefined;
  const { found, limit } = detail;
  if (MONEY.has(error)) {
    const money = (atoms: bigint) => showExact(atoms, market.quoteDecimals);
    return `${money(found)} against ${money(limit)} ${market.quoteSymbol}`;
  }
  switch (error) {
    case 'SlippageExceeded':
      return `Fill at ${showPrice(found)}, bound at ${showPrice(limit)}`;
    case 'SizeExceedsPosition': {
      const size = (units: bigint) => showSize(units, market.sizeDecimals);
      return `${size(found)} of ${size(limit)} ${market.baseSymbol}`;
    }
    case 'InsufficientShares':
      return `${showExact(found, market.quoteDecimals)} of ${showExact(limit, market.quoteDecimals)} shares`;
    case 'OracleStale':
      return `${showDuration(found)} old, at most ${showDuration(limit)}`;
    case 'OrderPending':
      return `${showDuration(limit - found)} left`;
    case 'InsufficientSol':
      return `${showExact(found, LAMPORT_DECIMALS)} of ${showExact(limit, LAMPORT_DECIMALS)} SOL`;
    default:
      return undefined;
  }
}
