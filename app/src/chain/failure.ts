import {
  isSolanaError,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
  SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR,
  SOLANA_ERROR__TRANSACTION_ERROR__ACCOUNT_NOT_FOUND,
  SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED,
  SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND,
  SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_FEE,
  SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_RENT,
  type Signature,
} from '@solana/kit';
import { errorFromTransactionError } from '@ringfence/client';
import { UserFacingError, type PageProblem } from '../state/intent';

const EXPLANATIONS = {
  UserRejected: ['Not signed', 'The wallet has refused to sign: nothing was sent.'],
  InsufficientSol: [
    'Not enough SOL',
    'This wallet has too little SOL for the network fee and the rent of the accounts: send it some. Rent comes back when they are closed.',
  ],
  InsufficientCollateral: [
    'Not enough collateral',
    'The wallet holds less collateral than that: use a smaller amount, or deposit more.',
  ],
  MissingTokenAccount: [
    'An account is missing',
    'An account that this needs does not exist, most likely the token account of the collateral: deposit some first.',
  ],
  BlockhashExpired: ['Expired', 'It was not included in time, and can no longer be. Nothing has changed: try again.'],
  RpcUnreachable: ['No connection', 'The RPC does not answer: try again once the connection is back.'],
} as const satisfies Partial<Record<PageProblem, readonly [string, string]>>;

type Explained = keyof typeof EXPLANATIONS;

function explained(error: Explained, cause: unknown): UserFacingError {
  const [title, message] = EXPLANATIONS[error];
  return new UserFacingError(title, message, { error, cause });
}

/** An error and its causes, outermost first. */
function chainOf(failure: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let one = failure; one !== undefined && one !== null && chain.length < 8;) {
    chain.push(one);
    one = one instanceof Error ? one.cause : undefined;
  }
  return chain;
}

/** In a built page Kit's errors carry numbers and no words. */
const CODES: readonly [Parameters<typeof isSolanaError>[1], Explained][] = [
  [SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND, 'BlockhashExpired'],
  [SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_FEE, 'InsufficientSol'],
  [SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_RENT, 'InsufficientSol'],
  // Of the accounts of a transaction only the payer must exist: it has no SOL.
  [SOLANA_ERROR__TRANSACTION_ERROR__ACCOUNT_NOT_FOUND, 'InsufficientSol'],
  [SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR, 'RpcUnreachable'],
];

/** What a simulation or a status calls a failure of the transaction itself. */
const NAMES: Readonly<Record<string, Explained>> = {
  BlockhashNotFound: 'BlockhashExpired',
  InsufficientFundsForFee: 'InsufficientSol',
  InsufficientFundsForRent: 'InsufficientSol',
  AccountNotFound: 'InsufficientSol',
};

/** What programs write into the logs, and browsers into their errors. The order matters: lamports are funds too. */
const WORDS: readonly [RegExp, Explained][] = [
  [/insufficient lamports|debit an account but found no record/i, 'InsufficientSol'],
  [/insufficient funds/i, 'InsufficientCollateral'],
  [/AccountNotInitialized|invalid account data|could not find account/i, 'MissingTokenAccount'],
  [/block height exceeded/i, 'BlockhashExpired'],
  [/fetch failed|failed to fetch|network ?error|load failed|timed? ?out|aborted/i, 'RpcUnreachable'],
];

function kindOf(failure: unknown, logs: readonly string[]): Explained | undefined {
  const chain = chainOf(failure);
  for (const one of chain) {
    const known = CODES.find(([code]) => isSolanaError(one, code));
    if (known) return known[1];
    const names = typeof one === 'string' ? [one] : typeof one === 'object' && one !== null ? Object.keys(one) : [];
    const named = names.map((name) => NAMES[name]).find((kind) => kind !== undefined);
    if (named) return named;
  }
  const errors = chain.filter((one): one is Error => one instanceof Error);
  const text = [...logs, ...logsOf(chain), ...errors.map(({ name, message }) => `${name} ${message}`)].join('\n');
  return WORDS.find(([pattern]) => pattern.test(text))?.[1];
}

/** The logs of a refused preflight. */
function logsOf(chain: readonly unknown[]): string[] {
  return chain.flatMap((one) => {
    const context = typeof one === 'object' && one !== null && 'context' in one ? one.context : undefined;
    const logs = typeof context === 'object' && context !== null && 'logs' in context ? context.logs : undefined;
    return Array.isArray(logs) ? logs.map(String) : [];
  });
}

/**
 * What went wrong with a transaction, for people. `failure` is what a simulation or a status returned, or what the RPC
 * threw; `logs` are the transaction's, where there are any.
 */
export function explainFailure(failure: unknown, logs: readonly string[] = []): UserFacingError {
  if (failure instanceof UserFacingError) return failure;
  const program = errorFromTransactionError({ error: failure, logs });
  if (program) {
    return new UserFacingError('Refused by the program', program.message, { error: program.name, cause: failure });
  }
  const kind = kindOf(failure, logs);
  if (kind) return explained(kind, failure);
  const message =
    failure instanceof Error && failure.message ? failure.message : 'For a reason that the page does not know.';
  return new UserFacingError('Failed', message, { error: 'Unknown', cause: failure });
}

const USER_REJECTED = 4_001;

/** What a wallet threw when it was asked to sign. */
export function explainWallet(reason: unknown): UserFacingError {
  const code = typeof reason === 'object' && reason !== null && 'code' in reason ? reason.code : undefined;
  const message = reason instanceof Error ? reason.message : String(reason);
  if (code === USER_REJECTED || /^(the )?user (has )?(rejected|denied|declined|cancell?ed)/i.test(message)) {
    return explained('UserRejected', reason);
  }
  return new UserFacingError('Not signed', `The wallet has not signed: ${message}`, {
    error: 'WalletProblem',
    cause: reason,
  });
}

/** Whether the RPC has refused a transaction in its preflight, so that it surely went nowhere. */
export function wasRefusedBeforeSending(reason: unknown): boolean {
  const chain = chainOf(reason);
  if (chain.some((one) => isSolanaError(one, SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED))) return false;
  return chain.some((one) =>
    isSolanaError(one, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE),
  );
}

/** It may have been sent, and nothing was heard of it for as long as it could be executed, or longer. */
export function outcomeUnknown(signature: Signature | undefined, cause?: unknown): UserFacingError {
  const where = signature
    ? 'look at your positions, or for its signature in an explorer'
    : 'look at your positions and your wallet';
  return new UserFacingError(
    'Outcome unknown',
    `It may have been sent, but whether it was executed cannot be seen now. Before you repeat it, ${where}.`,
    { error: 'OutcomeUnknown', ...(signature && { signature }), ...(cause !== undefined && { cause }) },
  );
}
