/** The limit of loaded data, which Rust and TypeScript set alike. */
import { readFileSync } from 'node:fs';
import type { Address } from '@solana/kit';
import { describe, expect, test } from 'vitest';
import { LOADED_DATA_LIMIT, RINGFENCE_PROGRAM_ADDRESS, loadedDataLimit } from '../src/index.js';

const of = (programAddress: string) => ({ programAddress: programAddress as Address });
const TOKEN = of('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');

describe('loadedDataLimit', () => {
  test('is 4 MiB where every program is known', () => {
    expect(loadedDataLimit([of(RINGFENCE_PROGRAM_ADDRESS), TOKEN])).toBe(4_194_304);
  });

  test('is none where one of them is not', () => {
    expect(loadedDataLimit([TOKEN, of('rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ')])).toBeUndefined();
  });

  test('is what the Rust client sets', () => {
    const rust = readFileSync(new URL('../../../crates/ringfence-client/src/compute.rs', import.meta.url), 'utf8');
    const factors = /LOADED_DATA_LIMIT: u32 = ([\d *]+);/.exec(rust)?.[1]?.split('*').map(Number);
    expect(factors?.reduce((product, factor) => product * factor)).toBe(LOADED_DATA_LIMIT);
  });
});
