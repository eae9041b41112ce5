import { describe, expect, it, vi } from 'vitest';
import { isExpected } from '../chain/identity';
import { outcomeUnknown } from '../chain/failure';
import { Repeats } from './repeats';

const rpcOf = (status: object | null) =>
  ({ getSignatureStatuses: () => ({ send: async () => ({ value: [status] }) }) }) as never;

const lost = () => Promise.reject(outcomeUnknown('abc' as never));

describe('Repeats', () => {
  it('lets nothing run twice at a time', async () => {
    const repeats = new Repeats();
    let finish: (value: string) => void = () => undefined;
    const first = repeats.guard('a', rpcOf(null), () => new Promise<string>((resolve) => (finish = resolve)));
    await vi.waitFor(() => expect(finish).not.toHaveLength(0));
    await expect(repeats.guard('a', rpcOf(null), async () => 'b')).rejects.toMatchObject({ error: 'UnderWay' });
    await expect(repeats.guard('other', rpcOf(null), async () => 'c')).resolves.toBe('c');
    finish('a');
    await expect(first).resolves.toBe('a');
    await expect(repeats.guard('a', rpcOf(null), async () => 'd')).resolves.toBe('d');
  });

  it('does not send again what may still be executed', async () => {
    let now = 0;
    const repeats = new Repeats(() => now);
    const send = vi.fn(async () => 'sent');
    await expect(repeats.guard('a', rpcOf(null), lost)).rejects.toMatchObject({ error: 'OutcomeUnknown' });
    await expect(repeats.guard('a', rpcOf(null), send)).rejects.toMatchObject({ error: 'OutcomeUnknown' });
    expect(send).not.toHaveBeenCalled();
    now = 5 * 60_000;
    await expect(repeats.guard('a', rpcOf(null), send)).resolves.toBe('sent');
  });

  it('says when the earlier one was executed after all, and sends again when it failed', async () => {
    const repeats = new Repeats(() => 0);
    const send = vi.fn(async () => 'sent');
    await expect(repeats.guard('a', rpcOf(null), lost)).rejects.toThrow();
    await expect(repeats.guard('a', rpcOf({ err: null }), send)).rejects.toMatchObject({ error: 'ExecutedBefore' });
    await expect(repeats.guard('a', rpcOf({ err: null }), send)).resolves.toBe('sent');
    await expect(repeats.guard('b', rpcOf(null), lost)).rejects.toThrow();
    await expect(repeats.guard('b', rpcOf({ err: 'x' }), send)).resolves.toBe('sent');
  });
});

describe('chain', () => {
  const MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d';
  const DEVNET = 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG';
  it.each([
    ['mainnet', MAINNET, true],
    ['mainnet', DEVNET, false],
    ['devnet', MAINNET, false],
    ['localnet', MAINNET, false],
    ['localnet', '11111111111111111111111111111111', true],
  ] as const)('%s at %s', (cluster, genesis, expected) => {
    expect(isExpected(cluster, genesis)).toBe(expected);
  });
});
