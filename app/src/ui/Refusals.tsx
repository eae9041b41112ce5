import type { MarketView, PageRefusal } from '../state';
import { WarningIcon } from './icons';
import { refusalDetail } from './refusalDetail';

/**
 * Why the program would refuse, and what to do, before anything is signed. Figures that move with the
 * price stand in a part that is not announced again.
 */
export function Refusals({ refusals, market }: { refusals: readonly PageRefusal[]; market: MarketView }) {
  if (refusals.length === 0) return null;
  return (
    <div role="alert" className="notice notice--bad">
      <ul className="refusals">
        {refusals.map((refusal) => {
          const { error, message } = refusal;
          const [reason, remedy] = split(message);
          const detail = refusalDetail(refusal, market);
          return (
            <li key={error}>
              <span className="notice__title row">
                <WarningIcon />
                {reason}
              </span>
              {remedy ? <p>{remedy}</p> : null}
              {detail ? (
                <p className="muted small" aria-live="off">
                  {detail}
                </p>
              ) : null}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The program's messages read "what is wrong: what to do". */
function split(message: string): [string, string | undefined] {
  const colon = message.indexOf(': ');
  if (colon < 0) return [message, undefined];
  const remedy = message.slice(colon + 2);
  return [message.slice(0, colon), `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`];
}
