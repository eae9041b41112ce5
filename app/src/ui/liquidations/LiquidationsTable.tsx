import { memo, useState } from 'react';
import { useLiquidations, useWallets, type PositionView } from '../../state';
import { ActionDialog } from '../ActionDialog';
import { Meter, SideLabel } from '../data';
import { DataTable } from '../DataTable';
import { showAddress, showMoney, showPercent, showPrice, showSize } from '../format';
import { Empty, LoadState } from '../LoadState';
import { PositionSummary } from '../positions/PositionSummary';
import { RiskBadge } from '../positions/PositionRow';
import { previewRows } from '../previewRows';
import { useConnectDialog } from '../shell/connect';
import { LiquidationReward } from './LiquidationReward';

const COLUMNS = [
  'Position',
  'Owner',
  'Size',
  'Equity / needed',
  'Liquidation price',
  'Distance',
  'Reward',
  'Actions',
] as const;
const NUMERIC: ReadonlySet<string> = new Set(['Size', 'Equity / needed', 'Liquidation price', 'Distance', 'Reward']);

/** The distance bar is full at a tenth of the index price and empty at liquidation. */
const NEAR_PPM = 100_000n;

interface Properties {
  position: PositionView;
  own: boolean;
  connected: boolean;
  onLiquidate: (address: string) => void;
}

const LiquidationRow = memo(function LiquidationRow({ position, own, connected, onLiquidate }: Properties) {
  const { market, side, size, account, health, liquidationPrice, distancePpm, risk } = position;
  const due = risk === 'liquidatable';
  return (
    <tr>
      <td data-label="Position">
        <span className="strong">{market.name}</span> <SideLabel side={side} />
        <span className="table__sub">
          <RiskBadge risk={risk} />
        </span>
      </td>
      <td data-label="Owner">
        <span className="mono">{showAddress(account.owner)}</span>
        {own ? <span className="table__sub">You</span> : null}
      </td>
      <td data-label="Size" data-number="">
        <span className="number">
          {showSize(size, market.sizeDecimals)} {market.baseSymbol}
        </span>
        {health ? (
          <span className="table__sub number">
            {showMoney(health.notional, market.quoteDecimals, market.quoteSymbol)}
          </span>
        ) : null}
      </td>
      <td data-label="Equity / needed" data-number="">
        {health ? (
          <>
            <span className="number">{showMoney(health.equity, market.quoteDecimals)}</span>
            <span className="table__sub number">{showMoney(health.maintenance, market.quoteDecimals)}</span>
          </>
        ) : (
          <span className="muted">No price</span>
        )}
      </td>
      <td data-label="Liquidation price" data-number="">
        <span className="number">{liquidationPrice === null ? 'None' : showPrice(liquidationPrice)}</span>
        <span className="table__sub number">{market.reading ? `index ${showPrice(market.reading.price)}` : ''}</span>
      </td>
      <td data-label="Distance" data-number="">
        {distancePpm === undefined ? (
          <span className="muted">–</span>
        ) : (
          <>
            <span className="number">{due ? 'Reached' : showPercent(distancePpm)}</span>
            <Meter
              label="Distance to liquidation"
              ppm={due ? 0n : (distancePpm * 1_000_000n) / NEAR_PPM}
              text={due ? 'reached' : `${showPercent(distancePpm)} away`}
              tone={risk}
            />
          </>
        )}
      </td>
      <td data-label="Reward" data-number="">
        {due ? <LiquidationReward position={position} /> : <span className="muted">–</span>}
      </td>
      <td data-wide="">
        {due ? (
          <div className="table__actions table__actions--end">
            <button
              type="button"
              className="button button--small button--primary"
              onClick={() => onLiquidate(position.address)}
            >
              Liquidate
            </button>
            {connected ? null : <span className="muted small">Needs a wallet</span>}
          </div>
        ) : null}
      </td>
    </tr>
  );
});

function LiquidateDialog({ position, onClose }: { position: PositionView; onClose: () => void }) {
  return (
    <ActionDialog
      title="Liquidate"
      market={position.market}
      intent={{ kind: 'liquidate', position: position.address }}
      missing=""
      rows={(preview) => previewRows(position.market, preview)}
      onClose={onClose}
    >
      <PositionSummary position={position} />
      <p>
        As much of the position is closed as brings it back to the initial margin, or all of it where that cannot be.
        The reward comes to your wallet; keepers compete for it, so it may be gone before you.
      </p>
    </ActionDialog>
  );
}

export function LiquidationsTable() {
  const positions = useLiquidations();
  const { account } = useWallets();
  const connect = useConnectDialog();
  const [subject, setSubject] = useState<string>();
  const onLiquidate = account ? setSubject : connect;
  return (
    <LoadState of={positions} what="positions">
      {(all) => {
        const open = all.filter(({ risk }) => risk !== 'empty');
        const chosen = open.find(({ address }) => address === subject);
        return (
          <>
            {open.length === 0 ? (
              <Empty title="No open positions">Nobody has a position on this cluster right now.</Empty>
            ) : (
              <DataTable label="Positions near liquidation" columns={COLUMNS} numeric={NUMERIC}>
                {open.map((position) => (
                  <LiquidationRow
                    key={position.address}
                    position={position}
                    own={position.account.owner === account?.address}
                    connected={account !== undefined}
                    onLiquidate={onLiquidate}
                  />
                ))}
              </DataTable>
            )}
            {chosen ? <LiquidateDialog position={chosen} onClose={() => setSubject(undefined)} /> : null}
          </>
        );
      }}
    </LoadState>
  );
}
