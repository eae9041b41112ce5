import {
  generateKeyPairSigner,
  getTransactionDecoder,
  getTransactionEncoder,
  partiallySignTransaction,
} from '@solana/kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SolanaRpc } from './reader';
import { signAndSend } from './send';

type Status = { err: unknown; confirmationStatus: string } | null;

/** An RPC that answers each status request with the next of a list, the last for ever. */
function fakeRpc(statuses: Status[], height: () => bigint) {
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
        return { value: [status] };
      }),
    getBlockHeight: () => answer(height),
  };
  return { rpc: rpc as unknown as SolanaRpc, sent };
}

async function wallet() {
  const signer = await generateKeyPairSigner();
  const sign = vi.fn(async (bytes: Uint8Array) => {
    const signed = await partiallySignTransaction([signer.keyPair], getTransactionDecoder().decode(bytes));
    return getTransactionEncoder().encode(signed) as Uint8Array;
  });
  return { address: signer.address, sign };
}

const BUDGET = { units: 100_000, unitPrice: 0n };

describe('signAndSend', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  async function run(statuses: Status[], height: () => bigint, milliseconds: number) {
    const account = await wallet();
    const { rpc, sent } = fakeRpc(statuses, height);
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

  it('says that the outcome is unknown when nothing is heard of it', async () => {
    const { outcome, account } = await run([null], () => 50n, 200_000);
    expect(outcome).toEqual({ failure: 'OutcomeUnknown' });
    expect(account.sign).toHaveBeenCalledTimes(1);
  });
});
