/** Price accounts and their judgement, against what the program and its client read. */
import { address, type Address } from '@solana/kit';
import { describe } from 'vitest';
import {
  OracleKind,
  RingfenceClientError,
  decodeOracle,
  priceValidity,
  type Market,
  type OracleAction,
} from '../src/index.js';
import { agrees, bytes, load, type Given } from './vectors.js';

const groups = load('oracle');
const FEED = new Uint8Array(32).fill(9);

const decode = (kind: OracleKind) => (given: Given) => {
  const [length, hex] = [given.int(), given.text()];
  const [pinned, at, owner] = [given.text(), given.text(), given.text()].map((key) => address(key)) as [
    Address,
    Address,
    Address,
  ];
  const market = { oracle: { feedId: FEED, account: pinned, kind } } as unknown as Market;
  try {
    const reading = decodeOracle(market, bytes(hex, length), { address: at, owner });
    const { price, confidence, ema, publishTime, previousPublishTime, slot } = reading;
    return [price, confidence, ema, publishTime, previousPublishTime, slot].map(String);
  } catch (failure) {
    if (failure instanceof RingfenceClientError) return [`!${failure.error}`];
    throw failure;
  }
};

describe('oracle', () => {
  agrees(groups, 'pull', decode(OracleKind.PythPull));
  agrees(groups, 'push', decode(OracleKind.PythPush));

  agrees(groups, 'validity', (given) => {
    const oracle = {
      maxAgeOpen: given.int(),
      maxAgeReduce: given.int(),
      maxAgeLiquidate: given.int(),
      maxConfidenceOpenPpm: given.int(),
      maxConfidencePpm: given.int(),
      maxConfidenceLiquidatePpm: given.int(),
      maxDivergencePpm: given.int(),
    };
    const [price, confidence, ema, publishTime, slot] = [1, 2, 3, 4, 5].map(given.big) as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    const reading = { price, confidence, ema, publishTime, previousPublishTime: 0n, slot };
    const market = { oracle, accepted: { publishTime: given.big() } } as unknown as Market;
    const [now, restart] = [given.big(), given.big()];
    const actions: OracleAction[] = ['AddRisk', 'ReduceByOrder', 'ReduceRisk', 'Liquidate'];
    const judged = actions.map((action) => priceValidity(market, reading, now, action, restart));
    const [strictest] = judged;
    return [
      String(strictest?.validity),
      strictest?.error ?? '-',
      ...judged.map(({ accepted, error }) => String(accepted && error === undefined)),
    ];
  });
});
