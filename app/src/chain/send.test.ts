import {
  type Blockhash,
  generateKeyPairSigner,
  getTransactionDecoder,
  getTransactionEncoder,
  partiallySignTransaction,
} from '@solana/kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compile } from './compile';
import type { SolanaRpc } from './reader';
import { signAndSend } from './send';

type Status = { err: unknown; confirmationStatus: string } | null;

/** An RPC that answers each status request with the next of a list, the last for ever. */
function fakeRpc(statuses: Status[], height: () => bigint, lookSlot: () => bigint) {
  const sent: string[] = [];
  let asked = 0;
  const answer = <T>(make: () => T) => ({ send: async () => make() });
  const rpc = {
    getLatestBlockhash: () =>
      answer(() => ({
        value: { blockhash: 'EkSnNWid2cvwEVnVx9aBqawnmiCNiDgp3gUdkDPTKN1N', lastValidBlockHeight: 100n },
      })),
    sendTransaction: (wire: string) =>
      answer(() => {
        sent.push(wire);
        return 'signature';
      }),
    getSignatureStatuses: () =>
      answer(() => {
        const status = statuses[Math.min(asked, statuses.length - 1)];
        asked += 1;
        return { value: [status], context: { slot: lookSlot() } };
      }),
    getEpochInfo: () => answer(() => ({ blockHeight: height(), absoluteSlot: 1_000n })),
  };
  return { rpc: rpc as unknown as SolanaRpc, sent };
}

/** With a `blockhash`, a wallet that puts in its own. */
async function wallet(blockhash?: string) {
  const signer = await generateKeyPairSigner();
  const sign = vi.fn(async (given: Uint8Array) => {
    const lifetime = { blockhash: blockhash as Blockhash, lastValidBlockHeight: 0n };
    const own = blockhash === undefined ? undefined : compile([], signer.address, lifetime, BUDGET);
    const bytes = own ? getTransactionEncoder().encode(own) : given;
    const signed = await partiallySignTransaction([signer.keyPair], getTransactionDecoder().decode(bytes));
    return getTransactionEncoder().encode(signed) as Uint8Array;
  });
  return { address: signer.address, sign };
}

const BUDGET = { units: 100_000, unitPrice: 0n };

describe('signAndSend', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  async function run(
    statuses: Status[],
    height: () => bigint,
    milliseconds: number,
    lookSlot = 1_000n,
    blockhash?: string,
  ) {
    const account = await wallet(blockhash);
    const { rpc, sent } = fakeRpc(statuses, height, () => lookSlot);
    const outcome = signAndSend(rpc, account, [], BUDGET, () => undefined).then(
      (signature) => ({ signature }),
      (failure: { error?: string }) => ({ failure: failure.error }),
    );
    await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(milliseconds);
    return { outcome: await outcome, account, sent };
  }

  it('sends the same bytes again until they are confirmed, and signs once', async () => {
    const statuses: Status[] = [
      ...Array.from({ length: 12 }, () => null),
      { err: null, confirmationStatus: 'confirmed' },
    ];
    const { outcome, account, sent } = await run(statuses, () => 50n, 10_000);
    expect(outcome).toHaveProperty('signature');
    expect(account.sign).toHaveBeenCalledTimes(1);
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent).size).toBe(1);
  });

  it('says that it has expired only when the last block that could take it has passed', async () => {
    const { outcome, account } = await run([null], () => 101n, 5_000);
    expect(outcome).toEqual({ failure: 'BlockhashExpired' });
    expect(account.sign).toHaveBeenCalledTimes(1);
  });

  it('does not call it expired when it was included in the last moment', async () => {
    const { outcome } = await run([null, { err: null, confirmationStatus: 'confirmed' }], () => 101n, 5_000);
    expect(outcome).toHaveProperty('signature');
  });

  it('names the program error of one that failed on chain', async () => {
    const failed = { err: { InstructionError: [1, { Custom: 6039 }] }, confirmationStatus: 'confirmed' };
    const { outcome } = await run([failed], () => 50n, 5_000);
    expect(outcome).toEqual({ failure: 'SlippageExceeded' });
  });

  it('does not believe the silence of a node that is behind', async () => {
    const { outcome } = await run([null], () => 101n, 200_000, 999n);
    expect(outcome).toEqual({ failure: 'OutcomeUnknown' });
  });

  it('does not judge the lifetime of a blockhash that the wallet has put in', async () => {
    const own = '4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM';
    const { outcome } = await run([null], () => 101n, 200_000, 1_000n, own);
    expect(outcome).toEqual({ failure: 'OutcomeUnknown' });
  });

  it('does not believe a failure that is not confirmed', async () => {
    const fork = { err: { InstructionError: [1, { Custom: 6039 }] }, confirmationStatus: 'processed' };
    const { outcome } = await run([fork, { err: null, confirmationStatus: 'confirmed' }], () => 50n, 5_000);
    expect(outcome).toHaveProperty('signature');
  });

  it('says that the outcome is unknown when nothing is heard of it', async () => {
    const { outcome, account } = await run([null], () => 50n, 200_000);
    expect(outcome).toEqual({ failure: 'OutcomeUnknown' });
    expect(account.sign).toHaveBeenCalledTimes(1);
  });
});
