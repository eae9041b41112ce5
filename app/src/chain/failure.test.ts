import { describe, expect, it } from 'vitest';
import { UserFacingError } from '../state/intent';
import {
  SolanaError,
  SOLANA_ERROR__JSON_RPC__INTERNAL_ERROR,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
  SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED,
  SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND,
  SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_RENT,
} from '@solana/kit';
import { explainFailure, explainWallet, outcomeUnknown, wasRefusedBeforeSending } from './failure';

const kindOf = (failure: unknown, logs?: string[]) => explainFailure(failure, logs).error;

describe('explainFailure', () => {
  it('names the program error and says what to do', () => {
    // 6039 is SlippageExceeded in the IDL.
    const failure = explainFailure({ InstructionError: [1, { Custom: 6039 }] });
    expect(failure.error).toBe('SlippageExceeded');
    expect(failure.message).toBe('Fill price is worse than acceptable_price: raise the tolerance or wait');
  });

  it('finds the program error in the logs', () => {
    const logs = [
      'Program log: AnchorError occurred. Error Code: BelowInitialMargin. Error Number: 6041. Error Message: x.',
    ];
    expect(kindOf({ InstructionError: [0, 'ProgramFailedToComplete'] }, logs)).toBe('BelowInitialMargin');
  });

  it.each([
    ['InsufficientSol', { InsufficientFundsForRent: { account_index: 0 } }],
    ['InsufficientSol', 'InsufficientFundsForFee'],
    ['InsufficientSol', 'AccountNotFound'],
    ['BlockhashExpired', 'BlockhashNotFound'],
    ['RpcUnreachable', new TypeError('Failed to fetch')],
    ['RpcUnreachable', new DOMException('signal timed out', 'TimeoutError')],
    ['Unknown', new Error('something else')],
    ['Unknown', new Error('Transaction rejected by the network')],
  ])('%s', (expected, failure) => {
    expect(kindOf(failure)).toBe(expected);
  });

  it('reads the token program from the logs', () => {
    const failure = { InstructionError: [2, { Custom: 1 }] };
    expect(kindOf(failure, ['Program log: Error: insufficient funds'])).toBe('InsufficientCollateral');
    expect(kindOf(failure, ['Transfer: insufficient lamports 5, need 6'])).toBe('InsufficientSol');
  });

  it('looks into the causes of an error', () => {
    expect(kindOf(new Error('outer', { cause: new TypeError('fetch failed') }))).toBe('RpcUnreachable');
  });

  it('knows the errors of a built page by their numbers', () => {
    const preflight = (cause: Error) =>
      new SolanaError(SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE, { cause } as never);
    const rent = new SolanaError(SOLANA_ERROR__TRANSACTION_ERROR__INSUFFICIENT_FUNDS_FOR_RENT, { accountIndex: 0 });
    const expired = new SolanaError(SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND);
    for (const error of [rent, expired]) error.message = 'Solana error';
    expect(kindOf(preflight(rent))).toBe('InsufficientSol');
    expect(kindOf(preflight(expired))).toBe('BlockhashExpired');
  });

  it('takes only a refused preflight for not sent', () => {
    const preflight = (cause: Error) =>
      new SolanaError(SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE, { cause } as never);
    const expired = new SolanaError(SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND);
    const done = new SolanaError(SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED);
    expect(wasRefusedBeforeSending(preflight(expired))).toBe(true);
    expect(wasRefusedBeforeSending(preflight(done))).toBe(false);
    const internal = new SolanaError(SOLANA_ERROR__JSON_RPC__INTERNAL_ERROR, { __serverMessage: 'x' });
    expect(wasRefusedBeforeSending(internal)).toBe(false);
    expect(wasRefusedBeforeSending(new TypeError('Failed to fetch'))).toBe(false);
  });

  it('tells a refusal of the user from other troubles of a wallet', () => {
    expect(explainWallet(new Error('User rejected the request.')).error).toBe('UserRejected');
    expect(explainWallet({ code: 4001, message: 'x' }).error).toBe('UserRejected');
    expect(explainWallet(new Error('Transaction rejected by the network')).error).toBe('WalletProblem');
  });

  it('leaves what has been explained as it is', () => {
    const known = new UserFacingError('a', 'b', { error: 'NotFound' });
    expect(explainFailure(known)).toBe(known);
  });

  it('keeps the signature of a transaction whose outcome is unknown', () => {
    expect(outcomeUnknown('abc' as never)).toMatchObject({ error: 'OutcomeUnknown', signature: 'abc' });
  });
});
