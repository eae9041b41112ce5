import type { ReactNode } from 'react';
import type { Loadable } from '../state';

interface Properties<T> {
  of: Loadable<T>;
  /** What is being loaded, for the message: "positions". */
  what: string;
  skeleton?: ReactNode;
  children: (value: T) => ReactNode;
}

export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div className="stack panel__body" aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="skeleton skeleton--line" />
      ))}
    </div>
  );
}

/** Loading, failed or ready: each looks the same everywhere. */
export function LoadState<T>({ of, what, skeleton, children }: Properties<T>) {
  if (of.state === 'ready') return <>{children(of.value)}</>;
  if (of.state === 'loading') {
    return (
      <div aria-busy="true">
        <span className="visually-hidden">Loading {what}…</span>
        {skeleton ?? <Skeleton />}
      </div>
    );
  }
  return (
    <div className="empty" role="alert">
      <strong>Could not load {what}</strong>
      <span>{of.message}</span>
      <button type="button" className="button" onClick={of.retry}>
        Try again
      </button>
    </div>
  );
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children ? <span>{children}</span> : null}
      {action}
    </div>
  );
}
