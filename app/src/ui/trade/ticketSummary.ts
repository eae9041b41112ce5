import { acceptablePrice, formatDecimal, notionalCeil, notionalFloor } from '@ringfence/client';
import type { Intent, MarketView, Preview, TransactionCost } from '../../state';
import type { Row } from '../data';
import { showExact, showMoney, showMultiple, showPrice, showSignedPercent } from '../format';

const UNKNOWN = '–';
const LAMPORT_DECIMALS = 9;

type OpenIntent = Extract<Intent, { kind: 'open' }>;
type Opened = Extract<Preview, { kind: 'open' }>['value'];

const LABELS = [
  'Entry price',
  'Price impact',
  'Opening fee',
  'Notional',
  'Leverage after fee',
  'Margin after fee',
  'Initial margin',
  'Maintenance margin',
  'Liquidation price',
  'Worst fill',
  'Largest loss',
  'Largest gain',
] as const;

type Label = (typeof LABELS)[number];

const RULED: ReadonlySet<Label> = new Set(['Margin after fee', 'Worst fill', 'Largest loss']);

/** How much more than at the expected fill the worst one costs, atoms. */
function worstCost(market: MarketView, intent: OpenIntent, fill: bigint, worst: bigint): bigint {
  const scale = market.account.notionalDivisor;
  const cost =
    intent.side === 'long'
      ? notionalCeil(intent.size, worst, scale) - notionalFloor(intent.size, fill, scale)
      : notionalCeil(intent.size, fill, scale) - notionalFloor(intent.size, worst, scale);
  return cost > 0n ? cost : 0n;
}

function values(market: MarketView, intent: OpenIntent, opened: Opened): Record<Label, Omit<Row, 'label'>> {
  const { quoteDecimals, quoteSymbol, reading } = market;
  const expected = intent.entry?.triggerPrice ?? reading?.price ?? opened.fillPrice;
  const worst = acceptablePrice(expected, intent.slippagePpm, intent.side === 'long');
  const impact = expected === 0n ? 0n : ((opened.fillPrice - expected) * 1_000_000n) / expected;
  const { health, liquidationPrice } = opened;
  const money = (atoms: bigint) => showMoney(atoms, quoteDecimals);
  return {
    'Entry price': { value: showPrice(opened.fillPrice) },
    'Price impact': { value: showSignedPercent(impact, 3) },
    'Opening fee': { value: showExact(opened.fee, quoteDecimals) },
    Notional: { value: money(opened.notional) },
    'Leverage after fee': { value: health.leveragePpm === null ? UNKNOWN : showMultiple(health.leveragePpm) },
    'Margin after fee': { value: money(opened.margin) },
    'Initial margin': { value: money(opened.healthAtEdge.initial) },
    'Maintenance margin': { value: money(health.maintenance) },
    'Liquidation price': {
      value: liquidationPrice === null ? 'None' : showPrice(liquidationPrice),
      tone: liquidationPrice === null ? undefined : 'warning',
    },
    'Worst fill': {
      value: `${showPrice(worst)} (${money(worstCost(market, intent, opened.fillPrice, worst))} more)`,
    },
    'Largest loss': { value: `${money(opened.margin + opened.fee)} ${quoteSymbol}`, tone: 'loss' },
    'Largest gain': { value: `${money(opened.reserve)} ${quoteSymbol}`, tone: 'gain' },
  };
}

/** Always the same rows, so that the button below them stays where it is. */
export function summaryRows(
  market: MarketView,
  intent: Intent | undefined,
  preview: Preview | undefined,
  cost?: TransactionCost,
): Row[] {
  const opened = preview?.kind === 'open' ? preview.value : undefined;
  const known = opened && intent?.kind === 'open' ? values(market, intent, opened) : undefined;
  const rows: Row[] = LABELS.map((label) => ({
    label,
    rule: RULED.has(label),
    ...(known ? known[label] : { value: UNKNOWN }),
  }));
  const fee = cost && `${formatDecimal(cost.baseFee + cost.priorityFee, LAMPORT_DECIMALS)} SOL`;
  return [...rows, { label: 'Network fee', value: fee ?? UNKNOWN, rule: true }];
}
