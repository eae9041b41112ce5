/** The program's errors, found in whatever shape a failure comes in. */
import { RINGFENCE_ERRORS, type RingfenceErrorName } from './generated/index.js';
import type { MathError } from './integers.js';

export type { RingfenceErrorName };

/** An error of the program. */
export interface ProgramError {
  /** Its name in the IDL. */
  name: RingfenceErrorName;
  /** Its number in a failed transaction, from 6000. */
  code: number;
  /** What is wrong, and what to do. */
  message: string;
}

/** Why the program would refuse something. */
export interface Refusal {
  error: RingfenceErrorName;
  /** What is wrong, and what to do. */
  message: string;
  /** Both sides of the comparison that failed, in the unit of what is compared. */
  detail?: { found: bigint; limit: bigint };
}

const FIRST_CODE = 6_000;
const BY_NAME = new Map<string, ProgramError>(RINGFENCE_ERRORS.map((error) => [error.name, error]));

/** Thrown where the client itself finds what the program would refuse. */
export class RingfenceClientError extends Error {
  override readonly name = 'RingfenceClientError';
  /** The program's error. */
  readonly error: RingfenceErrorName;

  constructor(error: RingfenceErrorName) {
    super(errorByName(error).message);
    this.error = error;
  }
}

/** The error of a name. */
export function errorByName(name: RingfenceErrorName): ProgramError {
  return BY_NAME.get(name) as ProgramError;
}

/** The error of a custom error code; undefined where it is Anchor's or another program's. */
export function errorFromCode(code: number | bigint): ProgramError | undefined {
  return RINGFENCE_ERRORS[Number(code) - FIRST_CODE];
}

/** The program's name for a failure of the arithmetic. */
export function errorOfMath(error: MathError): RingfenceErrorName {
  return error.kind === 'Overflow' ? 'MathOverflow' : 'InvalidMathParameter';
}

/**
 * The program's error in a failed transaction: in an RPC's `err`, in its logs,
 * or in an error thrown by Kit or by Anchor, however deep. Undefined where the
 * failure is not the program's.
 */
export function errorFromTransactionError(failure: unknown): ProgramError | undefined {
  return search(failure, new Set());
}

function search(value: unknown, seen: Set<unknown>): ProgramError | undefined {
  if (typeof value === 'string') return errorFromLog(value);
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  if (Array.isArray(value)) return firstFound(value, seen);
  const fields = value as Record<string, unknown>;
  const custom = fields['Custom'] ?? (fields['context'] as Record<string, unknown> | undefined)?.['code'];
  if (typeof custom === 'number' || typeof custom === 'bigint') {
    const found = errorFromCode(custom);
    if (found) return found;
  }
  const nested = [
    'InstructionError',
    'err',
    'error',
    'context',
    'cause',
    'data',
    'value',
    'meta',
    'logs',
    'logMessages',
    'message',
  ];
  return firstFound(
    nested.map((name) => fields[name]),
    seen,
  );
}

function firstFound(values: unknown[], seen: Set<unknown>): ProgramError | undefined {
  for (const value of values) {
    const found = search(value, seen);
    if (found) return found;
  }
  return undefined;
}

function errorFromLog(line: string): ProgramError | undefined {
  const decimal = /Error Number: (\d+)/.exec(line)?.[1];
  const hexadecimal = /custom program error: (0x[0-9a-f]+)/i.exec(line)?.[1] ?? /"Custom":\s*(\d+)/.exec(line)?.[1];
  const code = decimal ?? hexadecimal;
  return code === undefined ? undefined : errorFromCode(Number(code));
}
