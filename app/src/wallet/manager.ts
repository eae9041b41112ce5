import type { Wallet, WalletIcon } from '@wallet-standard/base';
import type { SafeStorage } from '../config/storage';
import type { Cluster } from '../config/cluster';
import type { WalletsView } from '../state/views';
import { UserFacingError } from '../state/intent';
import type { SigningAccount } from './account';
import { BURNER_NAME, BurnerWallet, offersBurner } from './burner';
import { accountFor, connect, disconnect, isUsable, onChange, signingAccount } from './standard';

/** The registry of the Wallet Standard, as `@wallet-standard/app` gives it. */
export interface WalletRegistry {
  get(): readonly Wallet[];
  on(event: 'register' | 'unregister', listener: () => void): () => void;
}

const LAST_WALLET = 'ringfence:wallet';

const isRejection = (reason: unknown): boolean =>
  reason instanceof Error && /reject|denied|declin|cancel/i.test(`${reason.name} ${reason.message}`);

/** Which wallets there are, and which is connected. */
export class WalletManager {
  private wallet: Wallet | undefined;
  private signing: SigningAccount | undefined;
  private burner: BurnerWallet | undefined;
  private endWatch: () => void = () => undefined;
  private readonly ends: (() => void)[];

  constructor(
    private readonly registry: WalletRegistry,
    private readonly storage: SafeStorage,
    private cluster: Cluster,
    private readonly changed: (view: WalletsView) => void,
  ) {
    const listed = () => {
      this.publish();
      if (!this.wallet) void this.reconnect();
    };
    this.ends = [registry.on('register', listed), registry.on('unregister', listed)];
    this.burner = this.burnerFor(cluster);
    this.publish();
    void this.reconnect();
  }

  /** The account that signs; undefined without a connected wallet. */
  get account(): SigningAccount | undefined {
    return this.signing;
  }

  /** Another cluster: a wallet that does not know it is let go. */
  setCluster(cluster: Cluster): void {
    this.cluster = cluster;
    const wasBurner = this.wallet !== undefined && this.wallet === this.burner;
    this.burner = this.burnerFor(cluster);
    if (wasBurner) this.drop();
    else if (this.wallet) this.take(this.wallet);
    this.publish();
    if (!this.wallet) void this.reconnect();
  }

  async connect(name: string): Promise<void> {
    const wallet = this.usable().find((candidate) => candidate.name === name);
    if (!wallet)
      throw new UserFacingError('Wallet not found', 'Reload the page, and try again.', { error: 'NotFound' });
    try {
      await connect(wallet, this.cluster.name, false);
    } catch (reason) {
      const message = isRejection(reason)
        ? 'The wallet has refused the connection.'
        : `The wallet cannot connect: ${reason instanceof Error ? reason.message : String(reason)}`;
      throw new UserFacingError('Not connected', message, {
        error: isRejection(reason) ? 'UserRejected' : 'WalletProblem',
        cause: reason,
      });
    }
    this.adopt(wallet);
    if (!this.signing) {
      throw new UserFacingError('Not connected', `The wallet shares no account for ${this.cluster.label}.`, {
        error: 'WalletProblem',
      });
    }
    this.storage.setItem(LAST_WALLET, name);
  }

  disconnect(): void {
    const { wallet } = this;
    this.storage.removeItem(LAST_WALLET);
    this.drop();
    this.publish();
    if (wallet) void disconnect(wallet).catch(() => undefined);
  }

  stop(): void {
    this.endWatch();
    for (const end of this.ends) end();
  }

  private burnerFor(cluster: Cluster): BurnerWallet | undefined {
    return offersBurner(cluster) ? new BurnerWallet(cluster, this.storage) : undefined;
  }

  private usable(): Wallet[] {
    const found = this.registry.get().filter((wallet) => isUsable(wallet, this.cluster.name));
    // Extensions register once for each of their bundles; one button for a name is enough.
    const named = new Map(found.map((wallet) => [wallet.name, wallet]));
    return [...(this.burner ? [this.burner] : []), ...named.values()];
  }

  /** The wallet of last time, where it agrees without asking. */
  private async reconnect(): Promise<void> {
    const name = this.storage.getItem(LAST_WALLET);
    const wallet = name === null ? undefined : this.usable().find((candidate) => candidate.name === name);
    if (!wallet) return;
    const { cluster } = this;
    try {
      const account = await connect(wallet, cluster.name, true);
      if (account && !this.wallet && cluster === this.cluster) this.adopt(wallet);
    } catch {
      // Refused silently: the user connects by hand.
    }
  }

  private adopt(wallet: Wallet): void {
    this.endWatch();
    this.wallet = wallet;
    this.endWatch = onChange(wallet, () => this.take(wallet));
    this.take(wallet);
  }

  private take(wallet: Wallet): void {
    if (this.wallet !== wallet) return;
    const account = accountFor(wallet, this.cluster.name);
    if (account) this.signing = signingAccount(wallet, account, this.cluster.name);
    else this.drop();
    this.publish();
  }

  private drop(): void {
    this.endWatch();
    this.endWatch = () => undefined;
    this.wallet = undefined;
    this.signing = undefined;
  }

  private publish(): void {
    const options = this.usable().map(({ name, icon }) => ({ id: name, name, icon: icon satisfies WalletIcon }));
    this.changed({
      options,
      ...(this.wallet &&
        this.signing && {
          account: {
            address: this.signing.address,
            walletName: this.wallet.name,
            burner: this.wallet.name === BURNER_NAME,
          },
        }),
    });
  }
}
