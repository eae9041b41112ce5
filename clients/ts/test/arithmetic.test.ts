/** Everything in src that has no account in it, against `ringfence-math`. */
import { describe } from 'vitest';
import {
  accruedCharges,
  advanceBorrow,
  advanceFunding,
  amountForShares,
  blendBorrowIndex,
  blendFundingIndex,
  borrowOwed,
  borrowRate,
  clampConfidence,
  confidenceEdgeHigh,
  confidenceEdgeLow,
  fillPrice,
  fundingOwed,
  notionalCeil,
  notionalFloor,
  poolValueAt,
  settle,
  sharesForDeposit,
  splitFee,
  utilisation,
  PPM,
  type TradeDirection,
} from '../src/index.js';
import { agrees, load, outcome, type Given } from './vectors.js';

const groups = load('arithmetic');

const borrowInput = (given: Given) => ({
  params: { basePpm: given.big(), kinkPpm: given.big(), slope1Ppm: given.big(), slope2Ppm: given.big() },
  reserved: given.big(),
  liquidity: given.big(),
});

describe('arithmetic', () => {
  agrees(groups, 'notional', (given) => {
    const [size, price, scale] = [given.big(), given.big(), given.big()];
    return [
      ...outcome(() => [notionalFloor(size, price, scale)]),
      ...outcome(() => [notionalCeil(size, price, scale)]),
    ];
  });

  agrees(groups, 'fillPrice', (given) => {
    const input = {
      index: given.big(),
      confidence: given.big(),
      direction: given.text() as TradeDirection,
      size: given.big(),
      skew: given.big(),
      skewScale: given.big(),
    };
    return outcome(() => [fillPrice(input)]);
  });

  agrees(groups, 'edges', (given) => {
    const [index, confidence, max] = [given.big(), given.big(), given.big()];
    return outcome(() => [
      confidenceEdgeLow(index, confidence),
      confidenceEdgeHigh(index, confidence),
      clampConfidence(index, confidence, max),
    ]);
  });

  agrees(groups, 'splitFee', (given) => {
    const [fee, insurance, protocol, referrer] = [given.big(), given.big(), given.big(), given.big()];
    return outcome(() => {
      const split = splitFee(fee, { insurance, protocol, referrer });
      return [split.liquidity, split.insurance, split.protocol, split.referrer];
    });
  });

  agrees(groups, 'settle', (given) => {
    const [margin, gain, fee] = [given.big(), given.big(), given.big()];
    return outcome(() => {
      const to = settle(margin, gain, fee);
      return [to.gainPaid, to.lossPaid, to.feePaid, to.feeForgiven, to.badDebt, to.marginAfter];
    });
  });

  agrees(groups, 'advanceFunding', (given) => {
    const state = { rate: given.big(), index: given.big() };
    const params = { skewScale: given.big(), maxVelocityPpm: given.big(), maxRatePpm: given.big() };
    const [skew, price, seconds, scale] = [given.big(), given.big(), given.big(), given.big()];
    return outcome(() => {
      const { rate, index } = advanceFunding(state, params, skew, price, seconds, scale);
      return [rate, index];
    });
  });

  agrees(groups, 'fundingOwed', (given) => {
    const [side, size, now, entry] = [given.int(), given.big(), given.big(), given.big()];
    return outcome(() => [fundingOwed(side, size, now, entry)]);
  });

  agrees(groups, 'blendFunding', (given) => {
    const [side, now, entry, before, after] = [given.int(), given.big(), given.big(), given.big(), given.big()];
    return outcome(() => [blendFundingIndex(side, now, entry, before, after)]);
  });

  agrees(groups, 'borrowRate', (given) => {
    const { params, reserved, liquidity } = borrowInput(given);
    return [
      ...outcome(() => [utilisation(reserved, liquidity)]),
      ...outcome(() => [utilisation(reserved, liquidity, PPM)]),
      ...outcome(() => [borrowRate(params, reserved, liquidity)]),
    ];
  });

  agrees(groups, 'advanceBorrow', (given) => {
    const index = given.big();
    const { params, reserved, liquidity } = borrowInput(given);
    const seconds = given.big();
    return outcome(() => [advanceBorrow(index, params, reserved, liquidity, seconds)]);
  });

  agrees(groups, 'borrowOwed', (given) => {
    const [reserve, now, entry] = [given.big(), given.big(), given.big()];
    return outcome(() => [borrowOwed(reserve, now, entry)]);
  });

  agrees(groups, 'blendBorrow', (given) => {
    const [now, entry, before, after] = [given.big(), given.big(), given.big(), given.big()];
    return outcome(() => [blendBorrowIndex(now, entry, before, after)]);
  });

  agrees(groups, 'poolValue', (given) => {
    const [liquidity, reserved] = [given.big(), given.big()];
    const long = { openInterest: given.big(), entryNotional: given.big() };
    const short = { openInterest: given.big(), entryNotional: given.big() };
    const sheet = { liquidity, reserved, long, short, low: given.big(), high: given.big() };
    const scale = given.big();
    return [
      ...outcome(() => [poolValueAt(sheet, 'deposit', scale)]),
      ...outcome(() => [poolValueAt(sheet, 'withdraw', scale)]),
    ];
  });

  agrees(groups, 'accruedCharges', (given) => {
    const fundingIndex = given.big();
    const long = { openInterest: given.big(), fundingBasis: given.big() };
    const short = { openInterest: given.big(), fundingBasis: given.big() };
    const [borrowIndex, reserved, borrowBasis] = [given.big(), given.big(), given.big()];
    return outcome(() => [accruedCharges({ fundingIndex, long, short, borrowIndex, reserved, borrowBasis })]);
  });

  agrees(groups, 'shares', (given) => {
    const [amount, value, supply] = [given.big(), given.big(), given.big()];
    return [
      ...outcome(() => [sharesForDeposit(amount, value, supply)]),
      ...outcome(() => [amountForShares(amount, value, supply)]),
    ];
  });
});
