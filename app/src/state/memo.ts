/**
 * Makes a value again only when one of its inputs has changed, so that views keep their identity and rows that show
 * them need not be drawn again.
 */
export class Memo<K, V> {
  private readonly made = new Map<K, { inputs: readonly unknown[]; value: V }>();

  get(key: K, inputs: readonly unknown[], make: () => V): V {
    const known = this.made.get(key);
    if (
      known &&
      known.inputs.length === inputs.length &&
      known.inputs.every((input, place) => input === inputs[place])
    ) {
      return known.value;
    }
    const value = make();
    this.made.set(key, { inputs, value });
    return value;
  }

  /** What was made last, whatever its inputs. */
  last(key: K): V | undefined {
    return this.made.get(key)?.value;
  }

  keepOnly(keys: ReadonlySet<K>): void {
    for (const key of this.made.keys()) if (!keys.has(key)) this.made.delete(key);
  }
}

/** The former list where every element is the same. */
export function stable<T>(before: readonly T[] | undefined, after: T[]): T[] {
  if (before && before.length === after.length && after.every((item, place) => item === before[place])) {
    return before as T[];
  }
  return after;
}
