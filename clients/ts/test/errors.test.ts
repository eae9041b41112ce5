/** Where a failure is looked for. The codes are those of idl/ringfence.json. */
import { describe, expect, test } from 'vitest';
import { RINGFENCE_ERRORS, errorByName, errorFromCode, errorFromTransactionError } from '../src/index.js';

describe('errors', () => {
  test('codes count up from 6000 without a gap', () => {
    RINGFENCE_ERRORS.forEach(({ code, name }, index) => {
      expect(code).toBe(6_000 + index);
      expect(errorFromCode(code)?.name).toBe(name);
      expect(errorByName(name).code).toBe(code);
    });
    for (const code of [0, 1, 3_012, 5_999, 6_000 + RINGFENCE_ERRORS.length]) {
      expect(errorFromCode(code)).toBeUndefined();
    }
  });

  test.each([
    ['an RPC’s err', { InstructionError: [1, { Custom: 6_009 }] }],
    ['with a bigint', { InstructionError: [1n, { Custom: 6_009n }] }],
    ['a simulation', { value: { err: { InstructionError: [0, { Custom: 6_009 }] }, logs: [] } }],
    ['logs', ['Program log: hello', 'Program RF5i failed: custom program error: 0x1779']],
    ['Anchor’s log', ['Program log: AnchorError occurred. Error Code: WrongPositionVault. Error Number: 6009. Error']],
    ['an error with a cause', new Error('failed', { cause: { context: { code: 6_009 } } })],
    ['an error of Anchor’s client', { message: 'Simulation failed. custom program error: 0x1779.', logs: [] }],
    ['a preflight failure', { context: { logs: ['Program x failed: custom program error: 0x1779'] } }],
  ])('%s', (_, failure) => {
    expect(errorFromTransactionError(failure)).toMatchObject({ name: 'WrongPositionVault', code: 6_009 });
  });

  test.each([
    [null],
    [undefined],
    ['BlockhashNotFound'],
    [{ InstructionError: [0, 'MissingAccount'] }],
    [{ InstructionError: [0, { Custom: 1 }] }],
    [['Program failed: custom program error: 0x1']],
  ])('%s is not the program’s', (failure) => {
    expect(errorFromTransactionError(failure)).toBeUndefined();
  });

  test('what goes in a circle ends', () => {
    const failure: Record<string, unknown> = {};
    failure['cause'] = failure;
    expect(errorFromTransactionError(failure)).toBeUndefined();
  });
});
