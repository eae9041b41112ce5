import type { Address } from '@solana/kit';
import type { AccountFilter } from '@ringfence/client';

/** An account as the RPC gives it. */
export interface RawAccount {
  data: Uint8Array;
  owner: Address;
  lamports: bigint;
}

/** What an RPC said of several accounts at one slot; null for one that does not exist. */
export interface Snapshot {
  slot: bigint;
  accounts: ReadonlyMap<Address, RawAccount | null>;
}

/** Accounts that somebody wants kept up to date. */
export type Watch =
  | {
      id: string;
      kind: 'accounts';
      addresses: readonly Address[];
      /** Not worth a subscription, or never notified of: read with each resync. */
      pollOnly?: boolean;
    }
  | { id: string; kind: 'program'; program: Address; filters: readonly AccountFilter[] };
