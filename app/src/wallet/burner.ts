import {
  createKeyPairSignerFromPrivateKeyBytes,
  getBase58Decoder,
  getBase58Encoder,
  getTransactionDecoder,
  getTransactionEncoder,
  partiallySignTransaction,
  type KeyPairSigner,
} from '@solana/kit';
import { SolanaSignTransaction, type SolanaSignTransactionFeature } from '@solana/wallet-standard-features';
import type { Wallet, WalletAccount } from '@wallet-standard/base';
import {
  StandardConnect,
  StandardDisconnect,
  StandardEvents,
  type StandardConnectFeature,
  type StandardDisconnectFeature,
  type StandardEventsFeature,
  type StandardEventsListeners,
} from '@wallet-standard/features';
import type { SafeStorage } from '../config/storage';
import type { Cluster } from '../config/cluster';
import { isLoopback } from '../config/config';
import { CHAINS } from './standard';

export const BURNER_NAME = 'Burner wallet';

const SEED_LENGTH = 32;

const ICON =
  'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAyNCAyNCI+PGNpcmNsZSBjeD0iMTIiIGN5PSIxMiIgcj0iOSIgZmlsbD0iI2Y1NzMxMSIvPjwvc3ZnPg==';

/** A key in the browser's storage is for money without value on this machine, and nothing else. */
export const offersBurner = (cluster: Cluster): boolean =>
  cluster.name === 'localnet' && isLoopback(new URL(cluster.rpcUrl).hostname);

/** One key for each chain: the same key elsewhere would invite somebody to fund it. */
export const burnerStorageKey = (cluster: Cluster): string => `ringfence:burner:${cluster.name}`;

/** The key of this browser, made when it is first asked for. */
export async function burnerSigner(cluster: Cluster, storage: SafeStorage): Promise<KeyPairSigner> {
  if (!offersBurner(cluster)) throw new Error('A burner wallet exists on a local chain only');
  const name = burnerStorageKey(cluster);
  const known = storage.getItem(name);
  if (known) {
    try {
      return await createKeyPairSignerFromPrivateKeyBytes(getBase58Encoder().encode(known));
    } catch {
      storage.removeItem(name);
    }
  }
  const seed = crypto.getRandomValues(new Uint8Array(SEED_LENGTH));
  const text = getBase58Decoder().decode(seed);
  storage.setItem(name, text);
  // A key that is not kept would take with it, at the next reload, whatever it was given.
  if (storage.getItem(name) !== text) {
    throw new Error(
      'This browser keeps nothing for this page (its storage is full or forbidden): a burner wallet would be lost',
    );
  }
  return createKeyPairSignerFromPrivateKeyBytes(seed);
}

/** A wallet of the Wallet Standard around the key, so that it takes the same way through the page as any other. */
export class BurnerWallet implements Wallet {
  readonly version = '1.0.0' as const;
  readonly name = BURNER_NAME;
  readonly icon = ICON as Wallet['icon'];
  readonly chains = [CHAINS.localnet];
  private signer: KeyPairSigner | undefined;
  private connected: WalletAccount[] = [];
  private readonly listeners = new Set<StandardEventsListeners['change']>();

  constructor(
    private readonly cluster: Cluster,
    private readonly storage: SafeStorage,
  ) {}

  get accounts(): readonly WalletAccount[] {
    return this.connected;
  }

  get features(): StandardConnectFeature &
    StandardDisconnectFeature &
    StandardEventsFeature &
    SolanaSignTransactionFeature {
    return {
      [StandardConnect]: { version: '1.0.0', connect: (input) => this.connect(input?.silent ?? false) },
      [StandardDisconnect]: { version: '1.0.0', disconnect: async () => this.set([]) },
      [StandardEvents]: {
        version: '1.0.0',
        on: (_, listener) => {
          this.listeners.add(listener);
          return () => this.listeners.delete(listener);
        },
      },
      [SolanaSignTransaction]: {
        version: '1.0.0',
        supportedTransactionVersions: ['legacy', 0],
        signTransaction: async (...inputs) =>
          Promise.all(inputs.map(async ({ transaction }) => ({ signedTransaction: await this.sign(transaction) }))),
      },
    };
  }

  private async connect(silent: boolean): Promise<{ accounts: readonly WalletAccount[] }> {
    // Silently only where a key is there already: nothing may be made without a click.
    if (silent && this.storage.getItem(burnerStorageKey(this.cluster)) === null) return { accounts: [] };
    this.signer ??= await burnerSigner(this.cluster, this.storage);
    const { address } = this.signer;
    this.set([
      {
        address,
        publicKey: getBase58Encoder().encode(address) as Uint8Array,
        chains: this.chains,
        features: [SolanaSignTransaction],
      },
    ]);
    return { accounts: this.connected };
  }

  private async sign(bytes: Uint8Array): Promise<Uint8Array> {
    if (!this.signer) throw new Error('The burner wallet is not connected');
    const transaction = getTransactionDecoder().decode(bytes);
    const signed = await partiallySignTransaction([this.signer.keyPair], transaction);
    return getTransactionEncoder().encode(signed) as Uint8Array;
  }

  private set(accounts: WalletAccount[]): void {
    this.connected = accounts;
    for (const listener of this.listeners) listener({ accounts });
  }
}
