/** Events of the program, from the inner instructions that carry them. */
import {
  getBase58Encoder,
  getBase64Encoder,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  type ReadonlyUint8Array,
} from '@solana/kit';
import { RINGFENCE_EVENTS, RINGFENCE_PROGRAM_ADDRESS, type RingfenceEvent } from './generated/index.js';

export type { RingfenceEvent, RingfenceEventName } from './generated/index.js';

/** What the data of every self-CPI that carries an event starts with: Anchor's. */
const EVENT_TAG = [0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d];

/**
 * The event in the data of an inner instruction of the program; undefined for
 * anything else, events of a later version of the program included.
 */
export function decodeEventData(data: ReadonlyUint8Array): RingfenceEvent | undefined {
  if (!startsWith(data, EVENT_TAG, 0)) return undefined;
  const kind = RINGFENCE_EVENTS.find(({ discriminator }) => startsWith(data, discriminator, EVENT_TAG.length));
  if (kind === undefined) return undefined;
  try {
    return { name: kind.name, data: kind.decoder().decode(data, EVENT_TAG.length + 8) } as RingfenceEvent;
  } catch {
    return undefined;
  }
}

function startsWith(data: ReadonlyUint8Array, bytes: readonly number[], offset: number): boolean {
  return bytes.every((byte, index) => data[offset + index] === byte);
}

type Key = string | { readonly pubkey: string };

/**
 * What `getTransaction` answers, in any of the encodings `json`, `jsonParsed`
 * and `base64`; as much of it as is needed here.
 */
export interface TransactionWithEvents {
  readonly meta: {
    readonly err: unknown;
    readonly innerInstructions?: readonly { readonly instructions: readonly unknown[] }[] | null;
    readonly loadedAddresses?: { readonly writable: readonly string[]; readonly readonly: readonly string[] };
  } | null;
  readonly transaction: readonly [string, string] | { readonly message: { readonly accountKeys: readonly Key[] } };
}

interface InnerInstruction {
  data?: string;
  programId?: string;
  programIdIndex?: number;
}

/**
 * The program's events in a transaction, in the order in which they were
 * emitted; none for a transaction that failed or is unknown. Only what the
 * program itself was called with counts: another program's instruction with
 * the same bytes is no event.
 */
export function decodeEvents(transaction: TransactionWithEvents | null): RingfenceEvent[] {
  if (!transaction?.meta) return [];
  const { err, innerInstructions } = transaction.meta;
  if (err !== null && err !== undefined) return [];
  const keys = accountKeys(transaction);
  const base58 = getBase58Encoder();
  return (innerInstructions ?? []).flatMap(({ instructions }) =>
    instructions.flatMap((instruction) => {
      const { data, programId, programIdIndex } = instruction as InnerInstruction;
      const program = programId ?? (programIdIndex === undefined ? undefined : keys[programIdIndex]);
      if (program !== RINGFENCE_PROGRAM_ADDRESS || data === undefined) return [];
      const event = decodeEventData(base58.encode(data));
      return event ? [event] : [];
    }),
  );
}

function accountKeys({ transaction, meta }: TransactionWithEvents): string[] {
  const loaded = meta?.loadedAddresses;
  return [...staticKeys(transaction), ...(loaded?.writable ?? []), ...(loaded?.readonly ?? [])];
}

function staticKeys(transaction: TransactionWithEvents['transaction']): readonly string[] {
  if ('message' in transaction) {
    return transaction.message.accountKeys.map((key) => (typeof key === 'string' ? key : key.pubkey));
  }
  const [text, encoding] = transaction;
  const bytes = (encoding === 'base58' ? getBase58Encoder() : getBase64Encoder()).encode(text);
  const { messageBytes } = getTransactionDecoder().decode(bytes);
  return getCompiledTransactionMessageDecoder().decode(messageBytes).staticAccounts;
}
