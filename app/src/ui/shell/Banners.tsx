import { Link } from 'wouter';
import { useCluster, useConnectionStatus, useMarginCalls } from '../../state';
import { showPercent, showPrice } from '../format';
import { WarningIcon } from '../icons';

function ClusterBanner() {
  const { cluster } = useCluster();
  if (cluster.real) return null;
  return (
    <div className="strip">
      <span className="strong">{cluster.label}: test money</span>
      <span>Nothing here has value.</span>
    </div>
  );
}

function ConnectionBanner() {
  const { status, message } = useConnectionStatus();
  if (status !== 'down') return null;
  return (
    <div className="strip strip--danger" role="alert">
      <WarningIcon />
      <span className="strong">No connection to the cluster.</span>
      <span>{message ?? 'What you see may be old.'} It is tried again by itself.</span>
    </div>
  );
}

/** Positions close to liquidation. The alert names them; the figures beside it change without being announced. */
export function MarginCallBanner() {
  const { positions, permission, requestPermission } = useMarginCalls();
  if (positions.length === 0) return null;
  return (
    <div className="strip strip--danger" role="alert" aria-label="Margin call">
      <WarningIcon />
      <span className="strong">Margin call:</span>
      {positions.map((position) => (
        <span key={position.address}>
          your {position.market.name} {position.side}{' '}
          {position.risk === 'liquidatable' ? 'can be liquidated now' : 'is close to liquidation'}
          <span aria-live="off">
            {position.liquidationPrice === null ? null : ` at ${showPrice(position.liquidationPrice)}`}
            {position.distancePpm === undefined ? null : `, ${showPercent(position.distancePpm)} away`}
          </span>
          .
        </span>
      ))}
      <span>Add margin, or reduce it.</span>
      <Link href="/trade">See positions</Link>
      {permission === 'default' ? (
        <button type="button" className="button button--small" onClick={() => void requestPermission()}>
          Notify me in this browser
        </button>
      ) : null}
    </div>
  );
}

export function Banners() {
  return (
    <aside aria-label="Notices">
      <ClusterBanner />
      <ConnectionBanner />
      <MarginCallBanner />
    </aside>
  );
}
