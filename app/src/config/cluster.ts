export type ClusterName = 'mainnet' | 'devnet' | 'localnet';

/** A chain that this page can talk to. */
export interface Cluster {
  name: ClusterName;
  label: string;
  rpcUrl: string;
  wsUrl: string;
  /** Hands out test money; localnet only. */
  faucetUrl?: string;
  /** Whether what is traded there has a value. */
  real: boolean;
}
