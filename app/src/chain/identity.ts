import type { Cluster, ClusterName } from '../config/cluster';
import { UserFacingError } from '../state/intent';
import { explainFailure } from './failure';
import type { SolanaRpc } from './reader';

/** Hashes of the first blocks: a name in a configuration proves nothing. */
const GENESIS: Readonly<Partial<Record<ClusterName, string>>> = {
  mainnet: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
  devnet: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG',
};

/** Whether a chain is what the configuration calls it; a local one is anything that is not known. */
export const isExpected = (cluster: ClusterName, genesis: string): boolean =>
  cluster === 'localnet' ? !Object.values(GENESIS).includes(genesis) : GENESIS[cluster] === genesis;

/** Refuses, once for a connection, to sign for a chain that is not the one that the page says. */
export function chainGuard(rpc: Pick<SolanaRpc, 'getGenesisHash'>, cluster: Cluster): () => Promise<void> {
  let checked: Promise<string> | undefined;
  return async () => {
    checked ??= rpc.getGenesisHash().send({ abortSignal: AbortSignal.timeout(8_000) });
    const genesis = await checked.catch((reason: unknown) => {
      checked = undefined;
      throw explainFailure(reason);
    });
    if (isExpected(cluster.name, genesis)) return;
    throw new UserFacingError(
      'Another chain',
      `The RPC is not of ${cluster.label}, though the page's configuration says so. Nothing was signed: tell whoever runs this page.`,
      { error: 'WrongChain' },
    );
  };
}
