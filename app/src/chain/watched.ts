import type { Address } from '@solana/kit';
import type { RawAccount, Watch } from './account';
import { AccountCache } from './accountCache';
import { decodeAccount } from './reader';
import type { Notification } from './socket';

/** A watch with what is known of it. */
export interface Watched {
  watch: Watch;
  cache: AccountCache;
  /** What ends its subscriptions on the present socket. */
  unsubscribe: (() => void)[];
  /** Subscriptions that the server has not answered. */
  awaited: number;
  /** Why the last reading of it failed. */
  failure?: string | undefined;
}

export const watchedOf = (watch: Watch): Watched => ({ watch, cache: new AccountCache(), unsubscribe: [], awaited: 0 });

export interface Wanted {
  kind: 'account' | 'program';
  params: unknown[];
  /** Which account a notification is of, and what it holds; undefined where it makes no sense. */
  read(notification: Notification): { address: Address; account: RawAccount | null; slot: bigint } | undefined;
}

const SETTINGS = { encoding: 'base64', commitment: 'confirmed' };

interface EncodedAccount {
  data: readonly [string, string];
  owner: Address;
  lamports: number;
}

function readAccount(address: Address, value: unknown, { context }: Notification): ReturnType<Wanted['read']> {
  if (value === undefined || !context) return undefined;
  const encoded = value as EncodedAccount | null;
  // An account that is closed is told of as one without lamports.
  const exists = encoded !== null && encoded.lamports > 0;
  const account = exists ? decodeAccount({ ...encoded, lamports: BigInt(encoded.lamports) }) : null;
  return { address, account, slot: BigInt(context.slot) };
}

/** The subscriptions that follow a watch. */
export function subscriptionsOf(watch: Watch): Wanted[] {
  if (watch.kind === 'accounts') {
    if (watch.pollOnly) return [];
    return watch.addresses.map((address) => ({
      kind: 'account',
      params: [address, SETTINGS],
      read: (notification) => readAccount(address, notification.value, notification),
    }));
  }
  const filters = watch.filters.map((filter) =>
    'dataSize' in filter
      ? { dataSize: Number(filter.dataSize) }
      : { memcmp: { ...filter.memcmp, offset: Number(filter.memcmp.offset) } },
  );
  return [
    {
      kind: 'program',
      params: [watch.program, { ...SETTINGS, filters }],
      read: (notification) => {
        const value = notification.value as { pubkey?: unknown; account?: unknown } | undefined;
        if (typeof value?.pubkey !== 'string') return undefined;
        return readAccount(value.pubkey as Address, value.account, notification);
      },
    },
  ];
}

/** Whether two watches are of the same accounts. */
export const sameWatch = (a: Watch, b: Watch): boolean => JSON.stringify(keyOf(a)) === JSON.stringify(keyOf(b));

const keyOf = (watch: Watch) =>
  watch.kind === 'accounts'
    ? [watch.kind, [...watch.addresses].sort(), watch.pollOnly ?? false]
    : [
        watch.kind,
        watch.program,
        watch.filters.map((filter) => ('dataSize' in filter ? String(filter.dataSize) : filter.memcmp.bytes)),
      ];
