/** What a transaction asks a block for beside compute units. */
import type { Address, Instruction } from '@solana/kit';
import { RINGFENCE_PROGRAM_ADDRESS } from './generated/index.js';

/** Programs whose size is known: together they fit {@link LOADED_DATA_LIMIT}. */
const KNOWN: ReadonlySet<Address> = new Set([
  RINGFENCE_PROGRAM_ADDRESS,
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA' as Address,
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb' as Address,
  'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL' as Address,
  '11111111111111111111111111111111' as Address,
  'ComputeBudget111111111111111111111111111111' as Address,
]);

/**
 * Bytes of account data that a transaction may load, bytecode included. Without a limit it counts as 64 MiB, which takes
 * 16,384 units of a block, more than increasing a position does; this takes 1,024. The program may grow by half before
 * it is too little. As `compute::LOADED_DATA_LIMIT` of the Rust client.
 */
export const LOADED_DATA_LIMIT = 4 * 1024 * 1024;

/**
 * The limit of loaded data to set for these instructions (`SetLoadedAccountsDataSizeLimit` of the compute budget
 * program); undefined where one of them is of a program whose size is not known here.
 */
export function loadedDataLimit(instructions: readonly Instruction[]): number | undefined {
  return instructions.every(({ programAddress }) => KNOWN.has(programAddress)) ? LOADED_DATA_LIMIT : undefined;
}
