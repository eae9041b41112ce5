import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getAddressDecoder, type Address } from '@solana/kit';
import type { BrowserContext } from '@playwright/test';

/** A key that both the page's wallet and the command line can have. */
export interface Key {
  address: Address;
  publicKey: number[];
  jwk: { kty: string; crv: string; d: string; x: string };
  /** In the format of Solana's tools. */
  file: string;
}

export function newKey(folder: string): Key {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const publicKey = Buffer.from(x, 'base64url');
  const address = getAddressDecoder().decode(publicKey);
  const file = join(folder, `${address}.json`);
  writeFileSync(file, JSON.stringify([...Buffer.from(d, 'base64url'), ...publicKey]), { mode: 0o600 });
  return { address, publicKey: [...publicKey], jwk: { kty: 'OKP', crv: 'Ed25519', d, x }, file };
}

export const WALLET_NAME = 'Stub Wallet';

/** Puts a wallet of the Wallet Standard into every page of the context, as an extension does. */
export async function injectWallet(context: BrowserContext, key: Key): Promise<void> {
  await context.addInitScript(register, {
    name: WALLET_NAME,
    address: key.address as string,
    publicKey: key.publicKey,
    jwk: key.jwk,
  });
}

interface StubOptions {
  name: string;
  address: string;
  publicKey: number[];
  jwk: JsonWebKey;
}

declare global {
  interface Window {
    /** What the wallet's owner does when asked to sign. */
    stubWallet: { refuse: boolean; asked: number };
  }
}

/** Runs in the page, on its own: nothing from outside but its argument. */
function register({ name, address, publicKey, jwk }: StubOptions): void {
  const CHAINS = ['solana:mainnet', 'solana:devnet', 'solana:localnet'];
  const REMEMBERED = 'stub-wallet-connected';
  window.stubWallet = { refuse: false, asked: 0 };
  const account = {
    address,
    publicKey: new Uint8Array(publicKey),
    chains: CHAINS,
    features: ['solana:signTransaction'],
  };

  async function sign(transaction: Uint8Array): Promise<{ signedTransaction: Uint8Array }> {
    window.stubWallet.asked += 1;
    if (window.stubWallet.refuse) throw Object.assign(new Error('User rejected the request.'), { code: 4001 });
    const count = transaction[0] ?? 0;
    const message = transaction.slice(1 + 64 * count);
    // A version byte, three bytes of header, the number of keys, the keys.
    const start = ((message[0] ?? 0) & 0x80 ? 1 : 0) + 4;
    const signer = Array.from({ length: count }, (_, index) => index).find((index) =>
      account.publicKey.every((byte, offset) => message[start + 32 * index + offset] === byte),
    );
    if (signer === undefined) throw new Error('this wallet is not asked to sign');
    const key = await crypto.subtle.importKey('jwk', jwk, { name: 'Ed25519' }, false, ['sign']);
    const signature = new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, key, message));
    const signed = transaction.slice();
    signed.set(signature, 1 + 64 * signer);
    return { signedTransaction: signed };
  }

  type Changed = (change: { accounts: readonly unknown[] }) => void;
  const listeners = new Set<Changed>();
  const wallet = {
    version: '1.0.0',
    name,
    icon: 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=',
    chains: CHAINS,
    accounts: [] as (typeof account)[],
    features: {
      'standard:connect': {
        version: '1.0.0',
        connect: async ({ silent }: { silent?: boolean } = {}) => {
          if (!silent || localStorage.getItem(REMEMBERED)) {
            localStorage.setItem(REMEMBERED, 'yes');
            wallet.accounts = [account];
            for (const listener of listeners) listener({ accounts: wallet.accounts });
          }
          return { accounts: wallet.accounts };
        },
      },
      'standard:disconnect': {
        version: '1.0.0',
        disconnect: async () => {
          localStorage.removeItem(REMEMBERED);
          wallet.accounts = [];
          for (const listener of listeners) listener({ accounts: [] });
        },
      },
      'standard:events': {
        version: '1.0.0',
        on: (_event: string, listener: Changed) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      'solana:signTransaction': {
        version: '1.0.0',
        supportedTransactionVersions: ['legacy', 0],
        signTransaction: (...inputs: { transaction: Uint8Array }[]) =>
          Promise.all(inputs.map(({ transaction }) => sign(transaction))),
      },
    },
  };

  const announce = (api: { register: (...wallets: unknown[]) => void }) => api.register(wallet);
  window.dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: announce }));
  window.addEventListener('wallet-standard:app-ready', (event) => announce((event as CustomEvent).detail));
}
