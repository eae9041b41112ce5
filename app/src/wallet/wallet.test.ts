import { SolanaSignTransaction } from '@solana/wallet-standard-features';
import type { Wallet, WalletAccount } from '@wallet-standard/base';
import { StandardConnect, StandardEvents } from '@wallet-standard/features';
import {
  compileTransaction,
  createTransactionMessage,
  getTransactionDecoder,
  getTransactionEncoder,
} from '@solana/kit';
import {
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  type Blockhash,
} from '@solana/kit';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cluster } from '../config/cluster';
import type { WalletsView } from '../state/views';
import { BURNER_NAME, BurnerWallet, burnerSigner, offersBurner } from './burner';
import { WalletManager } from './manager';
import { isUsable } from './standard';

const LOCALNET: Cluster = {
  name: 'localnet',
  label: 'Localnet',
  rpcUrl: 'http://127.0.0.1:8899',
  wsUrl: 'ws://127.0.0.1:8900',
  real: false,
};
const DEVNET: Cluster = { ...LOCALNET, name: 'devnet', label: 'Devnet', rpcUrl: 'https://rpc.example.com' };
const ADDRESS = 'WhFrWgx5R4yif8XNPDToC1UGpQG3KJHhsFEKGnkoxXk';

/** A wallet of the standard that does as it is told. */
function stubWallet(name: string, chains: string[], connect: (silent: boolean) => boolean = () => true) {
  const listeners = new Set<() => void>();
  const account = { address: ADDRESS, publicKey: new Uint8Array(32), chains, features: [SolanaSignTransaction] };
  const wallet = {
    version: '1.0.0',
    name,
    icon: 'data:image/svg+xml;base64,',
    chains,
    accounts: [] as WalletAccount[],
    features: {
      [StandardConnect]: {
        version: '1.0.0',
        connect: async (input?: { silent?: boolean }) => {
          if (!connect(input?.silent ?? false)) throw new Error('User rejected the request');
          wallet.accounts = [account as unknown as WalletAccount];
          return { accounts: wallet.accounts };
        },
      },
      [StandardEvents]: {
        version: '1.0.0',
        on: (_: string, listener: () => void) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      [SolanaSignTransaction]: { version: '1.0.0', supportedTransactionVersions: [0], signTransaction: vi.fn() },
    },
    /** As when the user switches or removes the account in the wallet. */
    leave() {
      wallet.accounts = [];
      for (const listener of listeners) listener();
    },
    listeners,
  };
  return wallet;
}

const registryOf = (...wallets: unknown[]) => ({ get: () => wallets as Wallet[], on: () => () => undefined });

function manage(cluster: Cluster, ...wallets: unknown[]) {
  const views: WalletsView[] = [];
  const manager = new WalletManager(registryOf(...wallets), localStorage, cluster, (view) => views.push(view));
  return { manager, view: () => views.at(-1)! };
}

beforeEach(() => localStorage.clear());

describe('burner wallet', () => {
  it('is offered on a local chain only', () => {
    expect(offersBurner(LOCALNET)).toBe(true);
    expect(offersBurner(DEVNET)).toBe(false);
    expect(offersBurner({ ...DEVNET, rpcUrl: 'http://127.0.0.1:8899' })).toBe(false);
    expect(offersBurner({ ...LOCALNET, rpcUrl: 'https://rpc.example.com' })).toBe(false);
  });

  it('keeps its key in this browser, and makes none elsewhere', async () => {
    const first = await burnerSigner(LOCALNET, localStorage);
    const again = await burnerSigner(LOCALNET, localStorage);
    expect(again.address).toBe(first.address);
    localStorage.clear();
    expect((await burnerSigner(LOCALNET, localStorage)).address).not.toBe(first.address);
    await expect(burnerSigner(DEVNET, localStorage)).rejects.toThrow('local chain only');
  });

  it('is not made where its key cannot be kept', async () => {
    const forbidden = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
    await expect(burnerSigner(LOCALNET, forbidden)).rejects.toThrow('keeps nothing');
  });

  it('connects silently only where a key is there', async () => {
    const wallet = new BurnerWallet(LOCALNET, localStorage);
    await wallet.features[StandardConnect].connect({ silent: true });
    expect(wallet.accounts).toEqual([]);
    expect(localStorage.length).toBe(0);
    await wallet.features[StandardConnect].connect();
    expect(wallet.accounts).toHaveLength(1);
  });

  it('signs what it is given', async () => {
    const wallet = new BurnerWallet(LOCALNET, localStorage);
    await wallet.features[StandardConnect].connect();
    const [account] = wallet.accounts;
    const lifetime = {
      blockhash: 'EkSnNWid2cvwEVnVx9aBqawnmiCNiDgp3gUdkDPTKN1N' as Blockhash,
      lastValidBlockHeight: 1n,
    };
    const payer = setTransactionMessageFeePayer(account!.address as never, createTransactionMessage({ version: 0 }));
    const unsigned = compileTransaction(setTransactionMessageLifetimeUsingBlockhash(lifetime, payer));
    const transaction = getTransactionEncoder().encode(unsigned) as Uint8Array;
    const [output] = await wallet.features[SolanaSignTransaction].signTransaction({ account: account!, transaction });
    const signed = getTransactionDecoder().decode(output!.signedTransaction);
    const signature = signed.signatures[account!.address as never] as unknown as Uint8Array<ArrayBuffer>;
    const key = await crypto.subtle.importKey('raw', new Uint8Array(account!.publicKey), 'Ed25519', false, ['verify']);
    const message = new Uint8Array(signed.messageBytes);
    await expect(crypto.subtle.verify('Ed25519', key, signature, message)).resolves.toBe(true);
  });
});

describe('wallets of the standard', () => {
  it('are offered where they know the cluster', () => {
    const mainnet = stubWallet('Main', ['solana:mainnet']) as unknown as Wallet;
    expect(isUsable(mainnet, 'mainnet')).toBe(true);
    expect(isUsable(mainnet, 'devnet')).toBe(false);
    expect(isUsable(mainnet, 'localnet')).toBe(true);
    const sender = stubWallet('Sender', ['solana:mainnet']);
    const features = {
      ...sender.features,
      [SolanaSignTransaction]: undefined,
      'solana:signAndSendTransaction': { supportedTransactionVersions: [0] },
    };
    expect(isUsable({ ...sender, features } as unknown as Wallet, 'mainnet')).toBe(true);
    expect(isUsable({ ...sender, features } as unknown as Wallet, 'localnet')).toBe(false);
    expect(isUsable(stubWallet('Other', ['bitcoin:mainnet']) as unknown as Wallet, 'localnet')).toBe(false);
  });

  it('connect, and are remembered', async () => {
    const wallet = stubWallet('Stub', ['solana:localnet']);
    const { manager, view } = manage(LOCALNET, wallet);
    expect(view().options.map(({ name }) => name)).toEqual([BURNER_NAME, 'Stub']);
    await manager.connect('Stub');
    expect(view().account).toEqual({ address: ADDRESS, walletName: 'Stub', burner: false });

    const silent = stubWallet('Stub', ['solana:localnet'], (quiet) => quiet);
    const next = manage(LOCALNET, silent);
    await vi.waitFor(() => expect(next.view().account?.address).toBe(ADDRESS));
  });

  it('are not asked for again after disconnecting', async () => {
    const { manager, view } = manage(LOCALNET, stubWallet('Stub', ['solana:localnet']));
    await manager.connect('Stub');
    manager.disconnect();
    expect(view().account).toBeUndefined();
    expect(localStorage.getItem('ringfence:wallet')).toBeNull();
  });

  it('may refuse', async () => {
    const { manager } = manage(
      LOCALNET,
      stubWallet('Stub', ['solana:localnet'], () => false),
    );
    await expect(manager.connect('Stub')).rejects.toMatchObject({ error: 'UserRejected' });
  });

  it('may take their account back', async () => {
    const wallet = stubWallet('Stub', ['solana:localnet']);
    const { manager, view } = manage(LOCALNET, wallet);
    await manager.connect('Stub');
    wallet.leave();
    expect(view().account).toBeUndefined();
    expect(manager.account).toBeUndefined();
  });

  it('are let go on a cluster that they do not know', async () => {
    const wallet = stubWallet('Stub', ['solana:localnet']);
    const { manager, view } = manage(LOCALNET, wallet);
    await manager.connect('Stub');
    manager.setCluster(DEVNET);
    expect(view()).toEqual({ options: [] });
    expect(wallet.listeners.size).toBe(0);
  });
});
