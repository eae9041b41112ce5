import { address, type Address } from '@solana/kit';
import { describe, expect, it } from 'vitest';
import type { SolanaRpc } from '../chain/reader';
import { HistoryReader } from './reader';

const OWNER = address('WhFrWgx5R4yif8XNPDToC1UGpQG3KJHhsFEKGnkoxXk');
const POSITION = address('BSwy8rUDqQZqFivAkxnG7XqY6VhnVnMyuLSixZkaNd3i');

/** Accounts with transactions numbered 1 to `count`, newest first, as an RPC lists them. */
class Chain {
  count = 0;
  /** Listed, but not served yet. */
  readonly withheld = new Set<string>();
  readonly fetched: string[] = [];
  readonly listed: Address[] = [];

  readonly rpc = {
    getSignaturesForAddress: (
      account: Address,
      { limit, before, until }: { limit: number; before?: string; until?: string },
    ) => ({
      send: async () => {
        this.listed.push(account);
        if (account !== OWNER) return [];
        const all = Array.from({ length: this.count }, (_, place) => this.count - place);
        const from = before ? all.indexOf(Number(before)) + 1 : 0;
        const to = until ? all.indexOf(Number(until)) : all.length;
        return all
          .slice(from, Math.min(to, from + limit))
          .map((number) => ({ signature: String(number), slot: BigInt(number), blockTime: null }));
      },
    }),
    getTransaction: (signature: string) => ({
      send: async () => {
        if (this.withheld.has(signature)) return null;
        this.fetched.push(signature);
        return { meta: { err: null, innerInstructions: [] }, transaction: { message: { accountKeys: [] } } };
      },
    }),
  } as unknown as SolanaRpc;
}

const none = new Map<Address, 'long'>();
const setUp = () => {
  const chain = new Chain();
  return { chain, reader: new HistoryReader(chain.rpc, OWNER, new AbortController().signal) };
};

describe('HistoryReader', () => {
  it('reads a page, then what is new, then what is older, each transaction once', async () => {
    const { chain, reader } = setUp();
    chain.count = 120;
    await reader.refresh(none);
    expect(chain.fetched).toHaveLength(50);
    expect(reader.readSince(OWNER)).toBe(71n);
    expect(reader.hasOlder).toBe(true);

    chain.count = 190;
    await reader.refresh(none);
    expect(chain.fetched).toHaveLength(120);

    await reader.older();
    await reader.older();
    expect(chain.fetched).toHaveLength(190);
    expect(new Set(chain.fetched).size).toBe(190);
    expect(reader.hasOlder).toBe(false);
    expect(reader.readSince(OWNER)).toBe(0n);
  });

  it('does not pass over a transaction that is listed and not served yet', async () => {
    const { chain, reader } = setUp();
    chain.count = 3;
    await reader.refresh(none);
    chain.count = 5;
    chain.withheld.add('4');
    await expect(reader.refresh(none)).rejects.toThrow('does not have');
    chain.withheld.clear();
    await reader.refresh(none);
    expect(new Set(chain.fetched)).toEqual(new Set(['1', '2', '3', '4', '5']));
  });

  it('asks for a position once more when it has gone, and then no longer', async () => {
    const { chain, reader } = setUp();
    const asked = () => chain.listed.filter((account) => account === POSITION).length;
    await reader.refresh(new Map([[POSITION, 'long']]));
    await reader.refresh(none);
    expect(asked()).toBe(2);
    await reader.refresh(none);
    expect(asked()).toBe(2);
  });

  it('asks for the newest positions, which come first', async () => {
    const { chain, reader } = setUp();
    const names = Array.from({ length: 15 }, (_, place) => `position${place}` as Address);
    await reader.refresh(new Map(names.map((name) => [name, 'long'])));
    expect(chain.listed).toEqual([OWNER, ...names.slice(0, 12)]);
    await reader.refresh(new Map(names.map((name) => [name, 'long'])));
    expect(new Set(chain.listed)).toEqual(new Set([OWNER, ...names]));
  });
});
