import {
  CandlestickSeries,
  ColorType,
  createChart,
  LineStyle,
  type CandlestickData,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
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

const toData = (bar: Bar): CandlestickData => ({ ...bar, time: bar.time as UTCTimestamp });

/** The chart library behind the few verbs that the page needs. */
export class CandleChart {
  readonly #chart: IChartApi;
  readonly #series: ISeriesApi<'Candlestick'>;
  #colours: Colours | undefined;
  #lines: Line[] = [];
  #drawn: IPriceLine[] = [];
  #newest = 0;

  constructor(host: HTMLElement) {
    this.#chart = createChart(host, {
      autoSize: true,
      // The logo would inject a style element, which the page's policy forbids; the footer has the credit.
      layout: { attributionLogo: false, background: { type: ColorType.Solid, color: 'transparent' } },
      timeScale: { timeVisible: true, secondsVisible: true, borderVisible: false, rightOffset: 4 },
      rightPriceScale: { borderVisible: false },
      handleScroll: { vertTouchDrag: false },
    });
    this.#series = this.#chart.addSeries(CandlestickSeries, { borderVisible: false });
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
