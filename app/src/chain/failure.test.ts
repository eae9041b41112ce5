import { describe, expect, it } from 'vitest';
import { UserFacingError } from '../state/intent';
import { explainFailure, outcomeUnknown } from './failure';

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
    ['UserRejected', new Error('User rejected the request.')],
    ['InsufficientSol', { InsufficientFundsForRent: { account_index: 0 } }],
    ['InsufficientSol', new Error('Attempt to debit an account but found no record of a prior credit.')],
    ['BlockhashExpired', 'BlockhashNotFound'],
    ['RpcUnreachable', new TypeError('Failed to fetch')],
    ['RpcUnreachable', new DOMException('signal timed out', 'TimeoutError')],
    ['Unknown', new Error('something else')],
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

  it('leaves what has been explained as it is', () => {
    const known = new UserFacingError('a', 'b', { error: 'NotFound' });
    expect(explainFailure(known)).toBe(known);
  });

  it('keeps the signature of a transaction whose outcome is unknown', () => {
    expect(outcomeUnknown('abc' as never)).toMatchObject({ error: 'OutcomeUnknown', signature: 'abc' });
  });
});
