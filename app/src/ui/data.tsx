import type { CSSProperties, ReactNode } from 'react';
import { DownIcon, UpIcon } from './icons';

export function Stat({ label, note, children }: { label: string; note?: ReactNode; children: ReactNode }) {
  return (
    <div className="stat">
      <dt>{label}</dt>
      <dd>
        <span className="number">{children}</span>
        {note ? <span className="stat__note">{note}</span> : null}
      </dd>
    </div>
  );
}

export interface Row {
  label: string;
  value: ReactNode;
  tone?: string;
  rule?: boolean;
}

export function Rows({ label, rows }: { label: string; rows: Row[] }) {
  return (
    <ul className="rows" aria-label={label}>
      {rows.map((row) => (
        <li key={row.label} className={row.rule ? 'rows__row rows__row--rule' : 'rows__row'}>
          <span className="rows__label">{row.label}</span>
          <span className={`rows__value number ${row.tone ?? ''}`}>{row.value}</span>
        </li>
      ))}
    </ul>
  );
}

/** Colour is never alone: the arrow and the word say the same. */
export function SideLabel({ side }: { side: 'long' | 'short' }) {
  return side === 'long' ? (
    <span className="side gain">
      <UpIcon /> Long
    </span>
  ) : (
    <span className="side loss">
      <DownIcon /> Short
    </span>
  );
}

interface MeterProperties {
  label: string;
  /** Parts per million of the whole bar. */
  ppm: bigint;
  text: string;
  tone?: string;
}

export function Meter({ label, ppm, text, tone }: MeterProperties) {
  const percent = Number(ppm < 0n ? 0n : ppm > 1_000_000n ? 1_000_000n : ppm) / 10_000;
  const style = { '--share': String(percent / 100) } as CSSProperties;
  return (
    <span
      className={tone ? `meter meter--${tone}` : 'meter'}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      aria-valuetext={text}
    >
      <span className="meter__fill" style={style} />
    </span>
  );
}

export function Notice({ title, tone, children }: { title: string; tone?: 'warn' | 'bad'; children?: ReactNode }) {
  return (
    <div className={tone ? `notice notice--${tone}` : 'notice'}>
      <span className="notice__title">{title}</span>
      {children}
    </div>
  );
}
