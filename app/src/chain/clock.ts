import { address } from '@solana/kit';

/** The cluster's clock, in whole seconds. */
export const CLOCK_SYSVAR = address('SysvarC1ock11111111111111111111111111111111');

/** The slot at which the cluster was last restarted: prices from before it are refused. */
export const LAST_RESTART_SYSVAR = address('SysvarLastRestartS1ot1111111111111111111111');

/** Zero where there has been none, or the node does not say. */
export const readLastRestart = (data: Uint8Array | undefined): bigint =>
  data && data.length >= 8 ? new DataView(data.buffer, data.byteOffset, data.byteLength).getBigUint64(0, true) : 0n;

const UNIX_TIMESTAMP_OFFSET = 32;
/** Further apart than this, the cluster's clock has jumped, or this machine's has. */
const JUMP_SECONDS = 3;
/** Half a minute to a minute: a reading that was ahead is forgotten again. */
const KEPT_READINGS = 10;

/** Unix time of a clock account; undefined where it is not one. */
export function readClock(data: Uint8Array): bigint | undefined {
  if (data.length < UNIX_TIMESTAMP_OFFSET + 8) return undefined;
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getBigInt64(UNIX_TIMESTAMP_OFFSET, true);
}

/** Follows the cluster's clock between two readings of it. */
export class ChainClock {
  private offsets: number[] = [];

  constructor(private readonly localMs: () => number = Date.now) {}

  set(unixSeconds: bigint): void {
    const offset = Number(unixSeconds) - this.localMs() / 1000;
    const jumped = this.offsets.length > 0 && Math.abs(offset - this.offset) > JUMP_SECONDS;
    this.offsets = jumped ? [offset] : [...this.offsets, offset].slice(-KEPT_READINGS);
  }

  /** A reading was true at some moment of the last second or so: the latest of the offsets is the closest. */
  private get offset(): number {
    return this.offsets.length > 0 ? Math.max(...this.offsets) : 0;
  }

  now(): bigint {
    return BigInt(Math.floor(this.localMs() / 1000 + this.offset));
  }
}
