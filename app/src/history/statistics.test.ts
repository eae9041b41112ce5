import { address, type Signature } from '@solana/kit';
import { OrderKind, Side, type RingfenceEvent } from '@ringfence/client';
import { describe, expect, it } from 'vitest';
import { entriesOf, positionsOf, type DecodedTransaction } from './entries';
import { statisticsOf } from './statistics';

const OWNER = address('WhFrWgx5R4yif8XNPDToC1UGpQG3KJHhsFEKGnkoxXk');
const STRANGER = address('3aZmE58FKR63A3qNB2fWq92LKUbQx7rxLyUBb3HsjfcP');
const MARKET = address('AbrMb7LAfe7dvSYAMCUKGmPEeCdw68VhwFeDSvToHBsF');
const POSITION = address('BSwy8rUDqQZqFivAkxnG7XqY6VhnVnMyuLSixZkaNd3i');
const OTHER = address('9N7zGSBkgacDBvkq75p7gzgNLamLSyyHsPwuy52qFFYr');
/** Nine decimals of size, ten of price, six of quote: 10^13. */
const DIVISOR = 10_000_000_000_000n;
const SOL = 1_000_000_000n;
const USD = 1_000_000n;
const at = (whole: bigint) => whole * 10_000_000_000n;

const event = (name: string, data: object) =>
  ({ name, data: { market: MARKET, ...data } }) as unknown as RingfenceEvent;

const transaction = (number: number, ...events: RingfenceEvent[]): DecodedTransaction => ({
  signature: `signature${number}` as Signature,
  slot: BigInt(number),
  time: BigInt(number * 100),
  events,
});

/** 10 SOL bought at 150, 4 sold at 160, 6 liquidated at 130, the rest taken out. */
const LIFE = [
  transaction(
    1,
    event('PositionOpened', {
      position: POSITION,
      owner: OWNER,
      side: Side.Long,
      size: 10n * SOL,
      fillPrice: at(150n),
      deposit: 200n * USD,
      fee: 750_000n,
    }),
  ),
  transaction(2, event('MarginAdded', { position: POSITION, amount: 50n * USD })),
  transaction(
    3,
    event('PositionDecreased', {
      position: POSITION,
      size: 4n * SOL,
      fillPrice: at(160n),
      funding: -2n * USD,
      borrow: USD,
      gain: 37n * USD,
      loss: 0n,
      fee: 320_000n,
      badDebt: 0n,
    }),
  ),
  transaction(
    4,
    event('PositionLiquidated', {
      position: POSITION,
      owner: OWNER,
      size: 6n * SOL,
      settledAt: at(130n),
      notional: 780n * USD,
      funding: USD,
      borrow: 2n * USD,
      gain: 0n,
      loss: 121n * USD,
      keeperFromVault: 4n * USD,
      keeperFromInsurance: USD,
      insuranceFee: 3n * USD,
      badDebt: 0n,
    }),
    event('PositionLiquidated', { position: OTHER, owner: STRANGER, size: SOL }),
  ),
  transaction(5, event('PositionClosed', { position: POSITION, owner: OWNER, payout: 158n * USD })),
];

const known = {
  sides: new Map(),
  divisors: new Map([[MARKET, DIVISOR]]),
};

describe('history', () => {
  it('knows the positions and their sides from the openings', () => {
    expect(LIFE.flatMap(({ events }) => positionsOf(events, OWNER))).toEqual([POSITION]);
    expect(entriesOf(LIFE, OWNER, new Set([POSITION]), known).every(({ side }) => side === 'long')).toBe(true);
  });

  it('lists what concerns the owner, newest first, charges as paid', () => {
    const entries = entriesOf(LIFE, OWNER, new Set([POSITION]), known);
    expect(entries.map((entry) => entry.event)).toEqual([
      'PositionClosed',
      'PositionLiquidated',
      'PositionDecreased',
      'MarginAdded',
      'PositionOpened',
    ]);
    // 4 SOL at 160; funding of −2 in the event was owed by the position.
    expect(entries[2]).toMatchObject({ notional: 640n * USD, funding: 2n * USD, borrow: USD, realisedPnl: 37n * USD });
    // What the insurance has paid the keeper is not the owner's cost.
    expect(entries[1]).toMatchObject({ fee: 7n * USD, funding: -USD, realisedPnl: -121n * USD });
  });

  it('sums a position up', () => {
    const sums = statisticsOf(entriesOf(LIFE, OWNER, new Set([POSITION]), known), () => 0n);
    expect(sums.size).toBe(1);
    expect(sums.get('signature1:0')).toEqual({
      id: 'signature1:0',
      partial: false,
      position: POSITION,
      market: MARKET,
      side: 'long',
      firstAt: 100n,
      lastAt: 500n,
      trades: 2,
      liquidations: 1,
      volume: (1_500n + 640n + 780n) * USD,
      fees: 750_000n + 320_000n + 7n * USD,
      funding: USD,
      borrow: 3n * USD,
      realisedPnl: -84n * USD,
      netPnl: -84n * USD - 8_070_000n,
      deposited: 250n * USD,
      withdrawn: 158n * USD,
      closed: true,
    });
  });

  it('keeps the lives of an address apart: a short after a long', () => {
    const opening = event('PositionOpened', {
      position: POSITION,
      owner: OWNER,
      side: Side.Short,
      size: SOL,
      fillPrice: at(100n),
      deposit: 10n * USD,
      fee: 50_000n,
    });
    // Loaded in any order, as pages of several accounts are.
    const entries = entriesOf([transaction(6, opening), ...LIFE], OWNER, new Set([POSITION]), {
      ...known,
      sides: new Map([[POSITION, 'short']]),
    });
    expect(entries.map(({ side }) => side)).toEqual(['short', 'long', 'long', 'long', 'long', 'long']);
    const [latest, first] = [...statisticsOf(entries, () => 0n).values()];
    expect(latest).toMatchObject({ side: 'short', closed: false, trades: 1, volume: 100n * USD, fees: 50_000n });
    expect(first).toMatchObject({ side: 'long', closed: true, trades: 2 });
  });

  it('says where older events have not been read', () => {
    const positions = new Set([POSITION]);
    const later = entriesOf(LIFE.slice(1), OWNER, positions, { ...known, sides: new Map([[POSITION, 'long']]) });
    expect(later.every(({ side }) => side === 'long')).toBe(true);
    expect([...statisticsOf(later, () => 0n).values()]).toMatchObject([{ partial: true }]);
    const all = entriesOf(LIFE, OWNER, positions, known);
    expect([...statisticsOf(all, () => 3n).values()]).toMatchObject([{ partial: true }]);
  });

  it('tells the kind of an order from its placing, and counts its reward as a cost', () => {
    const order = OTHER;
    const orders = [
      transaction(
        7,
        event('OrderPlaced', {
          position: POSITION,
          order,
          terms: { kind: OrderKind.StopLoss, size: 0n, triggerPrice: at(9n) },
        }),
      ),
      transaction(8, event('OrderCancelled', { position: POSITION, order, refund: 1n })),
      transaction(
        9,
        event('OrderExecuted', {
          position: POSITION,
          order,
          kind: OrderKind.TakeProfit,
          fillPrice: at(9n),
          reward: USD,
        }),
      ),
    ];
    const entries = entriesOf(orders, OWNER, new Set([POSITION]), known);
    expect(entries.map(({ orderKind }) => orderKind)).toEqual(['takeProfit', 'stopLoss', 'stopLoss']);
    expect(entries[0]?.fee).toBe(USD);
  });
});
