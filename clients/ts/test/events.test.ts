/** Events, against Rust's decoding of the same bytes; and where in a transaction they are looked for. */
import { getBase58Decoder, type ReadonlyUint8Array } from '@solana/kit';
import { describe, expect, test } from 'vitest';
import {
  MarketStatus,
  OrderEnd,
  OrderKind,
  RINGFENCE_EVENTS,
  RINGFENCE_PROGRAM_ADDRESS,
  Side,
  decodeEventData,
  decodeEvents,
  type TransactionWithEvents,
} from '../src/index.js';
import { bytes, load } from './vectors.js';

const rows = load('events')['events'] ?? [];

const ENUMS: Record<string, Record<number, string>> = {
  side: Side,
  kind: OrderKind,
  status: MarketStatus,
  before: MarketStatus,
  after: MarketStatus,
  end: OrderEnd,
};

/** Rust's notation, without the names of structures. */
function rust(value: unknown, name = ''): string {
  if (name in ENUMS && typeof value === 'number') return String(ENUMS[name]?.[value]);
  if (value instanceof Uint8Array) return `[${value.join(', ')}]`;
  if (Array.isArray(value)) return `[${value.map((item) => rust(item)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  if ('__option' in value) return 'value' in value ? `Some(${rust(value.value)})` : 'None';
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  // Rust has an oracle's kind as the byte that it is.
  const bare = 'feedId' in value;
  const fields = Object.entries(value).map(([key, field]) => `${snake(key)}: ${rust(field, bare ? '' : key)}`);
  return `{ ${fields.join(', ')} }`;
}

describe('events', () => {
  test('every event is read as Rust reads it', () => {
    expect(new Set(rows.map(([name]) => name))).toEqual(new Set(RINGFENCE_EVENTS.map(({ name }) => name)));
    for (const [name, hex = '', fields] of rows) {
      const event = decodeEventData(bytes(hex));
      expect(event?.name).toBe(name);
      expect(rust(event?.data), name).toBe(fields);
    }
  });

  test('what is cut short, or has no tag, is no event', () => {
    for (const [name, hex = ''] of rows) {
      expect(decodeEventData(bytes(hex.slice(0, -2))), name).toBeUndefined();
      expect(decodeEventData(bytes(hex.slice(2))), name).toBeUndefined();
    }
  });

  const [first, second] = [rows[0]?.[1] ?? '', rows[4]?.[1] ?? ''];
  const base58 = (data: ReadonlyUint8Array) => getBase58Decoder().decode(data);
  const other = 'US517G5965aydkZ46HS38QLi7UQiSojurfbQfKCELFx';

  function transaction(change: Partial<NonNullable<TransactionWithEvents['meta']>> = {}): TransactionWithEvents {
    return {
      meta: {
        err: null,
        innerInstructions: [
          { instructions: [{ programIdIndex: 2, data: base58(bytes(first)) }] },
          {
            instructions: [
              { programIdIndex: 1, data: base58(bytes(first)) },
              { programIdIndex: 2, data: base58(Uint8Array.of(1, 2, 3)) },
              { programIdIndex: 2, data: base58(bytes(second)) },
            ],
          },
        ],
        loadedAddresses: { writable: [RINGFENCE_PROGRAM_ADDRESS], readonly: [] },
        ...change,
      },
      transaction: { message: { accountKeys: [other, other] } },
    };
  }

  test('events come in order, from the program alone', () => {
    // Key 1 is another program’s, with the same bytes; key 2 is in a lookup table.
    expect(decodeEvents(transaction()).map(({ name }) => name)).toEqual([rows[0]?.[0], rows[4]?.[0]]);
  });

  test('a parsed transaction names the program itself', () => {
    const instructions = [
      { programId: RINGFENCE_PROGRAM_ADDRESS, data: base58(bytes(first)), accounts: [] },
      { programId: other, data: base58(bytes(first)), accounts: [] },
      { programId: other, parsed: {}, program: 'spl-token' },
    ];
    const parsed = transaction({ innerInstructions: [{ instructions }] });
    expect(decodeEvents(parsed).map(({ name }) => name)).toEqual([rows[0]?.[0]]);
  });

  test('a failed or an unknown transaction has none', () => {
    expect(decodeEvents(transaction({ err: { InstructionError: [0, { Custom: 6_000 }] } }))).toEqual([]);
    expect(decodeEvents(transaction({ innerInstructions: null }))).toEqual([]);
    expect(decodeEvents(null)).toEqual([]);
  });
});
