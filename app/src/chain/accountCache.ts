import type { Address } from '@solana/kit';
import type { RawAccount, Snapshot } from './account';

type Source = 'stream' | 'snapshot';

interface Entry {
  account: RawAccount | null;
  slot: bigint;
  source: Source;
}

const sameBytes = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, place) => byte === b[place]);

const same = (a: RawAccount | null, b: RawAccount | null): boolean => {
  if (!a || !b) return a === b;
  return a.lamports === b.lamports && a.owner === b.owner && sameBytes(a.data, b.data);
};

/**
 * The newest version of each account of one watch. An older slot never overwrites a newer one, whichever way it comes;
 * within a slot a stream beats a snapshot, as its order is that of the changes.
 */
export class AccountCache {
  private readonly entries = new Map<Address, Entry>();
  private isComplete = false;

  /** A snapshot has been read since the cache began. */
  get complete(): boolean {
    return this.isComplete;
  }

  get(address: Address): RawAccount | null | undefined {
    return this.entries.get(address)?.account;
  }

  *existing(): IterableIterator<[Address, RawAccount]> {
    for (const [address, { account }] of this.entries) if (account) yield [address, account];
  }

  /** Returns whether what the account holds has changed. */
  stream(address: Address, account: RawAccount | null, slot: bigint): boolean {
    return this.put(address, { account, slot, source: 'stream' });
  }

  /**
   * Takes in a snapshot and returns the addresses that have changed. `whole`: an account that the snapshot does not
   * name is gone, as far as nothing newer is known of it.
   */
  snapshot({ slot, accounts }: Snapshot, whole: boolean): Address[] {
    const changed: Address[] = [];
    for (const [address, account] of accounts) {
      if (this.put(address, { account, slot, source: 'snapshot' })) changed.push(address);
    }
    if (whole) {
      for (const address of this.entries.keys()) {
        if (accounts.has(address)) continue;
        if (this.put(address, { account: null, slot, source: 'snapshot' })) changed.push(address);
        // Gone for good, as far as this snapshot knows: nothing older will be asked of it again.
        else if (!this.get(address) && (this.entries.get(address)?.slot ?? 0n) <= slot) this.entries.delete(address);
      }
    }
    this.isComplete = true;
    return changed;
  }

  /** What is known stays, but whatever comes next is newer. */
  forgetSlots(): void {
    for (const [address, entry] of this.entries) this.entries.set(address, { ...entry, slot: 0n, source: 'snapshot' });
  }

  private put(address: Address, next: Entry): boolean {
    const known = this.entries.get(address);
    if (known) {
      if (next.slot < known.slot) return false;
      if (next.slot === known.slot && next.source === 'snapshot' && known.source === 'stream') return false;
    }
    const unchanged = known !== undefined && same(known.account, next.account);
    // What has not changed keeps its identity, and with it everything that was made of it.
    this.entries.set(address, unchanged ? { ...next, account: known.account } : next);
    return !(unchanged || (!known && next.account === null));
  }
}
