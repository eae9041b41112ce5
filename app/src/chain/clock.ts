import { address } from '@solana/kit';

/** The cluster's clock, in whole seconds. */
export const CLOCK_SYSVAR = address('SysvarC1ock11111111111111111111111111111111');

const UNIX_TIMESTAMP_OFFSET = 32;
/** Further apart than this, the cluster's clock has jumped, or this machine's has. */
const JUMP_SECONDS = 3;

/** Unix time of a clock account; undefined where it is not one. */
export function readClock(data: Uint8Array): bigint | undefined {
  if (data.length < UNIX_TIMESTAMP_OFFSET + 8) return undefined;
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getBigInt64(UNIX_TIMESTAMP_OFFSET, true);
}

/** Follows the cluster's clock between two readings of it. */
export class ChainClock {
  private offset: number | undefined;

  constructor(private readonly localMs: () => number = Date.now) {}

  set(unixSeconds: bigint): void {
    // A reading was true at some moment of the last second or so: the latest of all offsets is the closest to it.
    const offset = Number(unixSeconds) - this.localMs() / 1000;
    const jumped = this.offset !== undefined && Math.abs(offset - this.offset) > JUMP_SECONDS;
    if (this.offset === undefined || jumped || offset > this.offset) this.offset = offset;
  }

  now(): bigint {
    return BigInt(Math.floor(this.localMs() / 1000 + (this.offset ?? 0)));
  }
}
