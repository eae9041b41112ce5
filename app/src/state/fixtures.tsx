import { address, type Signature } from '@solana/kit';
import { OrderKind, Side } from '@ringfence/client';
import { useState, type ReactNode } from 'react';
import type { Cluster } from '../config/cluster';
import { EngineContext } from './context';
import * as accounts from './fixtureAccounts';
import { base, MARKETS, MINT, NOW, ORACLES, OWNER, price, quote, STRANGER } from './fixtureAccounts';
import type { Intent, IntentPreview } from './intent';
import { ready } from './loadable';
import { marketView } from './marketView';
import { byDistance, depositView, orderView, positionView } from './positionView';
import { previewIntent } from './previewIntent';
import { createViewStore, type Engine, type ViewState } from './store';

/** Fixed values of everything that the page shows, for tests and for looking at views without a chain. */

export const CLUSTERS: Cluster[] = [
  {
    name: 'localnet',
    label: 'Localnet',
    rpcUrl: 'http://127.0.0.1:8899',
    wsUrl: 'ws://127.0.0.1:8900',
    faucetUrl: 'http://127.0.0.1:9900',
    real: false,
  },
  {
    name: 'mainnet',
    label: 'Mainnet',
    rpcUrl: 'https://api.mainnet-beta.solana.com',
    wsUrl: 'wss://api.mainnet-beta.solana.com',
    real: true,
  },
];

const POSITIONS = [
  address('BSwy8rUDqQZqFivAkxnG7XqY6VhnVnMyuLSixZkaNd3i'),
  address('9N7zGSBkgacDBvkq75p7gzgNLamLSyyHsPwuy52qFFYr'),
  address('BRiQLteCzA5bFRKC7EmCeqMKAE6ub9ZkkbTAj289CSZC'),
  address('HVsAX82tZb995wZqbcnAEpHkoehZHeyQSwb22RGquNW5'),
] as const;

const SIGNATURE =
  '48veifMoQRWYyAwm4qahQm4QG1cS3h2Dmq9yRrEyPSCySDi2iBLBnpRaPqA7DJNJ75rc7EfrUn8UAruT4NUq6qbt' as Signature;

export function fixtureMarkets() {
  return [
    { name: 'SOL-PERP', whole: 150n },
    { name: 'BTC-PERP', whole: 60_000n },
    { name: 'ETH-PERP', whole: 3_000n },
  ].map(({ name, whole }, index) =>
    marketView({
      address: MARKETS[index]!,
      market: accounts.marketFixture(index, name, whole),
      oracle: ORACLES[index]!,
      reading: accounts.readingFixture(whole),
      now: NOW,
    }),
  );
}

/** A wallet with a healthy long, a short in danger, a liquidated position, orders and a deposit. */
export function fixtureView(): Partial<ViewState> {
  const markets = fixtureMarkets();
  const [sol, bitcoin, ether] = markets as [(typeof markets)[0], (typeof markets)[0], (typeof markets)[0]];
  const long = positionView(POSITIONS[0], accounts.positionFixture(), sol);
  const short = positionView(
    POSITIONS[1],
    accounts.positionFixture({
      market: MARKETS[1]!,
      side: Side.Short,
      size: base(1n),
      entryNotional: quote(58_000n),
      margin: quote(4_500n),
      reserve: quote(58_000n),
    }),
    bitcoin,
  );
  const liquidated = positionView(
    POSITIONS[2],
    accounts.positionFixture({
      market: MARKETS[2]!,
      size: 0n,
      entryNotional: 0n,
      reserve: 0n,
      margin: quote(37n),
      realisedPnl: -quote(963n),
    }),
    ether,
  );
  const other = positionView(
    POSITIONS[3],
    accounts.positionFixture({ owner: STRANGER, entryNotional: quote(16_000n), margin: quote(1_400n) }),
    sol,
  );
  const takeProfit = accounts.orderFixture(POSITIONS[0]);
  const stopLoss = accounts.orderFixture(POSITIONS[0], {
    id: 1,
    kind: OrderKind.StopLoss,
    triggerAbove: false,
    partner: 0,
    triggerPrice: price(130n),
    acceptablePrice: price(128n),
  });
  return {
    now: NOW,
    connection: { status: 'live', slot: 1_000n },
    markets: ready(markets),
    positions: ready([long, short, liquidated]),
    orders: ready([
      orderView(address('EVgUn6kweJtypbem5qn1vY7g1uvua4BdqSz9WuLeSkRK'), takeProfit, sol, long, long.account, NOW),
      orderView(address('EwpShxHwj1mRZ4ZVEpu7mXcysgpefqzReUX8ppzfoV9F'), stopLoss, sol, long, long.account, NOW),
    ]),
    deposits: ready([
      depositView(address('FiTnvFUDkSqAgoSJkK4qnJQ4oygLYtaPFwnk6o2qmCyQ'), accounts.depositFixture(), sol, NOW),
    ]),
    liquidations: ready([long, short, other].sort(byDistance)),
    balances: ready({
      sol: 9_500_000_000n,
      collateral: new Map([[MINT, quote(25_000n)]]),
      shares: new Map([[MARKETS[0]!, quote(500n)]]),
    }),
    wallets: {
      options: [{ id: 'burner', name: 'Burner wallet' }],
      account: { address: OWNER, walletName: 'Burner wallet', burner: true },
    },
    marginCalls: { positions: [short], permission: 'default' },
    history: ready({
      entries: [
        {
          id: `${SIGNATURE}:0`,
          signature: SIGNATURE,
          slot: 990n,
          time: NOW - 300n,
          event: 'PositionLiquidated',
          market: MARKETS[2]!,
          position: POSITIONS[2],
          side: 'long',
          size: base(5n),
          price: price(2_890n),
          notional: quote(14_450n),
          fee: quote(144n),
          funding: quote(3n),
          borrow: quote(1n),
          realisedPnl: -quote(963n),
        },
      ],
      statistics: new Map([
        [
          POSITIONS[2],
          {
            id: POSITIONS[2],
            partial: false,
            position: POSITIONS[2],
            market: MARKETS[2]!,
            side: 'long',
            firstAt: NOW - 7_200n,
            lastAt: NOW - 300n,
            trades: 2,
            liquidations: 1,
            volume: quote(29_450n),
            fees: quote(151n),
            funding: quote(3n),
            borrow: quote(1n),
            realisedPnl: -quote(963n),
            netPnl: -quote(1_114n),
            deposited: quote(1_000n),
            withdrawn: 0n,
            closed: false,
          },
        ],
      ]),
    }),
    candles: new Map([[`${MARKETS[0]}:60`, fixtureCandles()]]),
  };
}

function fixtureCandles() {
  const candles = Array.from({ length: 60 }, (_, place) => {
    const open = 1_480_000_000_000n + BigInt((place * 7) % 40) * 1_000_000_000n;
    return {
      time: Number(NOW) - (60 - place) * 60,
      open,
      high: open + 6_000_000_000n,
      low: open - 5_000_000_000n,
      close: open + 2_000_000_000n,
    };
  });
  return { candles };
}

/** The engine without a chain: intents are noted, and answered as if confirmed. */
export function fixtureEngine(changes: Partial<ViewState> = {}, actions: Partial<Engine> = {}): Engine {
  const store = createViewStore(CLUSTERS[0]!, CLUSTERS);
  store.setState({ ...fixtureView(), ...changes });
  return {
    store,
    selectCluster(name) {
      const cluster = CLUSTERS.find((candidate) => candidate.name === name);
      if (cluster) store.setState({ cluster });
    },
    connectWallet: async () =>
      store.setState({
        wallets: {
          ...store.getState().wallets,
          account: { address: OWNER, walletName: 'Burner wallet', burner: true },
        },
      }),
    disconnectWallet: () => store.setState({ wallets: { options: store.getState().wallets.options } }),
    airdrop: async () => undefined,
    submit: async () => ({ signature: SIGNATURE }),
    previewNow: (intent: Intent): IntentPreview => ({ ...previewIntent(intent, store.getState()), checking: false }),
    simulate: async (intent: Intent): Promise<IntentPreview> => ({
      ...previewIntent(intent, store.getState()),
      checking: false,
    }),
    demand: () => () => undefined,
    requestNotifications: async () => undefined,
    ...actions,
  };
}

export function FixtureProvider({
  children,
  view,
  actions,
}: {
  children: ReactNode;
  view?: Partial<ViewState>;
  actions?: Partial<Engine>;
}) {
  const [engine] = useState(() => fixtureEngine(view, actions));
  return <EngineContext value={engine}>{children}</EngineContext>;
}
