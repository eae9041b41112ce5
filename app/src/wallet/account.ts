import type { Address } from '@solana/kit';

/** What signs: a wallet's account on the cluster that the page is on. */
export interface SigningAccount {
  address: Address;
  /** Signs without sending; the page then sends, and knows what became of it. */
  sign?: (transaction: Uint8Array) => Promise<Uint8Array>;
  /** For wallets that will not sign without sending; returns the signature. */
  signAndSend?: (transaction: Uint8Array) => Promise<Uint8Array>;
}
