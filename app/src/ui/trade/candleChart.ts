import {
  CandlestickSeries,
  ColorType,
  createChart,
  LineStyle,
  TickMarkType,
  type AutoscaleInfo,
  type CandlestickData,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';

export type Colours = Record<'text' | 'grid' | 'long' | 'short' | 'entry' | 'liquidation', string>;

export interface Bar {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
}

export interface Line {
  price: number;
  title: string;
  colour: 'entry' | 'liquidation';
  dashed: boolean;
}

/** Lines within this share of the price are always in view. */
const NEAR = 0.04;

/** The library would write UTC; people read their own clock. */
const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const SECONDS = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

function tickText(seconds: number, kind: TickMarkType): string {
  const at = seconds * 1_000;
  if (kind === TickMarkType.TimeWithSeconds) return SECONDS.format(at);
  return kind === TickMarkType.Time ? CLOCK.format(at) : DAY.format(at);
}

const toData = (bar: Bar): CandlestickData => ({ ...bar, time: bar.time as UTCTimestamp });

/** The chart library behind the few verbs that the page needs. */
export class CandleChart {
  readonly #chart: IChartApi;
  readonly #series: ISeriesApi<'Candlestick'>;
  #colours: Colours | undefined;
  #lines: Line[] = [];
  #drawn: IPriceLine[] = [];
  #newest = 0;
  #fit = false;

  constructor(host: HTMLElement) {
    this.#chart = createChart(host, {
      autoSize: true,
      // The logo would inject a style element, which the page's policy forbids; the footer has the credit.
      layout: { attributionLogo: false, background: { type: ColorType.Solid, color: 'transparent' } },
      timeScale: {
        timeVisible: true,
        secondsVisible: true,
        borderVisible: false,
        rightOffset: 4,
        barSpacing: 9,
        tickMarkFormatter: (time: Time, kind: TickMarkType) => tickText(Number(time), kind),
      },
      localization: { timeFormatter: (time: Time) => LONG.format(Number(time) * 1_000) },
      rightPriceScale: { borderVisible: false },
      handleScroll: { vertTouchDrag: false },
    });
    this.#series = this.#chart.addSeries(CandlestickSeries, {
      borderVisible: false,
      autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => this.#scale(original()),
    });
  }

  theme(colours: Colours): void {
    this.#colours = colours;
    this.#chart.applyOptions({
      layout: { textColor: colours.text },
      grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
    });
    this.#series.applyOptions({
      upColor: colours.long,
      downColor: colours.short,
      wickUpColor: colours.long,
      wickDownColor: colours.short,
    });
    this.#draw();
  }

  precision(digits: number): void {
    this.#series.applyOptions({
      priceFormat: { type: 'price', precision: digits, minMove: 10 ** -digits },
    });
  }

  candles(bars: Bar[]): void {
    this.#series.setData(bars.map(toData));
    this.#newest = bars.at(-1)?.time ?? 0;
  }

  /** The candle that is being made. One older than what is drawn comes from an interval just left. */
  update(bar: Bar): void {
    if (bar.time < this.#newest) return;
    this.#series.update(toData(bar));
    this.#newest = bar.time;
  }

  lines(lines: Line[]): void {
    if (JSON.stringify(lines) === JSON.stringify(this.#lines)) return;
    this.#lines = lines;
    this.#draw();
  }

  /** Whether the scale reaches to all lines; liquidation prices are often far away, and flatten the candles. */
  fit(on: boolean): void {
    if (on === this.#fit) return;
    this.#fit = on;
    this.#series.priceScale().applyOptions({ autoScale: true });
  }

  #scale(info: AutoscaleInfo | null): AutoscaleInfo | null {
    const range = info?.priceRange;
    if (!range) return info;
    const near = (price: number) => Math.abs(price - range.maxValue) < NEAR * range.maxValue;
    const prices = this.#lines.map(({ price }) => price).filter((price) => this.#fit || near(price));
    const priceRange = {
      minValue: Math.min(range.minValue, ...prices),
      maxValue: Math.max(range.maxValue, ...prices),
    };
    return { ...info, priceRange };
  }

  #draw(): void {
    for (const line of this.#drawn) this.#series.removePriceLine(line);
    const colours = this.#colours;
    if (!colours) return;
    this.#drawn = this.#lines.map(({ price, title, colour, dashed }) =>
      this.#series.createPriceLine({
        price,
        title,
        color: colours[colour],
        lineWidth: 1,
        lineStyle: dashed ? LineStyle.Dashed : LineStyle.Solid,
        axisLabelVisible: true,
      }),
    );
  }

  dispose(): void {
    this.#chart.remove();
  }
}
