import type { Address, Signature } from '@solana/kit';
import type {
  previewAddLiquidity,
  previewAddMargin,
  previewClose,
  previewDecrease,
  previewIncrease,
  previewLiquidation,
  previewOpen,
  previewRemoveLiquidity,
  previewRemoveMargin,
  Refusal,
} from '@ringfence/client';
import type { Side, TransactionCost } from './views';

/** An order that waits for a price. Amounts are atoms and size units, prices 10^-10 quote. */
export type OrderRequest = ClosingOrder | AddingOrder;

interface OrderPrices {
  triggerPrice: bigint;
  /** How much worse than the trigger price the fill may be. */
  slippagePpm: bigint;
  /** Unix seconds; 30 days from now where left out. */
  expiresAt?: bigint;
  /** Atoms for whoever executes it; the market's least keeper reward where left out. */
  reward?: bigint;
}

export interface ClosingOrder extends OrderPrices {
  kind: 'takeProfit' | 'stopLoss';
  /** Share of the position to close; all where left out. */
  sharePpm?: number;
}

export interface AddingOrder extends OrderPrices {
  kind: 'limit' | 'stop';
  size: bigint;
  margin: bigint;
}

/** What a user wants to do; the engine makes the transaction of it. */
export type Intent =
  | {
      kind: 'open';
      market: number;
      side: Side;
      size: bigint;
      /** Put up from the wallet; the opening fee is taken from it. */
      margin: bigint;
      slippagePpm: bigint;
      /** Left out: at the market. Else the position is created empty and an order waits. */
      entry?: { kind: 'limit' | 'stop'; triggerPrice: bigint; expiresAt?: bigint };
      /** Index prices at which everything is closed; placed in the same transaction, each cancels the other. */
      takeProfit?: bigint;
      stopLoss?: bigint;
    }
  | { kind: 'increase'; position: Address; size: bigint; margin: bigint; slippagePpm: bigint }
  | { kind: 'decrease'; position: Address; size: bigint; slippagePpm: bigint }
  /** Also takes out what is left of a liquidated position, and closes its account. */
  | { kind: 'close'; position: Address; slippagePpm: bigint }
  | { kind: 'addMargin'; position: Address; amount: bigint }
  | { kind: 'removeMargin'; position: Address; amount: bigint }
  | { kind: 'liquidate'; position: Address }
  | { kind: 'closeAtCap'; position: Address }
  | { kind: 'closeSettled'; position: Address }
  /** Several at once: a take profit and a stop loss cancel each other. */
  | { kind: 'placeOrder'; position: Address; orders: OrderRequest[] }
  | { kind: 'cancelOrder'; order: Address }
  | { kind: 'executeOrder'; order: Address }
  | { kind: 'addLiquidity'; market: number; amount: bigint; slippagePpm: bigint }
  | { kind: 'claimShares'; deposit: Address }
  | { kind: 'removeLiquidity'; market: number; shares: bigint; slippagePpm: bigint }
  | { kind: 'setDelegate'; position: Address; delegate: Address | null };

export type IntentKind = Intent['kind'];

/** bigint has no JSON of its own. */
export const intentKey = (intent: Intent | undefined): string =>
  intent ? JSON.stringify(intent, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)) : '';

type Result<F extends (...input: never[]) => { result?: unknown }> = NonNullable<ReturnType<F>['result']>;

/** The client's arithmetic for an intent; the kinds that are missing here have none. */
export type Preview =
  | { kind: 'open'; value: Result<typeof previewOpen> }
  | { kind: 'increase'; value: Result<typeof previewIncrease> }
  | { kind: 'decrease'; value: Result<typeof previewDecrease> }
  | { kind: 'close'; value: Result<typeof previewClose> }
  | { kind: 'addMargin'; value: Result<typeof previewAddMargin> }
  | { kind: 'removeMargin'; value: Result<typeof previewRemoveMargin> }
  | { kind: 'addLiquidity'; value: Result<typeof previewAddLiquidity> }
  | { kind: 'removeLiquidity'; value: Result<typeof previewRemoveLiquidity> }
  | { kind: 'liquidate'; value: Result<typeof previewLiquidation> };

export interface IntentPreview {
  preview?: Preview;
  /** Empty: nothing stands against it, as far as is known. The program's own verdict replaces the arithmetic's. */
  refusals: PageRefusal[];
  /** A simulation is under way or due. */
  checking: boolean;
  /** Known after a simulation that passed. */
  cost?: TransactionCost;
}

/** What stands against an intent: an error of the program, or something that the page itself has noticed. */
export type PageRefusal = { error: Refusal['error'] | PageProblem; message: string; detail?: Refusal['detail'] };

export type PageProblem =
  | 'NotConnected'
  | 'InsufficientSol'
  | 'InsufficientCollateral'
  | 'MissingTokenAccount'
  | 'UserRejected'
  | 'BlockhashExpired'
  | 'OutcomeUnknown'
  | 'RpcUnreachable'
  | 'WalletProblem'
  | 'NotFound'
  | 'WrongChain'
  | 'UnderWay'
  | 'ExecutedBefore'
  | 'Unknown';

/** An error for people: a title, and what to do. */
export class UserFacingError extends Error {
  readonly title: string;
  /** Name of the program's error, or of the page's problem. */
  readonly error?: string;
  /** Of the transaction, where it was sent. */
  readonly signature?: Signature;

  constructor(title: string, message: string, extra: { error?: string; signature?: Signature; cause?: unknown } = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.name = 'UserFacingError';
    this.title = title;
    this.error = extra.error;
    this.signature = extra.signature;
  }
}
