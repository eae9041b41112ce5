import { createNoopSigner, type Address, type Instruction, type TransactionSigner } from '@solana/kit';
import { getCreateAssociatedTokenIdempotentInstructionAsync } from '@solana-program/token';
import * as client from '@ringfence/client';
import { DEFAULT_ADDRESS, Side } from '@ringfence/client';
import type { Intent } from '../state/intent';
import { UserFacingError } from '../state/intent';
import { valueOf } from '../state/loadable';
import { buys, findMarket, findPosition, worstFill } from '../state/previewIntent';
import type { ViewState } from '../state/store';
import type { MarketView, OrderView, PositionView } from '../state/views';
import { closingTerms, delayedTerms, entryTerms, requestedTerms } from './orderTerms';

/** A transaction that has yet to be signed. */
export interface Plan {
  /** For people: "Open long SOL-PERP". */
  title: string;
  instructions: Instruction[];
}

/** Which of some accounts exist. */
export type Existence = (addresses: readonly Address[]) => Promise<readonly boolean[]>;

/** Orders of delegates that may stand in the way. */
const SPARE_ORDER_IDS = 8;

type Of<K extends Intent['kind']> = Extract<Intent, { kind: K }>;

/** Without one there is no bound to the fill: a sale at zero accepts anything. */
const noPrice = () =>
  new UserFacingError('No price', 'There is no price of this market now: wait until it is published again.', {
    error: 'OracleStale',
  });

/** Where no result can be computed there is no least amount to ask for either. */
const refused = ([first]: readonly client.Refusal[]) =>
  first ? new UserFacingError('Refused by the program', first.message, { error: first.error }) : noPrice();

const notFound = (what: string) =>
  new UserFacingError(`${what} not found`, 'It may have been closed meanwhile: look at the list again.', {
    error: 'NotFound',
  });

/** Builds the instructions of intents for one wallet, from what the page knows. */
class Planner {
  private readonly signer: TransactionSigner;

  constructor(
    private readonly view: ViewState,
    private readonly owner: Address,
    private readonly exist: Existence,
  ) {
    this.signer = createNoopSigner(owner);
  }

  async plan(intent: Intent): Promise<Plan> {
    switch (intent.kind) {
      case 'open':
        return this.open(intent);
      case 'increase':
        return this.increase(intent);
      case 'decrease':
      case 'close':
      case 'addMargin':
      case 'removeMargin':
      case 'liquidate':
      case 'closeAtCap':
      case 'closeSettled':
      case 'setDelegate':
        return this.change(intent);
      case 'placeOrder':
        return this.placeOrders(intent);
      case 'cancelOrder':
      case 'executeOrder':
        return this.endOrder(intent);
      case 'addLiquidity':
      case 'removeLiquidity':
      case 'claimShares':
        return this.pool(intent);
    }
  }

  private market(index: number): MarketView {
    const market = findMarket(this.view, index);
    if (!market) throw notFound('Market');
    return market;
  }

  private position(address: Address): PositionView {
    const position = findPosition(this.view, address);
    if (!position) throw notFound('Position');
    return position;
  }

  /** The worst fill that is accepted; `size` 0 needs none, as nothing is filled. */
  private worst(market: MarketView, slippagePpm: bigint, buy: boolean, size: bigint): bigint {
    if (size > 0n && !market.reading) throw noPrice();
    return worstFill(market, slippagePpm, buy);
  }

  private marketInput(view: MarketView) {
    return { marketAddress: view.address, market: view.account, oracle: view.oracle };
  }

  private positionInput(view: PositionView) {
    return { ...this.marketInput(view.market), positionAddress: view.address, position: view.account };
  }

  /** Creates the token account that money is paid out to, where the wallet is not known to have it. */
  private async payout(market: MarketView, owner: Address = this.owner): Promise<Instruction[]> {
    const known = owner === this.owner && valueOf(this.view.balances)?.collateral.has(market.account.collateralMint);
    return known ? [] : [await this.tokenAccount(market, owner, market.account.collateralMint)];
  }

  private tokenAccount(market: MarketView, owner: Address, mint: Address): Promise<Instruction> {
    const { tokenProgram } = market.account;
    return getCreateAssociatedTokenIdempotentInstructionAsync({ payer: this.signer, owner, mint, tokenProgram });
  }

  private async open(intent: Of<'open'>): Promise<Plan> {
    const market = this.market(intent.market);
    const side = intent.side === 'long' ? Side.Long : Side.Short;
    const own = valueOf(this.view.positions) ?? [];
    const id = client.freeId(own.filter((view) => view.market.index === intent.market).map((view) => view.account.id));
    const positionAddress = await client.positionAddress(market.address, this.owner, id);
    const input = this.marketInput(market);
    const delayed = market.account.params.delayedOnly !== 0;
    const acceptablePrice = intent.entry
      ? 0n
      : this.worst(market, intent.slippagePpm, buys(intent.side, false), intent.size);
    const instructions: Instruction[] = [];
    // Orders of an earlier position at this address may still be there, void: their numbers are taken.
    const places = intent.entry || delayed || intent.takeProfit !== undefined || intent.stopLoss !== undefined;
    const ids = places ? await this.freeOrderIds(positionAddress, 3) : [];
    const place = async (terms: client.OrderTermsArgs) => {
      const id = ids.shift()!;
      instructions.push(await client.placeOrder({ ...input, positionAddress, trader: this.signer, id, terms }));
    };
    if (intent.entry || delayed) {
      instructions.push(await client.createPosition({ ...input, owner: this.signer, id, side }));
      await place(
        intent.entry
          ? entryTerms(intent, intent.entry, market, this.view.now)
          : delayedTerms(intent, market, acceptablePrice),
      );
    } else {
      const { size, margin } = intent;
      instructions.push(
        await client.openPosition({ ...input, owner: this.signer, id, side, size, margin, acceptablePrice }),
      );
    }
    for (const terms of closingTerms(intent, market, this.view.now, [...ids])) await place(terms);
    const verb = intent.entry ? `Place ${intent.entry.kind} order` : 'Open';
    return { title: `${verb} ${intent.side} ${market.name}`, instructions };
  }

  private async increase(intent: Of<'increase'>): Promise<Plan> {
    const view = this.position(intent.position);
    const { market } = view;
    const acceptablePrice = this.worst(market, intent.slippagePpm, buys(view.side, false), intent.size);
    const title = `Increase ${view.side} ${market.name}`;
    const input = { ...this.positionInput(view), trader: this.signer };
    if (market.account.params.delayedOnly === 0) {
      const { size, margin } = intent;
      return { title, instructions: [await client.increasePosition({ ...input, size, margin, acceptablePrice })] };
    }
    const [id = 0] = await this.freeOrderIds(view.address, 1);
    const terms = delayedTerms(intent, market, acceptablePrice);
    return { title, instructions: [await client.placeOrder({ ...input, id, terms })] };
  }

  private async change(
    intent: Of<
      'decrease' | 'close' | 'addMargin' | 'removeMargin' | 'liquidate' | 'closeAtCap' | 'closeSettled' | 'setDelegate'
    >,
  ): Promise<Plan> {
    const view = this.position(intent.position);
    const { market, side } = view;
    const input = this.positionInput(view);
    const what = `${side} ${market.name}`;
    const worst = (slippagePpm: bigint) => this.worst(market, slippagePpm, buys(side, true), view.size);
    switch (intent.kind) {
      case 'decrease': {
        const { size } = intent;
        const acceptablePrice = worst(intent.slippagePpm);
        return {
          title: `Reduce ${what}`,
          instructions: [await client.decreasePosition({ ...input, trader: this.signer, size, acceptablePrice })],
        };
      }
      case 'close': {
        const acceptablePrice = worst(intent.slippagePpm);
        const close = await client.closePosition({ ...input, owner: this.signer, acceptablePrice });
        const title = view.size === 0n ? `Claim remainder of ${what}` : `Close ${what}`;
        return { title, instructions: [...(await this.payout(market)), close] };
      }
      case 'addMargin': {
        const { amount } = intent;
        return {
          title: `Add margin to ${what}`,
          instructions: [await client.addMargin({ ...input, payer: this.signer, amount })],
        };
      }
      case 'removeMargin': {
        const remove = await client.removeMargin({ ...input, owner: this.signer, amount: intent.amount });
        return { title: `Remove margin from ${what}`, instructions: [...(await this.payout(market)), remove] };
      }
      case 'liquidate': {
        const liquidate = await client.liquidate({ ...input, liquidator: this.signer });
        return { title: `Liquidate ${what}`, instructions: [...(await this.payout(market)), liquidate] };
      }
      case 'closeAtCap':
        return {
          title: `Close ${what} at its cap`,
          instructions: [await client.closeAtCap({ ...input, caller: this.signer })],
        };
      case 'closeSettled': {
        const close = await client.closeSettled(input);
        const payout = await this.payout(market, view.account.owner);
        return { title: `Close settled ${what}`, instructions: [...payout, close] };
      }
      case 'setDelegate': {
        const delegate = intent.delegate ?? DEFAULT_ADDRESS;
        const { address: positionAddress } = view;
        return {
          title: intent.delegate ? `Name a delegate for ${what}` : `Dismiss the delegate of ${what}`,
          instructions: [client.setDelegate({ owner: this.signer, positionAddress, delegate })],
        };
      }
    }
  }

  private ordersOf(position: Address): OrderView[] {
    return (valueOf(this.view.orders) ?? []).filter(({ account }) => account.position === position);
  }

  /** The lowest numbers that no order at this position's address has; a delegate's are not among the wallet's orders. */
  private async freeOrderIds(position: Address, count: number): Promise<number[]> {
    const taken = this.ordersOf(position).map(({ account }) => account.id);
    const candidates: number[] = [];
    while (candidates.length < count + SPARE_ORDER_IDS) candidates.push(client.freeId([...taken, ...candidates]));
    const addresses = await Promise.all(candidates.map(async (id) => (await client.findOrderPda({ position, id }))[0]));
    const exist = await this.exist(addresses);
    return candidates.filter((_, place) => !exist[place]).slice(0, count);
  }

  private async placeOrders(intent: Of<'placeOrder'>): Promise<Plan> {
    const view = this.position(intent.position);
    const ids = await this.freeOrderIds(view.address, intent.orders.length);
    const closing = intent.orders.filter(({ kind }) => kind === 'takeProfit' || kind === 'stopLoss');
    const pair = closing.length === 2 && intent.orders.length === 2;
    const instructions = await Promise.all(
      intent.orders.map((order, place) =>
        client.placeOrder({
          ...this.positionInput(view),
          trader: this.signer,
          id: ids[place]!,
          terms: requestedTerms(order, view, this.view.now, pair ? ids[1 - place]! : null),
        }),
      ),
    );
    return { title: `Place order on ${view.side} ${view.market.name}`, instructions };
  }

  private async endOrder(intent: Of<'cancelOrder' | 'executeOrder'>): Promise<Plan> {
    const view = (valueOf(this.view.orders) ?? []).find(({ address }) => address === intent.order);
    if (!view) throw notFound('Order');
    const { market, account: order, address: orderAddress } = view;
    const payout = await this.payout(market, intent.kind === 'cancelOrder' ? order.trader : this.owner);
    if (intent.kind === 'cancelOrder') {
      const cancel = await client.cancelOrder({ canceller: this.signer, orderAddress, order, market: market.account });
      return { title: `Cancel order on ${market.name}`, instructions: [...payout, cancel] };
    }
    const position = this.position(order.position);
    const execute = await client.executeOrder({
      ...this.positionInput(position),
      executor: this.signer,
      orderAddress,
      order,
    });
    return { title: `Execute order on ${market.name}`, instructions: [...payout, execute] };
  }

  private async pool(intent: Of<'addLiquidity' | 'removeLiquidity' | 'claimShares'>): Promise<Plan> {
    if (intent.kind === 'claimShares') return this.claim(intent);
    const market = this.market(intent.market);
    const input = { ...this.marketInput(market), provider: this.signer };
    const least = (value: bigint) => (value * (client.PPM - intent.slippagePpm)) / client.PPM;
    const { restartSlot } = market;
    const context = { market: market.account, reading: market.reading, now: this.view.now, restartSlot };
    if (intent.kind === 'addLiquidity') {
      const deposits = (valueOf(this.view.deposits) ?? []).filter((view) => view.market.index === intent.market);
      const id = client.freeId(deposits.map(({ account }) => account.id));
      const { amount } = intent;
      const { result: expected, refusals } = client.previewAddLiquidity({ ...context, amount });
      if (!expected) throw refused(refusals);
      return {
        title: `Deposit into the ${market.name} pool`,
        instructions: [await client.addLiquidity({ ...input, id, amount, minShares: least(expected.shares) })],
      };
    }
    const { shares } = intent;
    const { result: expected, refusals } = client.previewRemoveLiquidity({ ...context, shares, held: shares });
    if (!expected) throw refused(refusals);
    const remove = await client.removeLiquidity({ ...input, shares, minAmount: least(expected.amount) });
    return {
      title: `Withdraw from the ${market.name} pool`,
      instructions: [...(await this.payout(market)), remove],
    };
  }

  private async claim({ deposit }: Of<'claimShares'>): Promise<Plan> {
    const view = (valueOf(this.view.deposits) ?? []).find(({ address }) => address === deposit);
    if (!view) throw notFound('Deposit');
    const { market, account } = view;
    const held = valueOf(this.view.balances)?.shares.has(market.address);
    const create = held ? [] : [await this.tokenAccount(market, account.provider, market.account.lpMint)];
    const claim = await client.claimShares({
      ...this.marketInput(market),
      provider: account.provider,
      id: account.id,
    });
    return { title: `Claim shares of the ${market.name} pool`, instructions: [...create, claim] };
  }
}

/** The transaction that does what a user wants; throws a `UserFacingError` where something is not there. */
export const planIntent = (intent: Intent, view: ViewState, owner: Address, exist: Existence): Promise<Plan> =>
  new Planner(view, owner, exist).plan(intent);
