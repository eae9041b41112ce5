import type { Address, Signature } from '@solana/kit';
import { getWallets } from '@wallet-standard/app';
import { planIntent } from '../chain/plan';
import { signAndSend } from '../chain/send';
import { simulate } from '../chain/simulate';
import { explainFailure } from '../chain/failure';
import { fetchConfig } from '../config/config';
import type { Cluster } from '../config/cluster';
import { safeStorage } from '../config/storage';
import type { SigningAccount } from '../wallet/account';
import { WalletManager, type WalletRegistry } from '../wallet/manager';
import { airdrop } from './airdrop';
import { CandleKeeper } from './candleKeeper';
import { HistoryKeeper } from './historyKeeper';
import { intentKey, UserFacingError, type Intent, type IntentPreview } from './intent';
import { loading } from './loadable';
import { MarginCalls, permissionNow } from './marginCalls';
import { previewIntent, walletRefusals } from './previewIntent';
import { Repeats } from './repeats';
import { Session } from './session';
import { createViewStore, type Demand, type Engine, type ViewStore } from './store';
import type { Activity } from './views';

const storage = safeStorage(() => localStorage);
const LAST_CLUSTER = 'ringfence:cluster';
const KEPT_ACTIVITY = 20;
/** A node may count an account as closed a moment after it has confirmed the transaction. */
const SECOND_LOOK_MS = 1_500;

/** The page's engine: one cluster, one wallet, and everything that is shown of them. */
export class ChainEngine implements Engine {
  readonly store: ViewStore;
  private readonly wallets: WalletManager;
  private readonly marginCalls = new MarginCalls();
  private readonly repeats = new Repeats();
  private session: Session;
  private candles: CandleKeeper;
  private history: HistoryKeeper;
  private readonly demands = new Map<string, { what: Demand; count: number }>();
  private nextActivity = 1;

  constructor(clusters: Cluster[], cluster: Cluster, registry: WalletRegistry) {
    this.store = createViewStore(cluster, clusters);
    this.store.setState({ marginCalls: { positions: [], permission: permissionNow() } });
    [this.session, this.candles, this.history] = this.open(cluster);
    this.wallets = new WalletManager(registry, storage, cluster, (wallets) => {
      this.store.setState({ wallets });
      this.setOwner(wallets.account?.address);
    });
  }

  stop(): void {
    this.close();
    this.wallets.stop();
  }

  selectCluster(name: string): void {
    const { clusters, cluster: before } = this.store.getState();
    const cluster = clusters.find((candidate) => candidate.name === name);
    if (!cluster || cluster === before) return;
    this.close();
    storage.setItem(LAST_CLUSTER, name);
    this.store.setState({
      cluster,
      connection: { status: 'connecting', slot: null },
      markets: loading,
      positions: loading,
      orders: loading,
      deposits: loading,
      liquidations: loading,
      balances: loading,
      history: loading,
      marginCalls: { positions: [], permission: permissionNow() },
      candles: new Map(),
    });
    [this.session, this.candles, this.history] = this.open(cluster);
    this.wallets.setCluster(cluster);
    this.setOwner(this.store.getState().wallets.account?.address);
    for (const { what } of this.demands.values()) this.supply(what, true);
  }

  connectWallet(id: string): Promise<void> {
    return this.wallets.connect(id);
  }

  disconnectWallet(): void {
    this.wallets.disconnect();
  }

  async airdrop(): Promise<void> {
    const { cluster, wallets } = this.store.getState();
    if (!cluster.faucetUrl || !wallets.account) throw new Error('There is no faucet here');
    const activity = this.begin('Get test funds');
    try {
      await airdrop(cluster.faucetUrl, wallets.account.address);
      await this.look();
      activity({ status: 'confirmed' });
    } catch (reason) {
      activity({ status: 'failed', message: reason instanceof Error ? reason.message : String(reason) });
      throw reason;
    }
  }

  previewNow(intent: Intent): IntentPreview {
    return { ...previewIntent(intent, this.store.getState()), checking: false };
  }

  async simulate(intent: Intent, signal: AbortSignal): Promise<IntentPreview> {
    const { account } = this.wallets;
    if (!account) return { refusals: [], checking: false };
    try {
      const { instructions } = await planIntent(intent, this.store.getState(), account.address, this.session.exist);
      const { cost } = await simulate(this.session.rpc, instructions, account.address, signal);
      return { refusals: [], checking: false, cost };
    } catch (reason) {
      const { error = 'Unknown', message } = explainFailure(reason);
      // Without an answer there is no verdict; the status of the connection says so already.
      const refusals =
        error === 'RpcUnreachable' ? this.previewNow(intent).refusals : [{ error: error as 'Unknown', message }];
      return { refusals, checking: false };
    }
  }

  async submit(intent: Intent): Promise<{ signature: string }> {
    const { account } = this.wallets;
    if (!account) {
      throw new UserFacingError('Not connected', 'Connect a wallet first.', { error: 'NotConnected' });
    }
    const key = `${this.store.getState().cluster.name} ${account.address} ${intentKey(intent)}`;
    return this.repeats.guard(key, this.session.rpc, () => this.send(intent, account));
  }

  private async send(intent: Intent, account: SigningAccount): Promise<{ signature: string }> {
    const { rpc, checkChain } = this.session;
    let activity: ReturnType<ChainEngine['begin']> | undefined;
    try {
      const plan = await planIntent(intent, this.store.getState(), account.address, this.session.exist);
      activity = this.begin(plan.title);
      const [missing] = walletRefusals(intent, this.store.getState());
      if (missing) throw new UserFacingError('Not enough in the wallet', missing.message, { error: missing.error });
      await checkChain();
      const { budget } = await simulate(rpc, plan.instructions, account.address, AbortSignal.timeout(15_000));
      const signature = await signAndSend(rpc, account, plan.instructions, budget, (signed) =>
        activity?.({ signature: signed }),
      );
      await this.look();
      activity({ status: 'confirmed' });
      return { signature };
    } catch (reason) {
      const failure = explainFailure(reason);
      const unknown = failure.error === 'OutcomeUnknown';
      activity?.({
        status: unknown ? 'unknown' : 'failed',
        message: failure.message,
        ...(failure.signature && { signature: failure.signature }),
      });
      void this.look();
      throw failure;
    }
  }

  demand(what: Demand): () => void {
    const key = JSON.stringify(what);
    const known = this.demands.get(key);
    const entry = known ?? { what, count: 0 };
    entry.count += 1;
    if (!known) {
      this.demands.set(key, entry);
      this.supply(what, true);
    }
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      entry.count -= 1;
      if (entry.count > 0) return;
      this.demands.delete(key);
      this.supply(what, false);
    };
  }

  async requestNotifications(): Promise<void> {
    if (permissionNow() === 'unsupported') return;
    await Notification.requestPermission();
    this.store.setState(({ marginCalls }) => ({ marginCalls: { ...marginCalls, permission: permissionNow() } }));
  }

  private supply(what: Demand, wanted: boolean): void {
    if (what.kind === 'liquidations') this.session.followAll(wanted);
    else if (what.kind === 'history') this.history.follow(wanted);
    else this.candles.follow(what.market as Address, what.interval, wanted);
  }

  private open(cluster: Cluster): [Session, CandleKeeper, HistoryKeeper] {
    const candles = new CandleKeeper(cluster.name, storage, (views) => this.store.setState({ candles: views }));
    const session = new Session(cluster, {
      views: (views, now) => {
        this.store.setState({ ...views, now });
        candles.publish();
        if (views.positions.state === 'ready') this.callMargin();
      },
      connection: (status, message) =>
        this.store.setState(({ connection }) => ({
          connection: { slot: connection.slot, status, ...(message !== undefined && { message }) },
        })),
      slot: (slot) => this.store.setState(({ connection }) => ({ connection: { ...connection, slot } })),
      price: (market, time, price) => candles.add(market, time, price),
      ownChanged: () => history.changed(),
    });
    const history = new HistoryKeeper(session.rpc, {
      view: (view) => this.store.setState({ history: view }),
      positions: () => {
        const { positions } = this.store.getState();
        return positions.state === 'ready' ? positions.value : [];
      },
      divisors: () => session.divisors(),
      prices: (points) => candles.prepend(points),
    });
    return [session, candles, history];
  }

  private close(): void {
    this.session.stop();
    this.history.stop();
    this.candles.stop();
  }

  private setOwner(owner: Address | undefined): void {
    this.session.setOwner(owner);
    this.history.setOwner(owner);
  }

  private callMargin(): void {
    const { positions, marginCalls } = this.store.getState();
    if (positions.state !== 'ready') return;
    const called = this.marginCalls.update(positions.value);
    const same =
      called.length === marginCalls.positions.length &&
      called.every((position, place) => position === marginCalls.positions[place]);
    if (!same) this.store.setState({ marginCalls: { ...marginCalls, positions: called } });
  }

  /** Reads what a transaction has changed, before the page says that it is done. */
  private async look(): Promise<void> {
    const { session, history } = this;
    await session.connection.resync();
    session.publish();
    history.changed();
    setTimeout(() => void session.connection.resync(), SECOND_LOOK_MS);
  }

  private begin(title: string): (change: Partial<Activity> & { signature?: Signature }) => void {
    const id = String(this.nextActivity);
    this.nextActivity += 1;
    const first: Activity = { id, title, status: 'pending', at: Date.now() };
    this.store.setState(({ activity }) => ({ activity: keepLatest([...activity, first]) }));
    return (change) =>
      this.store.setState(({ activity }) => ({
        activity: activity.map((one) => (one.id === id ? { ...one, ...change } : one)),
      }));
  }
}

/** Drops the oldest that are finished: of one that is not, the outcome must still find its place. */
function keepLatest(activity: Activity[]): Activity[] {
  let surplus = activity.length - KEPT_ACTIVITY;
  return activity.filter(({ status }) => {
    const dropped = surplus > 0 && status !== 'pending' && status !== 'unknown';
    if (dropped) surplus -= 1;
    return !dropped;
  });
}

export async function startEngine(signal: AbortSignal): Promise<ChainEngine> {
  const { clusters, defaultCluster } = await fetchConfig(signal);
  const wanted = storage.getItem(LAST_CLUSTER) ?? defaultCluster;
  const cluster =
    clusters.find(({ name }) => name === wanted) ??
    clusters.find(({ name }) => name === defaultCluster) ??
    clusters[0]!;
  // React's strict mode starts everything twice, and takes one of them back.
  signal.throwIfAborted();
  const engine = new ChainEngine(clusters, cluster, getWallets());
  signal.addEventListener('abort', () => engine.stop());
  return engine;
}
