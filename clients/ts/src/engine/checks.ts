/** What the program would refuse, collected in its own order. */
import { errorByName, errorOfMath, type Refusal, type RingfenceErrorName } from '../errors.js';
import { MathError } from '../integers.js';

/** Thrown where nothing further can be computed; the refusal has been noted. */
class Stop extends Error {}

/**
 * Collects refusals where the program would stop at the first: whoever fills
 * in a form wants to know all that is wrong with it. The first is the one that
 * the program would fail with.
 */
export class Checks {
  readonly refusals: Refusal[] = [];

  /** Notes a refusal unless `holds`; what follows is still computed. */
  ensure(holds: boolean, error: RingfenceErrorName, found?: bigint, limit?: bigint): boolean {
    if (holds || this.#has(error)) return holds;
    const { message } = errorByName(error);
    const detail = found === undefined || limit === undefined ? undefined : { found, limit };
    this.refusals.push(detail ? { error, message, detail } : { error, message });
    return holds;
  }

  /** Notes a refusal unless `holds`, and stops there: without it there is nothing to compute. */
  require(holds: boolean, error: RingfenceErrorName, found?: bigint, limit?: bigint): void {
    if (!this.ensure(holds, error, found, limit)) throw new Stop();
  }

  /** The result of `compute`, or undefined where something stopped it. */
  run<T>(compute: () => T): T | undefined {
    try {
      return compute();
    } catch (failure) {
      if (failure instanceof MathError) this.ensure(false, errorOfMath(failure));
      else if (!(failure instanceof Stop)) throw failure;
      return undefined;
    }
  }

  #has(error: RingfenceErrorName): boolean {
    return this.refusals.some((refusal) => refusal.error === error);
  }
}
