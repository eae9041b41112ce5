import { useId, type ReactNode } from 'react';

interface Properties {
  label: string;
  value: string;
  onChange: (text: string) => void;
  unit?: string;
  /** Beside the label, such as a balance. */
  aside?: ReactNode;
  error?: string;
  hint?: string;
  action?: { label: string; name: string; onClick: () => void; disabled?: boolean };
  placeholder?: string;
  focusFirst?: boolean;
}

/** A number that people type: text with a decimal keyboard, as a number input would round and drop digits. */
export function Field(properties: Properties) {
  const { label, value, onChange, unit, aside, error, hint, action, placeholder = '0.00', focusFirst } = properties;
  const id = useId();
  const note = `${id}-note`;
  return (
    <div className="field">
      <div className="field__label">
        <label htmlFor={id}>{label}</label>
        {aside ? <span>{aside}</span> : null}
      </div>
      <div className={error ? 'field__box field__box--invalid' : 'field__box'}>
        <input
          id={id}
          className="field__input"
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          value={value}
          placeholder={placeholder}
          data-autofocus={focusFirst ? '' : undefined}
          aria-invalid={error ? true : undefined}
          aria-describedby={error || hint ? note : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
        {unit ? <span className="field__unit">{unit}</span> : null}
        {action ? (
          <button
            type="button"
            className="field__action"
            aria-label={action.name}
            disabled={action.disabled}
            onClick={action.onClick}
          >
            {action.label}
          </button>
        ) : null}
      </div>
      {error ? (
        <p id={note} className="field__error">
          {error}
        </p>
      ) : hint ? (
        <p id={note} className="field__hint">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
