import { PRICE_DECIMALS } from '@ringfence/client';
import type { Intent, MarketView } from '../../state';
import { readDecimal } from '../input';
import { protectionProblem } from '../protection';
import { PERCENT_DECIMALS, slippageProblem } from '../slippage';
import { referencePrice, type TicketState } from './ticketState';

export interface TicketIntent {
  intent?: Intent;
  /** What has to be entered first. */
  missing: string;
}

/** The intent that the ticket stands for, or what it lacks. */
export function ticketIntent(state: TicketState, market: MarketView): TicketIntent {
  const margin = readDecimal(state.marginText, market.quoteDecimals);
  const size = readDecimal(state.sizeText, market.sizeDecimals);
  const slippage = readDecimal(state.slippageText, PERCENT_DECIMALS);
  const trigger = readDecimal(state.triggerText, PRICE_DECIMALS);
  const takeProfit = readDecimal(state.protect ? state.takeProfitText : '', PRICE_DECIMALS);
  const stopLoss = readDecimal(state.protect ? state.stopLossText : '', PRICE_DECIMALS);

  const inputs = [margin, size, slippage, takeProfit, stopLoss];
  if (state.kind !== 'market') inputs.push(trigger);
  const reference = referencePrice(state, market.reading?.price);
  const unprotected =
    protectionProblem('takeProfit', state.side, takeProfit, reference) ??
    protectionProblem('stopLoss', state.side, stopLoss, reference);
  if (inputs.some((input) => input.state === 'bad') || slippageProblem(slippage) || unprotected) {
    return { missing: 'Correct the fields marked above.' };
  }
  if (state.kind !== 'market' && !(trigger.state === 'ok' && trigger.value > 0n)) {
    return { missing: 'Enter a trigger price.' };
  }
  if (!(margin.state === 'ok' && margin.value > 0n)) return { missing: 'Enter a margin or a size.' };
  if (!(size.state === 'ok' && size.value > 0n)) {
    return { missing: market.reading ? 'Enter a larger margin or a size.' : 'Wait for a price.' };
  }
  if (slippage.state !== 'ok') return { missing: 'Enter a slippage tolerance.' };

  return {
    missing: '',
    intent: {
      kind: 'open',
      market: market.index,
      side: state.side,
      size: size.value,
      margin: margin.value,
      slippagePpm: slippage.value,
      ...(state.kind !== 'market' && trigger.state === 'ok'
        ? { entry: { kind: state.kind, triggerPrice: trigger.value } }
        : {}),
      ...(takeProfit.state === 'ok' ? { takeProfit: takeProfit.value } : {}),
      ...(stopLoss.state === 'ok' ? { stopLoss: stopLoss.value } : {}),
    },
  };
}
