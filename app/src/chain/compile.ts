import {
  appendTransactionMessageInstructions,
  compileTransaction,
  createTransactionMessage,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
  type Address,
  type Blockhash,
  type Instruction,
} from '@solana/kit';
import { loadedDataLimit } from '@ringfence/client';
import {
  getSetComputeUnitLimitInstruction,
  getSetComputeUnitPriceInstruction,
  getSetLoadedAccountsDataSizeLimitInstruction,
} from '@solana-program/compute-budget';

export interface Lifetime {
  blockhash: Blockhash;
  lastValidBlockHeight: bigint;
}

export interface Budget {
  units: number;
  /** Micro-lamports for a unit. */
  unitPrice: bigint;
}

/** The most that a transaction may use: what simulations run with. */
export const MAX_UNITS = 1_400_000;

/** A version 0 transaction without signatures. */
export function compile(instructions: readonly Instruction[], payer: Address, lifetime: Lifetime, budget: Budget) {
  const price = budget.unitPrice > 0n ? [getSetComputeUnitPriceInstruction({ microLamports: budget.unitPrice })] : [];
  const bytes = loadedDataLimit(instructions);
  const loaded =
    bytes === undefined ? [] : [getSetLoadedAccountsDataSizeLimitInstruction({ accountDataSizeLimit: bytes })];
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (empty) => setTransactionMessageFeePayer(payer, empty),
    (paid) => setTransactionMessageLifetimeUsingBlockhash(lifetime, paid),
    (limited) =>
      appendTransactionMessageInstructions(
        [getSetComputeUnitLimitInstruction({ units: budget.units }), ...loaded, ...price, ...instructions],
        limited,
      ),
  );
  return compileTransaction(message);
}
