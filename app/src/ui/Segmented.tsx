import { useId, type ReactNode } from 'react';

export interface Option<T extends string> {
  value: T;
  label: string;
  icon?: ReactNode;
  tone?: 'long' | 'short';
}

interface Properties<T extends string> {
  /** Name of the group; shown to screen readers only. */
  legend: string;
  options: readonly Option<T>[];
  value: T;
  onChange: (value: T) => void;
  className?: string;
}

/** One of a few: native radios in the clothes of a segmented control. */
export function Segmented<T extends string>({ legend, options, value, onChange, className }: Properties<T>) {
  const name = useId();
  return (
    <fieldset className={className}>
      <legend className="visually-hidden">{legend}</legend>
      <div className="segmented">
        {options.map((option) => (
          <label
            key={option.value}
            className={`segmented__option${option.tone ? ` segmented__option--${option.tone}` : ''}`}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.icon}
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
