import {
  getCompiledTransactionMessageDecoder,
  type Address,
  type Blockhash,
  type CompiledTransactionMessage,
} from '@solana/kit';
import { RINGFENCE_PROGRAM_ADDRESS } from '@ringfence/client';
import { describe, expect, it } from 'vitest';
import { compile } from './compile';

const PAYER = 'SysvarRent111111111111111111111111111111111' as Address;
const LIFETIME = { blockhash: '11111111111111111111111111111111' as Blockhash, lastValidBlockHeight: 0n };

/** Data of each instruction of a transaction of this program's, with 67,450 units at 7 micro-lamports. */
function compiled(program: string) {
  const instruction = { programAddress: program as Address, data: Uint8Array.of(99) };
  const { messageBytes } = compile([instruction], PAYER, LIFETIME, { units: 67_450, unitPrice: 7n });
  const message = getCompiledTransactionMessageDecoder().decode(messageBytes) as CompiledTransactionMessage & {
    instructions: readonly { data?: Iterable<number> }[];
  };
  return message.instructions.map(({ data }) => [...(data ?? [])]);
}

describe('compile', () => {
  it('puts the limits of units and of loaded data and the price first', () => {
    // 67,450 = 0x1077A; 4 MiB = 0x400000.
    expect(compiled(RINGFENCE_PROGRAM_ADDRESS)).toEqual([
      [2, 0x7a, 0x07, 1, 0],
      [4, 0, 0, 0x40, 0],
      [3, 7, 0, 0, 0, 0, 0, 0, 0],
      [99],
    ]);
  });

  it('does not limit what a program of unknown size loads', () => {
    expect(compiled('SysvarC1ock11111111111111111111111111111111').map(([tag]) => tag)).toEqual([2, 3, 99]);
  });
});
