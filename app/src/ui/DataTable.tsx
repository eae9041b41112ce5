import type { ReactNode } from 'react';

interface Properties {
  label: string;
  columns: readonly string[];
  /** Columns of numbers, which stand to the right. */
  numeric: ReadonlySet<string>;
  className?: string;
  /** The rows. */
  children: ReactNode;
}

/** A table that becomes cards where there is no room for it. */
export function DataTable({ label, columns, numeric, className = '', children }: Properties) {
  return (
    <div className="table-wrap">
      <table className={`table table--cards ${className}`.trim()} aria-label={label}>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" data-number={numeric.has(name) ? '' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
