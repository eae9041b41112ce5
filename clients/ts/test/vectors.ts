/** The vectors that Rust wrote, and how a result of this client is written like theirs. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MathError } from '../src/index.js';

export type Row = readonly string[];

/** The groups of a file in clients/ts/vectors. */
export function load(file: string): Record<string, Row[]> {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}.json`, import.meta.url), 'utf8'));
}

/** Reads a case's texts one after the other. */
export class Given {
  #next = 0;

  constructor(private readonly row: Row) {}

  text(): string {
    const value = this.row[this.#next];
    this.#next += 1;
    if (value === undefined) throw new Error(`case has ${this.row.length} texts only`);
    return value;
  }

  big = () => BigInt(this.text());
  int = () => Number(this.text());
  flag = () => this.text() === 'true';
  rest = () => this.row.slice(this.#next);
}

/** What a computation gives, in texts; its error where it has one. */
export function outcome(compute: () => readonly unknown[]): string[] {
  try {
    return compute().map((value) => (value === null ? '-' : String(value)));
  } catch (failure) {
    if (failure instanceof MathError) return [`!${failure.kind}`];
    throw failure;
  }
}

/** Bytes of the hexadecimal text, with `length` of them, zeros at the end. */
export function bytes(hex: string, length = hex.length / 2): Uint8Array {
  const data = new Uint8Array(length);
  for (let at = 0; at < hex.length / 2; at += 1) data[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return data;
}

/** Every case of a group: what `compute` makes of its inputs is what Rust wrote after them. */
export function agrees(groups: Record<string, Row[]>, name: string, compute: (given: Given) => string[]): void {
  test(name, () => {
    const rows = groups[name] ?? [];
    expect(rows.length).toBeGreaterThan(0);
    rows.forEach((row, index) => {
      const given = new Given(row);
      const ours = compute(given);
      expect(ours, `${name}, case ${index}: ${row.join(' ')}`).toEqual(given.rest());
    });
  });
}
