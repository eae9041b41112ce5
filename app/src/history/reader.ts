import type { Address, Signature } from '@solana/kit';
import { decodeEvents, type TransactionWithEvents } from '@ringfence/client';
import type { SolanaRpc } from '../chain/reader';
import { entriesOf, positionsOf, type DecodedTransaction, type Known } from './entries';
import type { HistoryEntry } from './entry';

const PAGE = 50;
/** Public RPCs count requests: a few at a time. */
const PARALLEL = 4;
/** Accounts asked for in one refresh; the latest positions first. */
const MAX_ACCOUNTS = 12;
const MAX_TRANSACTIONS = 1_000;

interface Listed {
  signature: Signature;
  slot: bigint;
  time: bigint | undefined;
}

interface Cursor {
  /** Slot of `oldest`. */
  since?: bigint;
  newest?: Signature;
  oldest?: Signature;
  ended: boolean;
}

/**
 * The history of one owner: his own transactions, and those of others on his positions, such as liquidations. Read by
 * pages, each transaction once.
 */
export class HistoryReader {
  private readonly transactions = new Map<Signature, DecodedTransaction>();
  private readonly cursors = new Map<Address, Cursor>();
  private readonly positions = new Set<Address>();
  /** Positions whose accounts exist: only these can have something new. */
  private active: ReadonlySet<Address> = new Set();
  private sides: ReadonlyMap<Address, 'long' | 'short'> = new Map();

  constructor(
    private readonly rpc: SolanaRpc,
    private readonly owner: Address,
    private readonly signal: AbortSignal,
  ) {}

  /** Reads what is new since the last time; the first time, the last page. `existing` are the owner's positions now. */
  async refresh(existing: ReadonlyMap<Address, 'long' | 'short'>): Promise<void> {
    this.sides = existing;
    for (const position of existing.keys()) this.positions.add(position);
    await this.readAccount(this.owner, 'newer');
    // One that has gone since the last time is read once more: its end may be another's transaction.
    const due = [...new Set([...existing.keys(), ...this.positions])].filter(
      (position) => existing.has(position) || this.active.has(position) || !this.cursors.has(position),
    );
    const unread = (position: Address) => Number(!this.cursors.has(position));
    due.sort((a, b) => unread(b) - unread(a));
    for (const position of due.slice(0, MAX_ACCOUNTS)) await this.readAccount(position, 'newer');
    this.active = new Set(existing.keys());
  }

  /** Whether there is more to be read by `older`. */
  get hasOlder(): boolean {
    return [...this.cursors.values()].some(({ ended }) => !ended);
  }

  async older(): Promise<void> {
    for (const [account, { ended }] of [...this.cursors]) if (!ended) await this.readAccount(account, 'older');
  }

  /** The slot from which on everything of an account has been read. */
  readSince(account: Address): bigint | undefined {
    const cursor = this.cursors.get(account);
    return cursor?.ended ? 0n : cursor?.since;
  }

  entries(divisors: Known['divisors']): HistoryEntry[] {
    const known = { sides: this.sides, divisors };
    return entriesOf([...this.transactions.values()], this.owner, this.positions, known);
  }

  /** Prices that the program has accepted, for the chart. */
  prices(): { market: Address; time: bigint; price: bigint }[] {
    return [...this.transactions.values()].flatMap(({ events }) =>
      events.flatMap(({ data }) =>
        'oracle' in data && 'price' in data.oracle
          ? [{ market: data.market, time: data.oracle.publishTime, price: data.oracle.price }]
          : [],
      ),
    );
  }

  private async readAccount(account: Address, direction: 'newer' | 'older'): Promise<void> {
    const cursor = this.cursors.get(account) ?? { ended: false };
    const found = direction === 'newer' ? await this.newer(account, cursor) : await this.page(account, cursor.oldest);
    await this.load(found);
    // Only now: a failure between must not leave a gap that nobody returns to.
    if (direction === 'older' || cursor.oldest === undefined) {
      const last = found.at(-1);
      if (last) [cursor.oldest, cursor.since] = [last.signature, last.slot];
      cursor.ended = found.length < PAGE;
    }
    if (direction === 'newer' && found[0]) cursor.newest = found[0].signature;
    this.cursors.set(account, cursor);
  }

  /** All since the newest known one; the first time one page. */
  private async newer(account: Address, { newest }: Cursor): Promise<Listed[]> {
    if (!newest) return this.page(account);
    const found: Listed[] = [];
    for (let before: Signature | undefined; found.length < MAX_TRANSACTIONS;) {
      const page: Listed[] = await this.page(account, before, newest);
      found.push(...page);
      if (page.length < PAGE) break;
      before = page.at(-1)?.signature;
    }
    return found;
  }

  private async page(account: Address, before?: Signature, until?: Signature): Promise<Listed[]> {
    const listed = await this.rpc
      .getSignaturesForAddress(account, {
        limit: PAGE,
        commitment: 'confirmed',
        ...(before && { before }),
        ...(until && { until }),
      })
      .send({ abortSignal: this.signal });
    return listed.map(({ signature, slot, blockTime }) => ({ signature, slot, time: blockTime ?? undefined }));
  }

  private async load(listed: readonly Listed[]): Promise<void> {
    const missing = listed.filter(({ signature }) => !this.transactions.has(signature));
    for (let from = 0; from < missing.length; from += PARALLEL) {
      const loaded = await Promise.all(missing.slice(from, from + PARALLEL).map((one) => this.loadOne(one)));
      for (const transaction of loaded) {
        this.transactions.set(transaction.signature, transaction);
        for (const position of positionsOf(transaction.events, this.owner)) this.positions.add(position);
      }
    }
  }

  private async loadOne({ signature, slot, time }: Listed): Promise<DecodedTransaction> {
    const transaction = await this.rpc
      .getTransaction(signature, { encoding: 'json', commitment: 'confirmed', maxSupportedTransactionVersion: 0 })
      .send({ abortSignal: this.signal });
    // Listed, and not served yet: whoever goes on would never come back to it.
    if (!transaction) throw new Error('the RPC does not have one of its transactions yet');
    const events = decodeEvents(transaction as TransactionWithEvents);
    return { signature, slot, ...(time !== undefined && { time }), events };
  }
}
