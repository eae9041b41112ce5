import { useCallback, useEffect, useState } from 'react';
import { useActivity, type Activity } from '../../state';
import { CopyButton } from '../Copy';
import { CloseIcon } from '../icons';

const SHOWN_MILLISECONDS = 6_000;
const MOST_SHOWN = 3;

const TEXT = {
  pending: 'Pending',
  confirmed: 'Confirmed',
  failed: 'Failed',
  unknown: 'Outcome unknown',
} as const;

function Toast({ activity, dismiss }: { activity: Activity; dismiss: (id: string) => void }) {
  const { id, status, title, message, signature } = activity;

  useEffect(() => {
    if (status !== 'confirmed') return;
    const timer = setTimeout(() => dismiss(id), SHOWN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [id, status, dismiss]);

  return (
    <div className={`toast toast--${status}`}>
      <div className="toast__text">
        <span className="strong">
          {TEXT[status]}: {title}
        </span>
        {message ? <p className="small">{message}</p> : null}
      </div>
      {signature ? <CopyButton text={signature} name="Copy signature" /> : null}
      <button
        type="button"
        className="button button--small button--quiet"
        aria-label="Dismiss"
        onClick={() => dismiss(id)}
      >
        <CloseIcon />
      </button>
    </div>
  );
}

/** What became of each transaction. What went wrong stays until it is dismissed. */
export function Toasts() {
  const activity = useActivity();
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const dismiss = useCallback((id: string) => setDismissed((before) => new Set(before).add(id)), []);
  const shown = activity.filter(({ id }) => !dismissed.has(id)).slice(-MOST_SHOWN);
  return (
    <div className="toasts" role="status" aria-label="Transactions">
      {shown.map((one) => (
        <Toast key={one.id} activity={one} dismiss={dismiss} />
      ))}
    </div>
  );
}
