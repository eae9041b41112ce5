import { formatDecimal, PRICE_DECIMALS } from '@ringfence/client';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useCandles, type MarketView, type PositionView } from '../../state';
import { priceDigits, showPrice } from '../format';
import { Segmented } from '../Segmented';
import { useTheme } from '../theme';
import { CandleChart, type Line } from './candleChart';

const INTERVALS = [
  { value: '1', label: '1s' },
  { value: '15', label: '15s' },
  { value: '60', label: '1m' },
  { value: '300', label: '5m' },
  { value: '900', label: '15m' },
  { value: '3600', label: '1h' },
] as const;

type Interval = (typeof INTERVALS)[number]['value'];

const COLOURS = ['text', 'grid', 'long', 'short', 'entry', 'liquidation'] as const;

/** For drawing only: everything that counts stays a bigint. Cut off as in the tables, so that both say the same. */
const toNumber = (price: bigint) => Number(formatDecimal(price, PRICE_DECIMALS, { max: priceDigits(price) }));

function linesOf(positions: PositionView[]): Line[] {
  return positions.flatMap((position) => {
    const lines: Line[] = [
      { price: toNumber(position.entryPrice), title: `${position.side} entry`, colour: 'entry', dashed: false },
    ];
    if (position.liquidationPrice !== null) {
      const price = toNumber(position.liquidationPrice);
      lines.push({ price, title: `${position.side} liquidation`, colour: 'liquidation', dashed: true });
    }
    return lines;
  });
}

interface Properties {
  market: MarketView;
  /** Open positions of this market. */
  positions: PositionView[];
}

export default function Chart({ market, positions }: Properties) {
  const [interval, choose] = useState<Interval>('15');
  const { candles, live } = useCandles(market.address, Number(interval));
  const [fit, setFit] = useState(false);
  const theme = useTheme();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<CandleChart>(undefined);
  const lines = useMemo(() => linesOf(positions), [positions]);
  const price = market.reading?.price;
  const digits = price === undefined ? 2 : priceDigits(price);

  useEffect(() => {
    if (!host.current) return;
    const made = new CandleChart(host.current);
    chart.current = made;
    return () => {
      made.dispose();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => {
    const colours = Object.fromEntries(
      COLOURS.map((name) => {
        const probe = host.current?.parentElement?.querySelector(`.chart__colour--${name}`);
        return [name, probe ? getComputedStyle(probe).color : 'gray'];
      }),
    ) as Record<(typeof COLOURS)[number], string>;
    chart.current?.theme(colours);
  }, [theme]);

  useEffect(() => chart.current?.precision(digits), [digits]);

  useEffect(() => {
    chart.current?.candles(
      candles.map(({ time, open, high, low, close }) => ({
        time: Number(time),
        open: toNumber(open),
        high: toNumber(high),
        low: toNumber(low),
        close: toNumber(close),
      })),
    );
  }, [candles]);

  useEffect(() => {
    if (!live) return;
    const { time, open, high, low, close } = live;
    chart.current?.update({
      time: Number(time),
      open: toNumber(open),
      high: toNumber(high),
      low: toNumber(low),
      close: toNumber(close),
    });
  }, [live]);

  useEffect(() => chart.current?.lines(lines), [lines]);

  useEffect(() => chart.current?.fit(fit), [fit]);

  const empty = candles.length === 0 && !live;
  return (
    <section className="panel chart" aria-label="Price chart">
      <div className="chart__bar">
        <h2 className="small muted">Index price, {market.name}</h2>
        {lines.length > 0 ? (
          <label className="checkbox small">
            <input type="checkbox" checked={fit} onChange={(event) => setFit(event.target.checked)} />
            Fit entry and liquidation
          </label>
        ) : null}
        <Segmented legend="Candle interval" options={INTERVALS} value={interval} onChange={choose} />
      </div>
      <div className="chart__frame">
        <div hidden aria-hidden="true">
          {COLOURS.map((name) => (
            <span key={name} className={`chart__colour--${name}`} />
          ))}
        </div>
        <div ref={host} className="chart__canvas" aria-hidden="true">
          {empty ? (
            <p className="chart__empty">Candles are drawn from the prices seen since the page was opened.</p>
          ) : null}
        </div>
        <ChartText market={market} candles={candles} positions={positions} />
      </div>
    </section>
  );
}

interface TextProperties extends Properties {
  candles: { high: bigint; low: bigint }[];
}

/** What the canvas shows, in words. Not a live region: it is read when somebody comes to it. */
function ChartText({ market, candles, positions }: TextProperties) {
  const highest = candles.reduce((top, { high }) => (high > top ? high : top), 0n);
  const lowest = candles.reduce((floor, { low }) => (floor === 0n || low < floor ? low : floor), 0n);
  return (
    <p className="visually-hidden">
      {market.reading ? `Index price ${showPrice(market.reading.price)}. ` : 'There is no price. '}
      {candles.length > 0 ? `${candles.length} candles, between ${showPrice(lowest)} and ${showPrice(highest)}. ` : ''}
      {positions
        .map(
          ({ side, entryPrice, liquidationPrice }) =>
            `Your ${side} entered at ${showPrice(entryPrice)}` +
            (liquidationPrice === null ? '. ' : `, liquidation at ${showPrice(liquidationPrice)}. `),
        )
        .join('')}
    </p>
  );
}
