import { memo } from 'react';
import { useHistory, useMarkets, useWallets, type HistoryEntry, type MarketView } from '../../state';
import { CopyButton } from '../Copy';
import { SideLabel } from '../data';
import { DataTable } from '../DataTable';
import { showAddress, showMoney, showPrice, showSignedMoney, showSize, showTime, toneOf } from '../format';
import { Empty, LoadState } from '../LoadState';
import { ConnectFirst } from '../positions/PositionsTable';
import { eventText } from './eventText';

const COLUMNS = ['Time', 'Event', 'Size', 'Price', 'Margin moved', 'Fee', 'Realised PnL', 'Signature'] as const;
const NUMERIC: ReadonlySet<string> = new Set(['Size', 'Price', 'Margin moved', 'Fee', 'Realised PnL']);

const Entry = memo(function Entry({ entry, market }: { entry: HistoryEntry; market: MarketView | undefined }) {
  const decimals = market?.quoteDecimals ?? 6;
  const { time, size, price, amount, fee, realisedPnl, side, signature } = entry;
  return (
    <tr>
      <td data-label="Time">{time === undefined ? 'Unknown' : showTime(time)}</td>
      <td data-label="Event">
        <span className="strong">{eventText(entry)}</span>
        <span className="table__sub row">
          {market?.name ?? showAddress(entry.market)} {side ? <SideLabel side={side} /> : null}
        </span>
      </td>
      <td data-label="Size" data-number="">
        <span className="number">
          {size === undefined || !market ? '–' : `${showSize(size, market.sizeDecimals)} ${market.baseSymbol}`}
        </span>
      </td>
      <td data-label="Price" data-number="">
        <span className="number">{price === undefined ? '–' : showPrice(price)}</span>
      </td>
      <td data-label="Margin moved" data-number="">
        <span className="number">{amount === undefined ? '–' : showSignedMoney(amount, decimals)}</span>
      </td>
      <td data-label="Fee" data-number="">
        <span className="number">{fee === undefined ? '–' : showMoney(fee, decimals)}</span>
      </td>
      <td data-label="Realised PnL" data-number="">
        {realisedPnl === undefined ? (
          '–'
        ) : (
          <span className={`number strong ${toneOf(realisedPnl)}`}>{showSignedMoney(realisedPnl, decimals)}</span>
        )}
        {entry.funding === undefined && entry.borrow === undefined ? null : (
          <span className="table__sub number">
            funding {showSignedMoney(-(entry.funding ?? 0n), decimals)}, borrow{' '}
            {showSignedMoney(-(entry.borrow ?? 0n), decimals)}
          </span>
        )}
      </td>
      <td data-label="Signature">
        <CopyButton text={signature} name="Copy signature" label={showAddress(signature)} />
      </td>
    </tr>
  );
});

export function HistoryTable() {
  const history = useHistory();
  const markets = useMarkets();
  const { account } = useWallets();
  if (!account) return <ConnectFirst what="your history" />;
  const known = markets.state === 'ready' ? markets.value : [];
  return (
    <LoadState of={history} what="history">
      {({ entries, more }) =>
        entries.length === 0 ? (
          <Empty title="Nothing yet">Trades, margin and liquidity of this wallet appear here.</Empty>
        ) : (
          <>
            <DataTable label="History" columns={COLUMNS} numeric={NUMERIC}>
              {entries.map((entry) => (
                <Entry key={entry.id} entry={entry} market={known.find(({ address }) => address === entry.market)} />
              ))}
            </DataTable>
            {more ? (
              <div className="empty">
                <button type="button" className="button" onClick={more}>
                  Show older
                </button>
              </div>
            ) : null}
          </>
        )
      }
    </LoadState>
  );
}
