import { address, type Address } from '@solana/kit';
import { describe, expect, it } from 'vitest';
import type { RawAccount } from './account';
import { AccountCache } from './accountCache';

const OWNER = address('11111111111111111111111111111111');
const A = address('WhFrWgx5R4yif8XNPDToC1UGpQG3KJHhsFEKGnkoxXk');
const B = address('3aZmE58FKR63A3qNB2fWq92LKUbQx7rxLyUBb3HsjfcP');

const account = (byte: number): RawAccount => ({ data: Uint8Array.of(byte), owner: OWNER, lamports: 1n });
const snapshot = (slot: bigint, ...entries: [Address, RawAccount | null][]) => ({ slot, accounts: new Map(entries) });

describe('AccountCache', () => {
  it('never lets an older slot overwrite a newer one, whichever way it comes', () => {
    const cache = new AccountCache();
    cache.stream(A, account(7), 10n);
    expect(cache.snapshot(snapshot(9n, [A, account(1)]), true)).toEqual([]);
    expect(cache.stream(A, account(2), 9n)).toBe(false);
    expect(cache.get(A)?.data).toEqual(Uint8Array.of(7));
    expect(cache.snapshot(snapshot(11n, [A, account(3)]), true)).toEqual([A]);
    expect(cache.get(A)?.data).toEqual(Uint8Array.of(3));
  });

  it('believes the stream within a slot', () => {
    const cache = new AccountCache();
    cache.stream(A, account(7), 10n);
    cache.snapshot(snapshot(10n, [A, account(1)]), true);
    expect(cache.get(A)?.data).toEqual(Uint8Array.of(7));
    cache.stream(A, account(8), 10n);
    expect(cache.get(A)?.data).toEqual(Uint8Array.of(8));
  });

  it('drops what a whole snapshot does not name, unless something newer is known of it', () => {
    const cache = new AccountCache();
    cache.snapshot(snapshot(5n, [A, account(1)], [B, account(2)]), true);
    cache.stream(B, account(3), 8n);
    expect(cache.snapshot(snapshot(7n), true)).toEqual([A]);
    expect([...cache.existing()].map(([key]) => key)).toEqual([B]);
  });

  it('keeps the identity of what has not changed', () => {
    const cache = new AccountCache();
    const first = account(1);
    cache.stream(A, first, 1n);
    expect(cache.stream(A, account(1), 2n)).toBe(false);
    expect(cache.get(A)).toBe(first);
  });
});
