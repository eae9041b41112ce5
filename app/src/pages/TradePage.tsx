import { lazy, memo, Suspense, useMemo } from 'react';
import { useMarkets, useOrders, usePositions, type MarketView } from '../state';
import { HistoryTable } from '../ui/history/HistoryTable';
import { Empty, LoadState } from '../ui/LoadState';
import { OrdersTable } from '../ui/orders/OrdersTable';
import { PositionsTable } from '../ui/positions/PositionsTable';
import { Tabs } from '../ui/Tabs';
import { MarketHeader } from '../ui/trade/MarketHeader';
import { OrderTicket } from '../ui/trade/OrderTicket';
import { PriceAlert } from '../ui/trade/PriceAlert';
import { showPrice } from '../ui/format';
import { useTitle } from '../ui/useTitle';

/** Apart from the rest, as the chart library is a third of the page. */
const Chart = lazy(() => import('../ui/trade/Chart'));

const NONE: never[] = [];

const Book = memo(function Book() {
  const positions = usePositions();
  const orders = useOrders();
  const tabs = [
    {
      id: 'positions',
      label: 'Positions',
      count: positions.state === 'ready' ? positions.value.length : 0,
      content: <PositionsTable />,
    },
    {
      id: 'orders',
      label: 'Orders',
      count: orders.state === 'ready' ? orders.value.length : 0,
      content: <OrdersTable />,
    },
    { id: 'history', label: 'History', content: <HistoryTable /> },
  ];
  return <Tabs label="Your account" tabs={tabs} />;
});

function Market({ market }: { market: MarketView }) {
  useTitle(market.reading ? `${showPrice(market.reading.price)} ${market.name}` : market.name);
  const positions = usePositions();
  const all = positions.state === 'ready' ? positions.value : NONE;
  const own = useMemo(
    () => all.filter((position) => position.market.address === market.address && position.risk !== 'empty'),
    [all, market.address],
  );
  return (
    <div className="trade">
      <div className="trade__header stack">
        <MarketHeader market={market} />
        <PriceAlert market={market} />
      </div>
      <div className="trade__chart">
        <Suspense fallback={<ChartSkeleton />}>
          <Chart market={market} positions={own} />
        </Suspense>
      </div>
      <div className="trade__ticket">
        <OrderTicket key={market.address} market={market} />
      </div>
      <div className="trade__book">
        <Book />
      </div>
    </div>
  );
}

/** As tall as the chart, so that nothing moves when it comes. */
function ChartSkeleton() {
  return (
    <div className="panel chart" aria-busy="true">
      <div className="chart__bar">
        <span className="visually-hidden">Getting the chart ready</span>
      </div>
      <div className="chart__canvas" />
    </div>
  );
}

function TradeSkeleton() {
  return (
    <div className="stack" aria-hidden="true">
      <span className="skeleton skeleton--block" />
      <span className="skeleton skeleton--block" />
      <span className="skeleton skeleton--block" />
    </div>
  );
}

export function TradePage({ marketName }: { marketName: string | undefined }) {
  const markets = useMarkets();
  return (
    <>
      <h1 className="visually-hidden">Trade {marketName}</h1>
      <LoadState of={markets} what="markets" skeleton={<TradeSkeleton />}>
        {(all) => {
          const market = marketName ? all.find(({ name }) => name === marketName) : all[0];
          if (market) return <Market market={market} />;
          return (
            <div className="panel">
              {marketName ? (
                <Empty title={`There is no market ${marketName}`}>Choose another, or another cluster.</Empty>
              ) : (
                <Empty title="This cluster has no markets">Choose another cluster above.</Empty>
              )}
            </div>
          );
        }}
      </LoadState>
    </>
  );
}
