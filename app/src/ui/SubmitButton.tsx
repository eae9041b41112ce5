import { useId } from 'react';

interface Properties {
  /** The button's name, which stays the same whatever its state. */
  name: string;
  tone?: 'primary' | 'long' | 'short';
  wide?: boolean;
  busy: boolean;
  /** Why it cannot be pressed; shown below it and read out with it. */
  reason: string | undefined;
  onSubmit: () => void;
}

/** It stays focusable while disabled, so that the reason can be found. */
export function SubmitButton({ name, tone = 'primary', wide, busy, reason, onSubmit }: Properties) {
  const id = useId();
  const note = busy ? 'Waiting for wallet and network…' : reason;
  const disabled = note !== undefined;
  return (
    <div className="field">
      <button
        type="submit"
        className={`button button--${tone}${wide ? ' button--wide' : ''}`}
        aria-disabled={disabled}
        aria-describedby={disabled ? id : undefined}
        onClick={(event) => {
          event.preventDefault();
          if (!disabled) onSubmit();
        }}
      >
        {name}
      </button>
      {disabled ? (
        <p id={id} className="field__hint">
          {note}
        </p>
      ) : null}
    </div>
  );
}
