import { useEffect, useState, type ReactNode } from 'react';
import { EngineContext } from './context';
import { startEngine } from './engine';
import type { Engine } from './store';

/** Reads the configuration, then connects; what lies below is shown once both clusters and wallets are known. */
export function EngineProvider({ children }: { children: ReactNode }) {
  const [engine, setEngine] = useState<Engine>();
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    const abort = new AbortController();
    startEngine(abort.signal).then(
      (started) => {
        if (!abort.signal.aborted) setEngine(started);
      },
      (reason: unknown) => {
        if (!abort.signal.aborted) setProblem(reason instanceof Error ? reason.message : String(reason));
      },
    );
    return () => abort.abort();
  }, []);

  if (problem) return <p role="alert">The page cannot start: {problem}</p>;
  if (!engine) return null;
  return <EngineContext value={engine}>{children}</EngineContext>;
}
