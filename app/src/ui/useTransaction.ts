import { useState } from 'react';
import { useSubmit, type Intent } from '../state';

interface Failure {
  title: string;
  message: string;
}

function toFailure(reason: unknown): Failure {
  if (reason instanceof Error) {
    const title = 'title' in reason && typeof reason.title === 'string' ? reason.title : 'It did not work';
    return { title, message: reason.message };
  }
  return { title: 'It did not work', message: String(reason) };
}

/** Sends one intent at a time and keeps what went wrong. */
export function useTransaction() {
  const submit = useSubmit();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  const run = async (intent: Intent): Promise<boolean> => {
    if (busy) return false;
    setBusy(true);
    setFailure(undefined);
    try {
      await submit(intent);
      return true;
    } catch (reason) {
      setFailure(toFailure(reason));
      return false;
    } finally {
      setBusy(false);
    }
  };

  return { run, busy, failure, dismiss: () => setFailure(undefined) };
}
