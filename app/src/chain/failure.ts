import type { Signature } from '@solana/kit';
import { errorFromTransactionError } from '@ringfence/client';
import { UserFacingError, type PageProblem } from '../state/intent';

const problem = (
  error: PageProblem,
  title: string,
  message: string,
  extra: { signature?: Signature; cause?: unknown } = {},
): UserFacingError => new UserFacingError(title, message, { error, ...extra });

/** Everything that an error carries in words: its own, its causes', its logs. */
function words(value: unknown, depth = 0): string {
  if (depth > 6 || value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (value instanceof Error) {
    const context = 'context' in value ? words(value.context, depth + 1) : '';
    return `${value.name} ${value.message} ${context} ${words(value.cause, depth + 1)}`;
  }
  if (typeof value !== 'object') return '';
  return Object.entries(value)
    .map(([key, inner]) => `${key} ${words(inner, depth + 1)}`)
    .join(' ');
}

/**
 * What went wrong with a transaction, for people. `failure` is what a simulation, an RPC or a wallet threw or returned;
 * `logs` are the transaction's, where there are any.
 */
export function explainFailure(failure: unknown, logs: readonly string[] = []): UserFacingError {
  if (failure instanceof UserFacingError) return failure;
  const program = errorFromTransactionError({ error: failure, logs });
  if (program)
    return new UserFacingError('Refused by the program', program.message, { error: program.name, cause: failure });
  const text = `${words(failure)} ${logs.join(' ')}`;
  const cause = { cause: failure };
  if (/user reject|reject(ed)? (by|the)|denied|declin|cancell?ed by/i.test(text)) {
    return problem('UserRejected', 'Not signed', 'The wallet has refused to sign: nothing was sent.', cause);
  }
  if (
    /insufficient lamports|InsufficientFundsForRent|InsufficientFundsForFee|debit an account but found no record|^ ?AccountNotFound/i.test(
      text,
    )
  ) {
    const message =
      'This wallet has too little SOL for the network fee and the rent of the accounts: send it some. Rent comes back when they are closed.';
    return problem('InsufficientSol', 'Not enough SOL', message, cause);
  }
  if (/insufficient funds/i.test(text)) {
    const message = 'The wallet holds less collateral than that: use a smaller amount, or deposit more.';
    return problem('InsufficientCollateral', 'Not enough collateral', message, cause);
  }
  if (/AccountNotInitialized|AccountNotFound|invalid account data|could not find account/i.test(text)) {
    const message =
      'An account that this needs does not exist, most likely the token account of the collateral: deposit some first.';
    return problem('MissingTokenAccount', 'An account is missing', message, cause);
  }
  if (/BlockhashNotFound|block height exceeded|blockhash not found/i.test(text)) {
    const message = 'It was not included in time, and can no longer be. Nothing has changed: try again.';
    return problem('BlockhashExpired', 'Expired', message, cause);
  }
  if (/fetch failed|failed to fetch|network ?error|load failed|HTTP error|timed? ?out|aborted|8100002/i.test(text)) {
    const message = 'The RPC does not answer. Nothing was sent: try again once the connection is back.';
    return problem('RpcUnreachable', 'No connection', message, cause);
  }
  const message =
    failure instanceof Error && failure.message ? failure.message : 'For a reason that the page does not know.';
  return problem('Unknown', 'Failed', message, cause);
}

/** Sent, and not heard of until its blockhash was surely too old, or the RPC did not answer that long. */
export const outcomeUnknown = (signature: Signature): UserFacingError =>
  problem(
    'OutcomeUnknown',
    'Outcome unknown',
    'It was sent, but whether it was executed cannot be seen now. Do not repeat it before you have looked at your positions, or for this signature in an explorer.',
    { signature },
  );
