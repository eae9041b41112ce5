import { getBase64Encoder, type Address, type createSolanaRpc } from '@solana/kit';
import type { AccountFilter } from '@ringfence/client';
import type { RawAccount, Snapshot } from './account';

/** Reads accounts over HTTP. */
export interface Reader {
  accounts(addresses: readonly Address[], signal: AbortSignal): Promise<Snapshot>;
  program(program: Address, filters: readonly AccountFilter[], signal: AbortSignal): Promise<Snapshot>;
  /** Whether the node is a test validator whose notifications all carry the slot of their subscription. */
  freezesSlots(signal: AbortSignal): Promise<boolean>;
}

const TIMEOUT_MS = 10_000;
const MAX_ADDRESSES = 100;
const base64 = getBase64Encoder();

interface Encoded {
  data: readonly [string, string];
  owner: Address;
  lamports: bigint;
}

export const decodeAccount = ({ data, owner, lamports }: Encoded): RawAccount => ({
  data: base64.encode(data[0]) as Uint8Array,
  owner,
  lamports,
});

export type SolanaRpc = ReturnType<typeof createSolanaRpc>;

const limited = (signal: AbortSignal) => ({ abortSignal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });

export function createReader(rpc: SolanaRpc): Reader {
  const chunk = async (addresses: readonly Address[], signal: AbortSignal): Promise<Snapshot> => {
    const { context, value } = await rpc
      .getMultipleAccounts([...addresses], { encoding: 'base64', commitment: 'confirmed' })
      .send(limited(signal));
    return {
      slot: context.slot,
      accounts: new Map(
        addresses.map((address, place) => [address, value[place] ? decodeAccount(value[place]) : null]),
      ),
    };
  };
  return {
    async accounts(addresses, signal) {
      const chunks: Snapshot[] = [];
      for (let from = 0; from < addresses.length; from += MAX_ADDRESSES) {
        chunks.push(await chunk(addresses.slice(from, from + MAX_ADDRESSES), signal));
      }
      // The oldest slot of the parts: no part may claim to be newer than it is.
      const slot = chunks.reduce((least, part) => (part.slot < least ? part.slot : least), chunks[0]?.slot ?? 0n);
      return { slot, accounts: new Map(chunks.flatMap((part) => [...part.accounts])) };
    },
    async program(program, filters, signal) {
      const { context, value } = await rpc
        .getProgramAccounts(program, {
          encoding: 'base64',
          commitment: 'confirmed',
          withContext: true,
          filters: [...filters],
        })
        .send(limited(signal));
      return {
        slot: context.slot,
        accounts: new Map(value.map(({ pubkey, account }) => [pubkey, decodeAccount(account)])),
      };
    },
    async freezesSlots(signal) {
      const version = await rpc.getVersion().send(limited(signal));
      return 'surfnet-version' in version;
    },
  };
}
