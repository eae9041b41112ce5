import type { Address, Signature } from '@solana/kit';
import type { Health, LiquidityDeposit, Market, Order, Position, PriceReading } from '@ringfence/client';
import type { Loadable } from './loadable';

export type ConnectionStatus = 'connecting' | 'live' | 'polling' | 'down';

export interface ConnectionView {
  status: ConnectionStatus;
  /** Why it is not live. */
  message?: string;
  slot: bigint | null;
}

export type MarketStatusName = 'Active' | 'ReduceOnly' | 'Paused' | 'Settling' | 'Settled';

/** `fresh` is good for every action; what else is wrong is named by the worst. */
export interface PriceView {
  state: 'fresh' | 'stale' | 'wide' | 'divergent' | 'missing';
  ageSeconds?: bigint;
  usableToOpen: boolean;
  usableToClose: boolean;
}

export interface MarketView {
  address: Address;
  /** As it is on chain, with funding and borrow counted up to now. */
  account: Market;
  name: string;
  index: number;
  baseSymbol: string;
  sizeDecimals: number;
  quoteDecimals: number;
  quoteSymbol: string;
  status: MarketStatusName;
  /** The account that the price is read from. */
  oracle: Address;
  reading?: PriceReading;
  /** The cluster's last restart: prices from before it are refused. */
  restartSlot: bigint;
  price: PriceView;
}

export type Side = 'long' | 'short';

/**
 * `watch` within twice, `danger` within 1.25 times the maintenance margin; `liquidatable` below it;
 * `empty` has no size (liquidated in full, or decreased to nothing).
 */
export type Risk = 'safe' | 'watch' | 'danger' | 'liquidatable' | 'empty';

export interface PositionView {
  address: Address;
  account: Position;
  market: MarketView;
  side: Side;
  /** Size units of the market. */
  size: bigint;
  /** 10^-10 quote: entry notional for a size unit; 0 where empty. */
  entryPrice: bigint;
  /** At the index price; absent where there is no price, or no size. */
  health?: Health;
  /** Index price, 10^-10 quote, at which it becomes liquidatable; null where none does. */
  liquidationPrice: bigint | null;
  /** Of the index price: how far it is from the liquidation price. */
  distancePpm?: bigint;
  risk: Risk;
}

export interface OrderView {
  address: Address;
  account: Order;
  market: MarketView;
  /** Absent where the position is not one of ours, or is gone. */
  position?: PositionView;
  /** `market` is a delayed order: it has no trigger, and one price. */
  kind: 'takeProfit' | 'stopLoss' | 'limit' | 'stop' | 'market';
  side?: Side;
  state: 'waiting' | 'triggered' | 'pending' | 'expired' | 'void' | 'failed';
  /** Of the index price: how far it is from the trigger; absent without a trigger or a price. */
  distancePpm?: bigint;
}

export interface DepositView {
  address: Address;
  account: LiquidityDeposit;
  market: MarketView;
  claimable: boolean;
  /** Seconds until the shares can be claimed; 0 from then on. */
  unlocksIn: bigint;
}

export interface BalancesView {
  /** Lamports. */
  sol: bigint;
  /** Atoms by mint. */
  collateral: Map<Address, bigint>;
  /** LP shares by market. */
  shares: Map<Address, bigint>;
}

export interface WalletOption {
  id: string;
  name: string;
  icon?: string;
}

export interface WalletAccountView {
  address: Address;
  walletName: string;
  burner: boolean;
}

export interface WalletsView {
  options: WalletOption[];
  account?: WalletAccountView;
  error?: string;
}

/** A transaction of this page, for the toasts. */
export interface Activity {
  id: string;
  /** What it does: "Open long SOL-PERP". */
  title: string;
  /** `unknown`: sent, and never heard of again; the message says how to see what became of it. */
  status: 'pending' | 'confirmed' | 'failed' | 'unknown';
  signature?: Signature;
  /** Why it failed, or what to do where the outcome is unknown. */
  message?: string;
  /** Milliseconds, by this machine's clock. */
  at: number;
}

export interface Candle {
  /** Unix seconds: when it begins. */
  time: number;
  /** 10^-10 quote. */
  open: bigint;
  high: bigint;
  low: bigint;
  close: bigint;
}

export interface CandlesView {
  /** Finished ones, oldest first. */
  candles: Candle[];
  /** The one that is still running. */
  live?: Candle;
}

/** What a simulation says that a transaction will cost, in lamports beside the trade itself. */
export interface TransactionCost {
  computeUnits: number;
  /** Micro-lamports for a compute unit, capped. */
  unitPrice: bigint;
  priorityFee: bigint;
  baseFee: bigint;
}

export interface MarginCallsView {
  /** Positions of the wallet in `danger` or `liquidatable`, the worst first. */
  positions: PositionView[];
  /** To show notifications of the browser. */
  permission: 'unsupported' | 'default' | 'granted' | 'denied';
}

export type { Loadable };
