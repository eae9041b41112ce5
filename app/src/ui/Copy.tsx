import { useEffect, useState } from 'react';
import { CheckIcon, CopyIcon } from './icons';

/** Copies a text that nobody would type, such as a signature. */
export function CopyButton({ text, name, label }: { text: string; name: string; label?: string }) {
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);

  return (
    <button
      type="button"
      className="button button--small button--quiet"
      aria-label={copied ? 'Copied' : name}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => setCopied(true));
      }}
    >
      {copied ? <CheckIcon /> : <CopyIcon />}
      {label ? <span className="mono">{label}</span> : null}
    </button>
  );
}
