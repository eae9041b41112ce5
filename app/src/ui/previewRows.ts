import type { MarketView, Preview } from '../state';
import type { Row } from './data';
import { showExact, showMoney, showPercent, showPrice, showSignedMoney, showSize, showTime, toneOf } from './format';

type ValueOf<K extends Preview['kind']> = Extract<Preview, { kind: K }>['value'];

const NO_LIQUIDATION = 'None';

const liquidation = (price: bigint | null): Row => ({
  label: 'Liquidation price',
  value: price === null ? NO_LIQUIDATION : showPrice(price),
  tone: price === null ? undefined : 'warning',
});

const ratio = (ppm: bigint | null | undefined): Row => ({
  label: 'Margin ratio',
  value: ppm === null || ppm === undefined ? '–' : showPercent(ppm),
});

function reduced(
  { quoteDecimals }: MarketView,
  value: Omit<ValueOf<'decrease'>, 'market' | 'position' | 'health' | 'liquidationPrice'>,
): Row[] {
  return [
    { label: 'Exit price', value: showPrice(value.fillPrice) },
    {
      label: 'Realised PnL',
      value: showSignedMoney(value.realisedPnl, quoteDecimals),
      tone: toneOf(value.realisedPnl),
    },
    { label: 'Funding in it', value: showSignedMoney(value.share.funding, quoteDecimals) },
    { label: 'Borrow fee in it', value: showSignedMoney(-value.share.borrow, quoteDecimals) },
    { label: 'Closing fee', value: showExact(value.feePaid, quoteDecimals) },
  ];
}

function decreaseRows(market: MarketView, value: ValueOf<'decrease'>): Row[] {
  return [
    ...reduced(market, value),
    { label: 'Margin afterwards', value: showMoney(value.marginAfter, market.quoteDecimals), rule: true },
    ratio(value.health.marginRatioPpm),
    liquidation(value.liquidationPrice),
  ];
}

function closeRows(market: MarketView, { payout, closed }: ValueOf<'close'>): Row[] {
  const { quoteDecimals, quoteSymbol } = market;
  return [
    ...(closed ? reduced(market, closed) : []),
    { label: 'To your wallet', value: showMoney(payout, quoteDecimals, quoteSymbol), rule: true },
  ];
}

function marginRows({ quoteDecimals }: MarketView, value: ValueOf<'addMargin'>): Row[] {
  return [
    { label: 'Margin afterwards', value: showMoney(value.margin, quoteDecimals) },
    ratio(value.health?.marginRatioPpm),
    liquidation(value.liquidationPrice),
  ];
}

function liquidationRows(market: MarketView, value: ValueOf<'liquidate'>): Row[] {
  const { quoteDecimals, quoteSymbol, sizeDecimals, baseSymbol } = market;
  return [
    { label: 'Closes', value: `${showSize(value.closed.share.size, sizeDecimals)} ${baseSymbol}` },
    { label: 'Is it all of it?', value: value.full ? 'Yes' : 'No, a part' },
    { label: 'Equity', value: showSignedMoney(value.before.equity, quoteDecimals) },
    { label: 'Maintenance margin', value: showMoney(value.before.maintenance, quoteDecimals) },
    {
      label: 'Your reward',
      value: `${showExact(value.reward, quoteDecimals)} ${quoteSymbol}`,
      tone: 'gain',
      rule: true,
    },
  ];
}

/** What an action on a position or a pool would bring; nothing before the preview can be computed. */
export function previewRows(market: MarketView, preview: Preview | undefined): Row[] {
  const { quoteDecimals, quoteSymbol } = market;
  switch (preview?.kind) {
    case 'decrease':
      return decreaseRows(market, preview.value);
    case 'close':
      return closeRows(market, preview.value);
    case 'addMargin':
    case 'removeMargin':
      return marginRows(market, preview.value);
    case 'liquidate':
      return liquidationRows(market, preview.value);
    case 'addLiquidity':
      return [
        { label: 'Shares', value: showMoney(preview.value.shares, quoteDecimals) },
        { label: 'Can be claimed from', value: showTime(preview.value.unlocksAt) },
      ];
    case 'removeLiquidity':
      return [{ label: 'To your wallet', value: showMoney(preview.value.amount, quoteDecimals, quoteSymbol) }];
    default:
      return [];
  }
}
