import type { Signature } from '@solana/kit';
import { outcomeUnknown } from '../chain/failure';
import type { SolanaRpc } from '../chain/reader';
import { UserFacingError } from './intent';

/** By then whatever was signed is too old to be executed, and was executed or never will be. */
const FORGOTTEN_MS = 5 * 60_000;

interface Sent {
  signature: Signature | undefined;
  at: number;
}

/** Keeps the same intent from being sent twice: while it is under way, and while nobody knows what became of it. */
export class Repeats {
  private readonly running = new Set<string>();
  private readonly unknown = new Map<string, Sent>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Runs `send`, unless the same may still be executed from before. */
  async guard<T>(key: string, rpc: Pick<SolanaRpc, 'getSignatureStatuses'>, send: () => Promise<T>): Promise<T> {
    if (this.running.has(key)) {
      throw new UserFacingError('Under way', 'The same is being sent already: wait for its outcome.', {
        error: 'UnderWay',
      });
    }
    this.running.add(key);
    try {
      await this.settle(key, rpc);
      return await send();
    } catch (reason) {
      if (reason instanceof UserFacingError && reason.error === 'OutcomeUnknown' && !this.unknown.has(key)) {
        this.unknown.set(key, { signature: reason.signature, at: this.now() });
      }
      throw reason;
    } finally {
      this.running.delete(key);
    }
  }

  /** Looks an earlier one up whose outcome was unknown. */
  private async settle(key: string, rpc: Pick<SolanaRpc, 'getSignatureStatuses'>): Promise<void> {
    const sent = this.unknown.get(key);
    if (!sent) return;
    const { signature } = sent;
    const status = signature && (await this.look(rpc, signature));
    if (status && !status.err) {
      this.unknown.delete(key);
      throw new UserFacingError('Executed before', 'The earlier one was executed after all: look at your positions.', {
        error: 'ExecutedBefore',
        signature,
      });
    }
    if (!status && this.now() - sent.at < FORGOTTEN_MS) throw outcomeUnknown(signature);
    this.unknown.delete(key);
  }

  private async look(rpc: Pick<SolanaRpc, 'getSignatureStatuses'>, signature: Signature) {
    const { value } = await rpc
      .getSignatureStatuses([signature], { searchTransactionHistory: true })
      .send({ abortSignal: AbortSignal.timeout(8_000) })
      .catch((reason: unknown) => {
        throw outcomeUnknown(signature, reason);
      });
    return value[0];
  }
}
