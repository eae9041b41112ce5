/** Health, liquidation prices and liquidations, against `ringfence-math`. */
import { describe } from 'vitest';
import {
  bankruptcyPriceOf,
  entryNotionalShare,
  healthAt,
  isWorseThan,
  liquidationPriceOf,
  liquidationWaterfall,
  partialLiquidation,
  reserveShare,
} from '../src/index.js';
import { agrees, load, outcome, type Given } from './vectors.js';

const groups = load('positions');

const judged = (given: Given) => ({
  terms: {
    side: given.int(),
    size: given.big(),
    entryNotional: given.big(),
    margin: given.big(),
    funding: given.big(),
    borrow: given.big(),
    reserve: given.big(),
  },
  rates: {
    initialPpm: given.big(),
    maintenancePpm: given.big(),
    liquidationFeePpm: given.big(),
    minKeeperReward: given.big(),
  },
  scale: given.big(),
});

describe('positions', () => {
  agrees(groups, 'liquidationPrice', (given) => {
    const { terms, rates, scale } = judged(given);
    return [
      ...outcome(() => [liquidationPriceOf(terms, rates, scale)]),
      ...outcome(() => [bankruptcyPriceOf(terms, scale)]),
    ];
  });

  agrees(groups, 'health', (given) => {
    const { terms, rates, scale } = judged(given);
    const mark = given.big();
    return outcome(() => {
      const health = healthAt(terms, rates, mark, scale);
      return [
        health.notional,
        health.pnl,
        health.gain,
        health.equity,
        health.initial,
        health.maintenance,
        health.marginRatioPpm,
        health.leveragePpm,
        health.liquidatable,
      ];
    });
  });

  agrees(groups, 'partialLiquidation', (given) => {
    const { terms, rates, scale } = judged(given);
    const [mark, least] = [given.big(), given.big()];
    return outcome(() => {
      const plan = partialLiquidation(terms, rates, least, mark, scale);
      return [plan.closeSize, plan.closeNotional, plan.fee, plan.full];
    });
  });

  agrees(groups, 'isWorseThan', (given) => {
    const mine = { equity: given.big(), notional: given.big() };
    const other = { equity: given.big(), notional: given.big() };
    return outcome(() => [isWorseThan(mine, other)]);
  });

  agrees(groups, 'waterfall', (given) => {
    const inputs = {
      margin: given.big(),
      gain: given.big(),
      feeDue: given.big(),
      closingFee: given.big(),
      keeperSharePpm: given.big(),
      minKeeperReward: given.big(),
      insurance: given.big(),
    };
    return outcome(() => {
      const to = liquidationWaterfall(inputs);
      return [
        to.gainPaid,
        to.lossPaid,
        to.keeperFromVault,
        to.keeperFromInsurance,
        to.insuranceFee,
        to.badDebt,
        to.insuranceCover,
        to.poolAbsorbs,
        to.remainder,
      ];
    });
  });

  agrees(groups, 'shares', (given) => {
    const [side, whole, closed, size] = [given.int(), given.big(), given.big(), given.big()];
    return [
      ...outcome(() => [entryNotionalShare(side, whole, closed, size)]),
      ...outcome(() => [reserveShare(whole, closed, size)]),
    ];
  });
});
