import { useHistory, useMarkets, useWallets, type MarketView, type PositionStatistics } from '../../state';
import { SideLabel, Stat } from '../data';
import { showAddress, showMoney, showSignedMoney, showTime, toneOf } from '../format';

function Statistics({ statistics, market }: { statistics: PositionStatistics; market: MarketView | undefined }) {
  const decimals = market?.quoteDecimals ?? 6;
  const {
    side,
    firstAt,
    lastAt,
    closed,
    trades,
    liquidations,
    volume,
    fees,
    funding,
    borrow,
    realisedPnl,
    netPnl,
    partial,
  } = statistics;
  return (
    <li className="panel panel__body stack">
      <div className="row spread">
        <h3 className="row">
          {market?.name ?? showAddress(statistics.market)} {side ? <SideLabel side={side} /> : null}
          <span className="muted mono small">{showAddress(statistics.position)}</span>
        </h3>
        <span className="row">
          {partial ? <span className="badge">Part of its events</span> : null}
          <span className="badge">{closed ? 'Closed' : 'Open'}</span>
        </span>
      </div>
      {firstAt === undefined ? null : (
        <p className="muted small">
          {showTime(firstAt)}
          {lastAt === undefined || lastAt === firstAt ? '' : ` to ${showTime(lastAt)}`}
        </p>
      )}
      <dl className="stats">
        <Stat label="Net PnL" note="after fees">
          <span className={toneOf(netPnl)}>{showSignedMoney(netPnl, decimals, market?.quoteSymbol)}</span>
        </Stat>
        <Stat label="Realised PnL" note="funding and borrow in it">
          <span className={toneOf(realisedPnl)}>{showSignedMoney(realisedPnl, decimals)}</span>
        </Stat>
        <Stat label="Fees">{showMoney(fees, decimals)}</Stat>
        <Stat label="Funding">{showSignedMoney(-funding, decimals)}</Stat>
        <Stat label="Borrow">{showSignedMoney(-borrow, decimals)}</Stat>
        <Stat label="Volume" note={`${trades} ${trades === 1 ? 'trade' : 'trades'}`}>
          {showMoney(volume, decimals)}
        </Stat>
        {liquidations > 0 ? <Stat label="Liquidations">{liquidations}</Stat> : null}
      </dl>
    </li>
  );
}

/** What each position has brought, from its events. */
export function HistoryStatistics() {
  const history = useHistory();
  const markets = useMarkets();
  const { account } = useWallets();
  if (!account || history.state !== 'ready' || history.value.statistics.size === 0) return null;
  const known = markets.state === 'ready' ? markets.value : [];
  return (
    <section aria-label="Statistics per position" className="stack">
      <h2>Per position</h2>
      <ul className="cards">
        {[...history.value.statistics.values()].map((statistics) => (
          <Statistics
            key={statistics.id}
            statistics={statistics}
            market={known.find(({ address }) => address === statistics.market)}
          />
        ))}
      </ul>
    </section>
  );
}
