import { getBase64EncodedWireTransaction, type Address, type Blockhash, type Instruction } from '@solana/kit';
import type { TransactionCost } from '../state/views';
import { compile, MAX_UNITS, type Budget } from './compile';
import { explainFailure } from './failure';
import type { SolanaRpc } from './reader';

/** Prices move between simulation and execution, and with them the work. */
const UNIT_MARGIN_PERCENT = 120;
const UNIT_FLOOR = 20_000;
/** 0.001 SOL for half a million units; a fee market gone mad is not followed further. */
const MAX_UNIT_PRICE = 2_000_000n;
const LAMPORTS_PER_SIGNATURE = 5_000n;
/** The node replaces it; any will do. */
const ANY_BLOCKHASH = '11111111111111111111111111111111' as Blockhash;

export type Verdict = { budget: Budget; cost: TransactionCost };

const median = (sorted: readonly bigint[]): bigint => sorted[Math.floor(sorted.length / 2)] ?? 0n;

/** What was paid lately for the same accounts: the median of the slots that took anything. */
export function priorityPrice(recent: readonly { prioritizationFee: bigint }[]): bigint {
  const paid = recent
    .map(({ prioritizationFee }) => prioritizationFee)
    .filter((fee) => fee > 0n)
    .sort((a, b) => (a < b ? -1 : Number(a > b)));
  const price = median(paid);
  return price > MAX_UNIT_PRICE ? MAX_UNIT_PRICE : price;
}

export function costOf({ units, unitPrice }: Budget): TransactionCost {
  return {
    computeUnits: units,
    unitPrice,
    priorityFee: (BigInt(units) * unitPrice + 999_999n) / 1_000_000n,
    baseFee: LAMPORTS_PER_SIGNATURE,
  };
}

/** The program's own verdict: what it would cost, or a `UserFacingError` with what stands against it. */
export async function simulate(
  rpc: SolanaRpc,
  instructions: readonly Instruction[],
  payer: Address,
  abortSignal: AbortSignal,
): Promise<Verdict> {
  const lifetime = { blockhash: ANY_BLOCKHASH, lastValidBlockHeight: 0n };
  const transaction = compile(instructions, payer, lifetime, { units: MAX_UNITS, unitPrice: 0n });
  const writable = [
    ...new Set(
      instructions.flatMap(({ accounts }) =>
        (accounts ?? []).filter(({ role }) => role % 2 === 1).map((meta) => meta.address),
      ),
    ),
  ];
  const [simulation, recent] = await Promise.all([
    rpc
      .simulateTransaction(getBase64EncodedWireTransaction(transaction), {
        encoding: 'base64',
        commitment: 'confirmed',
        sigVerify: false,
        replaceRecentBlockhash: true,
      })
      .send({ abortSignal }),
    rpc
      .getRecentPrioritizationFees(writable.slice(0, 128))
      .send({ abortSignal })
      .catch(() => []),
  ]);
  const { err, logs, unitsConsumed } = simulation.value;
  if (err) throw explainFailure(err, logs ?? []);
  const used = Number(unitsConsumed ?? BigInt(MAX_UNITS));
  const units = Math.min(MAX_UNITS, Math.max(UNIT_FLOOR, Math.ceil((used * UNIT_MARGIN_PERCENT) / 100)));
  const budget = { units, unitPrice: priorityPrice(recent) };
  return { budget, cost: costOf(budget) };
}
