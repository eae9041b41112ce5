export interface BackoffOptions {
  firstMs: number;
  maxMs: number;
  /** 0 to 1; a test gives its own. */
  random?: () => number;
}

/** Waits that double, between half and the whole of each, so that a thousand pages do not come back in one moment. */
export class Backoff {
  private failures = 0;

  constructor(private readonly options: BackoffOptions) {}

  next(): number {
    const whole = Math.min(this.options.maxMs, this.options.firstMs * 2 ** this.failures);
    this.failures += 1;
    return whole / 2 + (whole / 2) * (this.options.random ?? Math.random)();
  }

  reset(): void {
    this.failures = 0;
  }
}
