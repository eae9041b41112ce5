import type { Address } from '@solana/kit';
import {
  decodeOracle,
  getLiquidityDepositDecoder,
  getMarketDecoder,
  getOrderDecoder,
  getPositionDecoder,
  type LiquidityDeposit,
  type Market,
  type Order,
  type Position,
  type PriceReading,
} from '@ringfence/client';
import type { RawAccount } from '../chain/account';
import type { AccountCache } from '../chain/accountCache';
import { tokenAmount, type TokenAccounts } from './addresses';
import { failed, loading, ready, type Loadable } from './loadable';
import { marketView } from './marketView';
import { Memo, stable } from './memo';
import { byDistance, depositView, orderView, positionView } from './positionView';
import type { BalancesView, DepositView, MarketView, OrderView, PositionView } from './views';

/** Where the watches of a session keep what they have read. */
export interface Sources {
  cache(id: string): AccountCache | undefined;
  owner: Address | undefined;
  oracles: ReadonlyMap<Address, Address>;
  tokens: ReadonlyMap<Address, TokenAccounts>;
  now: bigint;
  restartSlot: bigint;
  /** Why nothing comes, where that is so. */
  problem: string | undefined;
  /** Why one watch cannot be read, though others can. */
  failure(id: string): string | undefined;
  retry(): void;
}

export interface ChainViews {
  markets: Loadable<MarketView[]>;
  positions: Loadable<PositionView[]>;
  orders: Loadable<OrderView[]>;
  deposits: Loadable<DepositView[]>;
  liquidations: Loadable<PositionView[]>;
  balances: Loadable<BalancesView>;
}

const decoders = {
  market: getMarketDecoder(),
  position: getPositionDecoder(),
  order: getOrderDecoder(),
  deposit: getLiquidityDepositDecoder(),
};

/** Turns accounts into views, and makes anew only the views of what has changed. */
export class ChainState {
  private readonly decoded = new WeakMap<RawAccount, unknown>();
  private readonly markets = new Memo<Address, MarketView>();
  private readonly positions = new Map<string, Memo<Address, PositionView>>();
  private readonly orders = new Memo<Address, OrderView>();
  private readonly deposits = new Memo<Address, DepositView>();
  private last: ChainViews | undefined;

  /** Decoded markets by address, for what depends on them. */
  rawMarkets(sources: Pick<Sources, 'cache'>): [Address, Market][] {
    return this.all(sources.cache('markets'), decoders.market);
  }

  /** Positions that orders are of and that are not the owner's own: closed ones, or another's. */
  foreignPositions(sources: Pick<Sources, 'cache'>): Address[] {
    const own = sources.cache('positions');
    if (!own?.complete) return [];
    const named = this.all<Order>(sources.cache('orders'), decoders.order).map(([, { position }]) => position);
    return [...new Set(named)].filter((position) => !own.get(position));
  }

  reading(sources: Sources, market: Market, oracle: Address): PriceReading | undefined {
    const account = sources.cache('oracles')?.get(oracle);
    if (!account) return undefined;
    return this.once(account, () => decodeOracle(market, account.data, { address: oracle, owner: account.owner }));
  }

  derive(sources: Sources): ChainViews {
    const { last } = this;
    const pending = sources.problem === undefined ? loading : failed(sources.problem, sources.retry);
    const hold = <T>(before: Loadable<T> | undefined): Loadable<T> =>
      before?.state === 'failed' && pending.state === 'failed' && before.message === pending.message ? before : pending;
    const list = <T>(id: string, before: Loadable<T[]> | undefined, make: () => T[]): Loadable<T[]> => {
      if (!sources.owner && id !== 'markets' && id !== 'all') return keep(before, []);
      if (marketsKnown && sources.cache(id)?.complete) return keep(before, make());
      const refused = sources.failure(id);
      if (refused === undefined) return hold(before);
      const message = `The RPC refuses this list: ${refused}`;
      return before?.state === 'failed' && before.message === message ? before : failed(message, sources.retry);
    };
    const marketsKnown =
      sources.cache('markets')?.complete && (sources.cache('oracles')?.complete ?? sources.oracles.size === 0);
    const markets = list('markets', last?.markets, () => this.marketViews(sources));
    const known = new Map((markets.state === 'ready' ? markets.value : []).map((view) => [view.address, view]));
    const positions = list('positions', last?.positions, () => this.positionViews(sources, 'positions', known));
    const own = new Map((positions.state === 'ready' ? positions.value : []).map((view) => [view.address, view]));
    const views = {
      markets,
      positions,
      orders:
        positions.state === 'ready'
          ? list('orders', last?.orders, () => this.orderViews(sources, known, own))
          : hold(last?.orders),
      deposits: list('deposits', last?.deposits, () => this.depositViews(sources, known)),
      liquidations: list('all', last?.liquidations, () =>
        this.positionViews(sources, 'all', known)
          .filter(({ risk }) => risk !== 'empty')
          .sort(byDistance),
      ),
      balances: this.balances(sources, last?.balances, hold(last?.balances)),
    };
    this.last = views;
    return views;
  }

  private marketViews(sources: Sources): MarketView[] {
    const views = this.rawMarkets(sources).flatMap(([address, market]) => {
      const oracle = sources.oracles.get(address);
      if (!oracle) return [];
      const reading = this.reading(sources, market, oracle);
      const { now, restartSlot } = sources;
      return [
        this.markets.get(address, [market, oracle, reading, now, restartSlot], () =>
          marketView({ address, market, oracle, now, restartSlot, ...(reading && { reading }) }),
        ),
      ];
    });
    return views.sort((a, b) => a.index - b.index);
  }

  private positionViews(sources: Sources, id: string, markets: ReadonlyMap<Address, MarketView>): PositionView[] {
    // Two caches hold an account in two objects: each has a memory of its own.
    const memo = this.positions.get(id) ?? new Memo<Address, PositionView>();
    this.positions.set(id, memo);
    const views = this.all<Position>(sources.cache(id), decoders.position).flatMap(([address, position]) => {
      const market = markets.get(position.market);
      return market ? [memo.get(address, [position, market], () => positionView(address, position, market))] : [];
    });
    memo.keepOnly(new Set(views.map(({ address }) => address)));
    return views.sort((a, b) => Number(b.account.openedAt - a.account.openedAt) || (a.address < b.address ? -1 : 1));
  }

  private orderViews(
    sources: Sources,
    markets: ReadonlyMap<Address, MarketView>,
    positions: ReadonlyMap<Address, PositionView>,
  ): OrderView[] {
    const views = this.all<Order>(sources.cache('orders'), decoders.order).flatMap(([address, order]) => {
      const market = markets.get(order.market);
      const position = positions.get(order.position);
      const foreign = position ? undefined : sources.cache('orderPositions')?.get(order.position);
      // Not read yet: whether the order is void cannot be said, and one that is not must not be called so.
      if (!market) return [];
      if (!position && foreign === undefined) {
        const before = this.orders.last(address);
        return before ? [before] : [];
      }
      const account =
        position?.account ?? (foreign ? this.once(foreign, () => decoders.position.decode(foreign.data)) : undefined);
      const { now } = sources;
      return [
        this.orders.get(address, [order, market, position, account, now], () =>
          orderView(address, order, market, position, account, now),
        ),
      ];
    });
    this.orders.keepOnly(new Set(views.map(({ address }) => address)));
    return views.sort((a, b) => Number(b.account.placedAt - a.account.placedAt) || a.account.id - b.account.id);
  }

  private depositViews(sources: Sources, markets: ReadonlyMap<Address, MarketView>): DepositView[] {
    return this.all<LiquidityDeposit>(sources.cache('deposits'), decoders.deposit)
      .flatMap(([address, deposit]) => {
        const market = markets.get(deposit.market);
        return market
          ? [
              this.deposits.get(address, [deposit, market, sources.now], () =>
                depositView(address, deposit, market, sources.now),
              ),
            ]
          : [];
      })
      .sort((a, b) => Number(a.account.unlocksAt - b.account.unlocksAt));
  }

  private balances(
    sources: Sources,
    before: Loadable<BalancesView> | undefined,
    otherwise: Loadable<BalancesView>,
  ): Loadable<BalancesView> {
    const { owner } = sources;
    const cache = sources.cache('wallet');
    if (!owner || !cache?.complete) return owner ? otherwise : loading;
    const collateral = new Map<Address, bigint>();
    const shares = new Map<Address, bigint>();
    for (const [address, market] of this.rawMarkets(sources)) {
      const accounts = sources.tokens.get(address);
      const money = accounts && cache.get(accounts.collateral);
      const owned = accounts && cache.get(accounts.shares);
      if (money) collateral.set(market.collateralMint, tokenAmount(money.data));
      if (owned) shares.set(address, tokenAmount(owned.data));
    }
    const sol = cache.get(owner)?.lamports ?? 0n;
    if (before?.state === 'ready') {
      const { value } = before;
      const same = value.sol === sol && sameMap(value.collateral, collateral) && sameMap(value.shares, shares);
      if (same) return before;
    }
    return ready({ sol, collateral, shares });
  }

  private all<T>(cache: AccountCache | undefined, decoder: { decode(data: Uint8Array): T }): [Address, T][] {
    const found: [Address, T][] = [];
    for (const [address, account] of cache?.existing() ?? []) {
      const value = this.once(account, () => decoder.decode(account.data));
      if (value !== undefined) found.push([address, value]);
    }
    return found;
  }

  /** Decodes an account once; one that cannot be decoded (another layout) is as if it were not there. */
  private once<T>(account: RawAccount, decode: () => T): T | undefined {
    if (!this.decoded.has(account)) {
      try {
        this.decoded.set(account, decode());
      } catch {
        this.decoded.set(account, undefined);
      }
    }
    return this.decoded.get(account) as T | undefined;
  }
}

function keep<T>(before: Loadable<T[]> | undefined, value: T[]): Loadable<T[]> {
  if (before?.state !== 'ready') return ready(value);
  return stable(before.value, value) === before.value ? before : ready(value);
}

const sameMap = <K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
