import { formatDecimal, marginForSize, PRICE_DECIMALS, sizeForMargin } from '@ringfence/client';
import type { MarketView } from '../../state';
import { readDecimal, valueOf } from '../input';

export type Side = 'long' | 'short';
export type TicketKind = 'market' | 'limit' | 'stop';

export interface TicketState {
  side: Side;
  kind: TicketKind;
  sizeText: string;
  marginText: string;
  /** Which of the two was typed; the other follows from it and the leverage. */
  driver: 'size' | 'margin';
  leveragePpm: bigint;
  slippageText: string;
  triggerText: string;
  protect: boolean;
  takeProfitText: string;
  stopLossText: string;
}

export const INITIAL_TICKET: TicketState = {
  side: 'long',
  kind: 'market',
  sizeText: '',
  marginText: '',
  driver: 'margin',
  leveragePpm: 5_000_000n,
  slippageText: '0.5',
  triggerText: '',
  protect: false,
  takeProfitText: '',
  stopLossText: '',
};

export type TicketAction =
  | { type: 'size' | 'margin' | 'trigger' | 'slippage' | 'takeProfit' | 'stopLoss'; text: string }
  | { type: 'side'; side: Side }
  | { type: 'kind'; kind: TicketKind }
  | { type: 'leverage'; ppm: bigint }
  | { type: 'protect'; on: boolean }
  | { type: 'recompute' }
  | { type: 'clear' };

/** What the coupling of size, margin and leverage is computed with. */
export interface TicketContext {
  market: MarketView;
  /** Index price; undefined while there is none. */
  price?: bigint;
}

const SHOWN_DIGITS = 6;
const MONEY_PLACES = 2;

/** A size that people can read: its first six digits, rounded down. */
export function readableSize(size: bigint): bigint {
  const surplus = size.toString().length - SHOWN_DIGITS;
  if (surplus <= 0) return size;
  return size - (size % 10n ** BigInt(surplus));
}

/** Whole cents, rounded up: a margin that is rounded down would miss the leverage asked for. */
export function readableMargin(margin: bigint, decimals: number): bigint {
  if (decimals <= MONEY_PLACES) return margin;
  const cent = 10n ** BigInt(decimals - MONEY_PLACES);
  const surplus = margin % cent;
  return surplus === 0n ? margin : margin - surplus + cent;
}

/** The price that the order is expected to fill at, before impact: the trigger where there is one. */
export function referencePrice(state: TicketState, price: bigint | undefined): bigint | undefined {
  if (state.kind === 'market') return price;
  return valueOf(readDecimal(state.triggerText, PRICE_DECIMALS)) ?? price;
}

/**
 * Fills in the field that was not typed. It happens on edits, not on price ticks: a number must not
 * change under the hand that is about to sign it.
 */
export function couple(state: TicketState, { market, price: index }: TicketContext): TicketState {
  const price = referencePrice(state, index);
  const terms = { leveragePpm: state.leveragePpm, price: price ?? 0n };
  if (state.driver === 'margin') {
    const margin = valueOf(readDecimal(state.marginText, market.quoteDecimals));
    if (!price || !margin) return { ...state, sizeText: '' };
    const size = readableSize(sizeForMargin(market.account, { ...terms, margin }));
    return { ...state, sizeText: size === 0n ? '' : formatDecimal(size, market.sizeDecimals) };
  }
  const size = valueOf(readDecimal(state.sizeText, market.sizeDecimals));
  if (!price || !size) return { ...state, marginText: '' };
  const margin = readableMargin(marginForSize(market.account, { ...terms, size }), market.quoteDecimals);
  return { ...state, marginText: formatDecimal(margin, market.quoteDecimals) };
}

export function ticketReducer(state: TicketState, action: TicketAction, context: TicketContext): TicketState {
  switch (action.type) {
    case 'size':
      return couple({ ...state, sizeText: action.text, driver: 'size' }, context);
    case 'margin':
      return couple({ ...state, marginText: action.text, driver: 'margin' }, context);
    case 'leverage':
      return couple({ ...state, leveragePpm: action.ppm }, context);
    case 'trigger':
      return couple({ ...state, triggerText: action.text }, context);
    case 'kind':
      return couple({ ...state, kind: action.kind }, context);
    case 'recompute':
      return couple(state, context);
    case 'side':
      return { ...state, side: action.side };
    case 'slippage':
      return { ...state, slippageText: action.text };
    case 'takeProfit':
      return { ...state, takeProfitText: action.text };
    case 'stopLoss':
      return { ...state, stopLossText: action.text };
    case 'protect':
      return { ...state, protect: action.on };
    case 'clear':
      return {
        ...state,
        sizeText: '',
        marginText: '',
        triggerText: '',
        protect: false,
        takeProfitText: '',
        stopLossText: '',
      };
  }
}
