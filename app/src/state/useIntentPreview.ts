import { useEffect, useMemo, useState } from 'react';
import { useEngine, useView } from './context';
import { intentKey, type Intent, type IntentPreview } from './intent';

const DEBOUNCE_MS = 350;
/** Prices move: a verdict is asked for again after this long. */
const REFRESH_MS = 4_000;

const NOTHING: IntentPreview = { refusals: [], checking: false };

/**
 * What an intent would do: the client's arithmetic at once and at every price, then, once the input rests, the program's
 * own verdict from a simulation.
 */
export function useIntentPreview(intent: Intent | undefined): IntentPreview {
  const engine = useEngine();
  const markets = useView((state) => state.markets);
  const positions = useView((state) => state.positions);
  const balances = useView((state) => state.balances);
  const account = useView((state) => state.wallets.account);
  const cluster = useView((state) => state.cluster.name);
  // A verdict is of one intent, one wallet and one chain.
  const key = intent ? `${cluster} ${account?.address ?? ''} ${intentKey(intent)}` : '';
  const [verdict, setVerdict] = useState<{ key: string; value: IntentPreview }>();

  const local = useMemo(
    () => (intent ? engine.previewNow(intent) : NOTHING),
    // The key stands for the intent, which callers build anew at each render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [engine, key, markets, positions, balances, account],
  );

  // Whether a price will do is a matter of seconds, of which the program's clock decides and not this machine's.
  const simulable =
    intent !== undefined && account !== undefined && local.refusals.every(({ error }) => error.startsWith('Oracle'));
  useEffect(() => {
    if (!simulable || !intent) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      const value = await engine.simulate(intent, abort.signal).catch(() => NOTHING);
      if (abort.signal.aborted) return;
      setVerdict({ key, value });
      timer = setTimeout(() => void ask(), REFRESH_MS);
    };
    timer = setTimeout(() => void ask(), DEBOUNCE_MS);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [engine, key, simulable]);

  return useMemo(() => {
    if (!simulable) return local;
    const known = verdict?.key === key ? verdict.value : undefined;
    const refusals = known?.refusals ?? local.refusals;
    return {
      refusals,
      checking: !known,
      ...(local.preview && { preview: local.preview }),
      ...(known?.cost && { cost: known.cost }),
    };
  }, [local, simulable, verdict, key]);
}
