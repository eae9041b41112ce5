import { memo } from 'react';
import type { PositionView } from '../../state';
import { Meter, SideLabel } from '../data';
import { showMoney, showMultiple, showPercent, showPrice, showSignedMoney, showSize, toneOf } from '../format';
import type { DialogKind } from './dialogKinds';

interface Properties {
  position: PositionView;
  /** It has no size yet: an order will add it. */
  waiting: boolean;
  onAction: (kind: DialogKind, position: PositionView) => void;
}

const RISK = {
  safe: { text: 'Safe', tone: 'good' },
  watch: { text: 'Watch', tone: 'warn' },
  danger: { text: 'Close to liquidation', tone: 'bad' },
  liquidatable: { text: 'Can be liquidated', tone: 'bad' },
  empty: { text: 'Closed', tone: '' },
} as const;

export function RiskBadge({ risk }: { risk: PositionView['risk'] }) {
  const { text, tone } = RISK[risk];
  return <span className={tone ? `badge badge--${tone}` : 'badge'}>{text}</span>;
}

/** How much of the equity the maintenance requirement takes; for the bar only. */
function usedPpm({ health }: PositionView): bigint {
  if (!health || health.equity <= 0n) return 1_000_000n;
  return (health.maintenance * 1_000_000n) / health.equity;
}

function Health({ position }: { position: PositionView }) {
  const { health, risk } = position;
  if (!health) return <span className="muted">No price</span>;
  const required = health.notional === 0n ? 0n : (health.maintenance * 1_000_000n) / health.notional;
  const ratio = health.marginRatioPpm ?? 0n;
  return (
    <span className="health">
      <Meter
        label="Maintenance margin, share of equity"
        ppm={usedPpm(position)}
        text={`${showPercent(ratio)} margin ratio, ${showPercent(required)} needed`}
        tone={risk}
      />
      <span className="number small">
        {showPercent(ratio)} <span className="muted">/ {showPercent(required)} needed</span>
      </span>
      <RiskBadge risk={risk} />
    </span>
  );
}

function Gain({ position }: { position: PositionView }) {
  const { health, market, account } = position;
  const { quoteDecimals } = market;
  if (!health) return <span className="muted">No price</span>;
  const capped = health.gain >= account.reserve;
  return (
    <>
      <span className={`number strong ${toneOf(health.gain)}`}>{showSignedMoney(health.gain, quoteDecimals)}</span>
      {capped ? <span className="badge badge--good">Largest gain reached</span> : null}
      <details className="details details--plain">
        <summary>Breakdown</summary>
        <span className="table__sub number">Price {showSignedMoney(health.pnl, quoteDecimals)}</span>
        <span className="table__sub number">Funding {showSignedMoney(health.funding, quoteDecimals)}</span>
        <span className="table__sub number">Borrow {showSignedMoney(-health.borrow, quoteDecimals)}</span>
      </details>
    </>
  );
}

const ACTIONS: readonly { kind: DialogKind; label: string }[] = [
  { kind: 'addMargin', label: 'Add margin' },
  { kind: 'removeMargin', label: 'Remove margin' },
  { kind: 'reduce', label: 'Reduce' },
  { kind: 'protect', label: 'Take profit / stop loss' },
  { kind: 'close', label: 'Close' },
];

function Actions({ position, waiting, onAction }: Properties) {
  if (waiting)
    return <span className="muted small">Its order is under Orders; cancelling it frees this position.</span>;
  const actions = position.risk === 'empty' ? [{ kind: 'claim', label: 'Claim remainder' } as const] : ACTIONS;
  return (
    <div className="table__actions">
      {actions.map(({ kind, label }) => (
        <button key={kind} type="button" className="button button--small" onClick={() => onAction(kind, position)}>
          {label}
        </button>
      ))}
    </div>
  );
}

export const PositionRow = memo(function PositionRow({ position, waiting, onAction }: Properties) {
  const { market, side, size, entryPrice, health, liquidationPrice, distancePpm, account } = position;
  const { quoteDecimals, quoteSymbol } = market;
  const empty = position.risk === 'empty';
  return (
    <tr>
      <td data-label="Position">
        <span className="strong">{market.name}</span> <SideLabel side={side} />
        <span className="table__sub number">
          {health?.leveragePpm === undefined || health.leveragePpm === null ? '' : showMultiple(health.leveragePpm)} #
          {account.id}
        </span>
      </td>
      <td data-label="Size" data-number="">
        <span className="number">
          {showSize(size, market.sizeDecimals)} {market.baseSymbol}
        </span>
        {health ? (
          <span className="table__sub number">{showMoney(health.notional, quoteDecimals, quoteSymbol)}</span>
        ) : null}
      </td>
      <td data-label="Entry / index" data-number="">
        <span className="number">{empty ? '–' : showPrice(entryPrice)}</span>
        <span className="table__sub number">{market.reading ? showPrice(market.reading.price) : 'No price'}</span>
      </td>
      <td data-label="Unrealised PnL" data-number="">
        {waiting ? (
          <span className="badge">Waiting for its order</span>
        ) : empty ? (
          <RiskBadge risk="empty" />
        ) : (
          <Gain position={position} />
        )}
      </td>
      <td data-label="Margin" data-number="">
        <span className="number">{showMoney(account.margin, quoteDecimals)}</span>
        {health && !empty ? (
          <span className="table__sub number">Equity {showMoney(health.equity, quoteDecimals)}</span>
        ) : null}
      </td>
      <td data-label="Health">
        {empty ? <span className="muted">Nothing at risk</span> : <Health position={position} />}
      </td>
      <td data-label="Liquidation price" data-number="">
        <span className="number">{liquidationPrice === null ? 'None' : showPrice(liquidationPrice)}</span>
        {distancePpm === undefined ? null : <span className="table__sub number">{showPercent(distancePpm)} away</span>}
      </td>
      <td data-wide="">
        <Actions position={position} waiting={waiting} onAction={onAction} />
      </td>
    </tr>
  );
});
