import { address, type Instruction } from '@solana/kit';
import {
  getClosePositionInstructionDataDecoder,
  getOpenPositionInstructionDataDecoder,
  getPlaceOrderInstructionDataDecoder,
  OrderKind,
  positionAddress,
} from '@ringfence/client';
import { describe, expect, it } from 'vitest';
import { MARKETS, MINT, NOW, OWNER, orderFixture, price, quote, base } from '../state/fixtureAccounts';
import { CLUSTERS, fixtureMarkets, fixtureView } from '../state/fixtures';
import { ready, valueOf } from '../state/loadable';
import { orderView } from '../state/positionView';
import { initialView, type ViewState } from '../state/store';
import type { Intent } from '../state/intent';
import { planIntent } from './plan';

const view = (changes: Partial<ViewState> = {}): ViewState => ({
  ...initialView(CLUSTERS[0]!, CLUSTERS),
  ...fixtureView(),
  positions: ready([]),
  orders: ready([]),
  ...changes,
});

const nothing = async (addresses: readonly unknown[]) => addresses.map(() => false);

const plan = (intent: Intent, state = view(), exist = nothing) => planIntent(intent, state, OWNER, exist);

const placed = (instructions: readonly Instruction[]) =>
  instructions.slice(1).map(({ data }) => getPlaceOrderInstructionDataDecoder().decode(data!));

const OPEN = {
  kind: 'open',
  market: 0,
  side: 'long',
  size: base(1n),
  margin: quote(50n),
  slippagePpm: 5_000n,
} as const;

describe('open', () => {
  it('accepts what the tolerance allows, above the index for a long and below for a short', async () => {
    const worst = async (side: 'long' | 'short') => {
      const { instructions } = await plan({ ...OPEN, side });
      return getOpenPositionInstructionDataDecoder().decode(instructions[0]!.data!).acceptablePrice;
    };
    // 150 and half a percent.
    await expect(worst('long')).resolves.toBe(1_507_500_000_000n);
    await expect(worst('short')).resolves.toBe(1_492_500_000_000n);
  });

  it('places protection in the same transaction, each cancelling the other', async () => {
    const { instructions } = await plan({ ...OPEN, takeProfit: price(180n), stopLoss: price(140n) });
    expect(placed(instructions).map(({ id, terms }) => [id, terms.kind, terms.cancels])).toEqual([
      [0, OrderKind.TakeProfit, { __option: 'Some', value: 1 }],
      [1, OrderKind.StopLoss, { __option: 'Some', value: 0 }],
    ]);
  });

  it('does not use the number of an order that an earlier position at the address has left', async () => {
    const market = fixtureMarkets()[0]!;
    const position = await positionAddress(MARKETS[0]!, OWNER, 0);
    const left = orderView(MINT, orderFixture(position, { id: 0 }), market, undefined, undefined, NOW);
    const { instructions } = await plan(
      { ...OPEN, takeProfit: price(180n), stopLoss: price(140n) },
      view({ orders: ready([left]) }),
    );
    expect(placed(instructions).map(({ id, terms }) => [id, terms.cancels])).toEqual([
      [1, { __option: 'Some', value: 2 }],
      [2, { __option: 'Some', value: 1 }],
    ]);
  });

  it('does not use the number of an order that a delegate has placed', async () => {
    const exist = async (addresses: readonly unknown[]) => addresses.map((_, place) => place === 0);
    const { instructions } = await plan({ ...OPEN, stopLoss: price(140n) }, view(), exist);
    expect(placed(instructions).map(({ id }) => id)).toEqual([1]);
  });

  it('creates an empty position and an order where it waits for a price', async () => {
    const { instructions } = await plan({ ...OPEN, entry: { kind: 'limit', triggerPrice: price(100n) } });
    expect(placed(instructions).map(({ id, terms }) => [id, terms.kind, terms.triggerPrice])).toEqual([
      [0, OrderKind.Limit, price(100n)],
    ]);
  });

  it('does the same with a delayed order in a market that opens nothing at once', async () => {
    const [sol, ...others] = fixtureMarkets();
    const account = { ...sol!.account, params: { ...sol!.account.params, delayedOnly: 1 } };
    const { instructions } = await plan(OPEN, view({ markets: ready([{ ...sol!, account }, ...others]) }));
    expect(placed(instructions).map(({ terms }) => [terms.kind, terms.size, terms.expiresAt])).toEqual([
      [OrderKind.Delayed, base(1n), 0n],
    ]);
  });
});

describe('without a price', () => {
  const blind = () => {
    const markets = fixtureMarkets().map(({ reading: _, ...market }) => market);
    const positions = valueOf(fixtureView().positions!)!.map((position) => ({
      ...position,
      market: markets[position.market.index]!,
    }));
    return view({ markets: ready(markets), positions: ready(positions) });
  };

  it('nothing is sold without a bound', async () => {
    const [long, , liquidated] = valueOf(blind().positions)!;
    const noPrice = { error: 'OracleStale' };
    await expect(plan({ ...OPEN, side: 'short' }, blind())).rejects.toMatchObject(noPrice);
    const close = { kind: 'close', position: long!.address, slippagePpm: 5_000n } as const;
    await expect(plan(close, blind())).rejects.toMatchObject(noPrice);
    await expect(plan({ ...close, kind: 'decrease', size: 1n }, blind())).rejects.toMatchObject(noPrice);
    await expect(plan({ kind: 'addLiquidity', market: 0, amount: 1n, slippagePpm: 0n }, blind())).rejects.toThrow();
    // An emptied one has nothing to sell.
    const { instructions } = await plan({ ...close, position: liquidated!.address }, blind());
    expect(getClosePositionInstructionDataDecoder().decode(instructions.at(-1)!.data!).acceptablePrice).toBe(0n);
  });
});

describe('payouts', () => {
  it('create the token account where the wallet has none', async () => {
    const state = view({ positions: fixtureView().positions! });
    const position = valueOf(state.positions)![0]!.address;
    const close = { kind: 'close', position, slippagePpm: 5_000n } as const;
    expect((await plan(close, state)).instructions).toHaveLength(1);
    const poor = view({ ...state, balances: ready({ sol: 1n, collateral: new Map(), shares: new Map() }) });
    const { instructions } = await plan(close, poor);
    expect(instructions).toHaveLength(2);
    expect(instructions[0]!.programAddress).toBe(address('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL'));
  });
});
