import {
  SolanaSignAndSendTransaction,
  SolanaSignTransaction,
  type SolanaSignAndSendTransactionFeature,
  type SolanaSignTransactionFeature,
} from '@solana/wallet-standard-features';
import type { Wallet, WalletAccount } from '@wallet-standard/base';
import {
  StandardConnect,
  StandardDisconnect,
  StandardEvents,
  type StandardConnectFeature,
  type StandardDisconnectFeature,
  type StandardEventsFeature,
} from '@wallet-standard/features';
import type { Address } from '@solana/kit';
import type { ClusterName } from '../config/cluster';
import type { SigningAccount } from './account';

/** What the Wallet Standard calls our clusters. */
export const CHAINS = {
  mainnet: 'solana:mainnet',
  devnet: 'solana:devnet',
  localnet: 'solana:localnet',
} as const satisfies Record<ClusterName, `solana:${string}`>;

type Features = Partial<
  SolanaSignTransactionFeature &
    SolanaSignAndSendTransactionFeature &
    StandardConnectFeature &
    StandardDisconnectFeature &
    StandardEventsFeature
>;

const features = (wallet: Wallet): Features => wallet.features as Features;

/** Whether a wallet can connect, and sign transactions that this page builds. */
export function isUsable(wallet: Wallet, cluster: ClusterName): boolean {
  const known = features(wallet);
  if (!(StandardConnect in known)) return false;
  const signs = known[SolanaSignTransaction]?.supportedTransactionVersions.includes(0) ?? false;
  const sends = known[SolanaSignAndSendTransaction]?.supportedTransactionVersions.includes(0) ?? false;
  if (wallet.chains.includes(CHAINS[cluster])) return signs || sends;
  // A wallet that knows no localnet can sign for it, as nothing in a transaction names the chain; but it must never
  // send, as it would to a chain where the money is real.
  return cluster === 'localnet' && signs && wallet.chains.some((name) => name.startsWith('solana:'));
}

/** The first account that may sign on the cluster. */
export function accountFor(wallet: Wallet, cluster: ClusterName): WalletAccount | undefined {
  return wallet.accounts.find(
    ({ chains }) => chains.includes(CHAINS[cluster]) || (cluster === 'localnet' && chains.length > 0),
  );
}

/** `silent`: only where the wallet has agreed before; asks nobody. */
export async function connect(
  wallet: Wallet,
  cluster: ClusterName,
  silent: boolean,
): Promise<WalletAccount | undefined> {
  await features(wallet)[StandardConnect]?.connect(silent ? { silent } : undefined);
  return accountFor(wallet, cluster);
}

export const disconnect = async (wallet: Wallet): Promise<void> => features(wallet)[StandardDisconnect]?.disconnect();

/** Tells of accounts that come, go or change; returns what ends that. */
export const onChange = (wallet: Wallet, listener: () => void): (() => void) =>
  features(wallet)[StandardEvents]?.on('change', listener) ?? (() => undefined);

export function signingAccount(wallet: Wallet, account: WalletAccount, cluster: ClusterName): SigningAccount {
  const chain = account.chains.includes(CHAINS[cluster]) ? CHAINS[cluster] : (account.chains[0] ?? CHAINS[cluster]);
  const sign = features(wallet)[SolanaSignTransaction];
  const send = features(wallet)[SolanaSignAndSendTransaction];
  const address = account.address as Address;
  if (sign?.supportedTransactionVersions.includes(0) && account.features.includes(SolanaSignTransaction)) {
    return {
      address,
      async sign(transaction) {
        const [signed] = await sign.signTransaction({ account, transaction, chain });
        if (!signed) throw new Error('The wallet returned no transaction');
        return signed.signedTransaction;
      },
    };
  }
  if (!send || !account.chains.includes(CHAINS[cluster])) return { address };
  return {
    address,
    async signAndSend(transaction) {
      const [sent] = await send.signAndSendTransaction({ account, transaction, chain });
      if (!sent) throw new Error('The wallet returned no signature');
      return sent.signature;
    },
  };
}
