import { formatDecimal, maxLeveragePpm, PRICE_DECIMALS } from '@ringfence/client';
import { useEffect, useMemo, useReducer } from 'react';
import { useBalances, useIntentPreview, useWallets, type MarketView } from '../../state';
import { Notice, Rows } from '../data';
import { FailureNotice } from '../FailureNotice';
import { Field } from '../Field';
import { showMoney, showMultiple } from '../format';
import { DownIcon, UpIcon } from '../icons';
import { cleanDecimal, problemOf, readDecimal } from '../input';
import { protectionProblem } from '../protection';
import { Refusals } from '../Refusals';
import { Segmented } from '../Segmented';
import { PERCENT_DECIMALS, slippageProblem } from '../slippage';
import { SubmitButton } from '../SubmitButton';
import { useTransaction } from '../useTransaction';
import { ticketIntent } from './ticketIntent';
import {
  INITIAL_TICKET,
  referencePrice,
  ticketReducer,
  type TicketAction,
  type TicketContext,
  type TicketState,
} from './ticketState';
import { summaryRows } from './ticketSummary';

const SIDES = [
  { value: 'long', label: 'Long', tone: 'long', icon: <UpIcon /> },
  { value: 'short', label: 'Short', tone: 'short', icon: <DownIcon /> },
] as const;

const KINDS = [
  { value: 'market', label: 'Market' },
  { value: 'limit', label: 'Limit' },
  { value: 'stop', label: 'Stop' },
] as const;

const KIND_HINT = {
  long: {
    limit: 'Buys once the index price is at this price or below.',
    stop: 'Buys once the index price is at this price or above.',
  },
  short: {
    limit: 'Sells once the index price is at this price or above.',
    stop: 'Sells once the index price is at this price or below.',
  },
} as const;

const NONE: never[] = [];

/** The slider moves in tenths of a multiple. */
const STEP_PPM = 100_000n;

function useTicket(context: TicketContext) {
  // The reducer needs market and price of the moment; they travel with each action.
  const [state, reduce] = useReducer(
    (before: TicketState, { action, context: at }: { action: TicketAction; context: TicketContext }) =>
      ticketReducer(before, action, at),
    INITIAL_TICKET,
  );
  const dispatch = (action: TicketAction) => reduce({ action, context });

  const { market, price } = context;
  const priced = price !== undefined;
  useEffect(() => {
    reduce({ action: { type: 'recompute' }, context: { market, price } });
    // Once per market, and when its first price comes: not with each price.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [market.address, priced]);

  return { state, dispatch };
}

function Leverage({ market, state, dispatch }: PartProperties) {
  const most = maxLeveragePpm(market.account);
  const value = state.leveragePpm > most ? most : state.leveragePpm;
  return (
    <div className="field">
      <div className="ticket__leverage">
        <label className="small muted" htmlFor="ticket-leverage">
          Leverage
        </label>
        <span className="strong number">{showMultiple(value)}</span>
      </div>
      <input
        id="ticket-leverage"
        className="slider"
        type="range"
        min={10}
        max={Number(most / STEP_PPM)}
        step={1}
        value={Number(value / STEP_PPM)}
        aria-valuetext={showMultiple(value)}
        onChange={(event) => dispatch({ type: 'leverage', ppm: BigInt(event.target.value) * STEP_PPM })}
      />
      <div className="ticket__scale" aria-hidden="true">
        <span>1×</span>
        <span>{showMultiple(most)}</span>
      </div>
    </div>
  );
}

interface PartProperties {
  market: MarketView;
  state: TicketState;
  dispatch: (action: TicketAction) => void;
}

function Protection({ market, state, dispatch }: PartProperties) {
  const reference = referencePrice(state, market.reading?.price);
  const problem = (kind: 'takeProfit' | 'stopLoss', text: string) =>
    protectionProblem(kind, state.side, readDecimal(text, PRICE_DECIMALS), reference);
  return (
    <div className="stack">
      <label className="checkbox">
        <input
          type="checkbox"
          checked={state.protect}
          onChange={(event) => dispatch({ type: 'protect', on: event.target.checked })}
        />
        Take profit / stop loss
      </label>
      {state.protect ? (
        <div className="ticket__pair">
          <Field
            label="Take profit price"
            value={state.takeProfitText}
            error={problem('takeProfit', state.takeProfitText)}
            onChange={(text) => dispatch({ type: 'takeProfit', text: cleanDecimal(state.takeProfitText, text) })}
          />
          <Field
            label="Stop loss price"
            value={state.stopLossText}
            error={problem('stopLoss', state.stopLossText)}
            onChange={(text) => dispatch({ type: 'stopLoss', text: cleanDecimal(state.stopLossText, text) })}
          />
        </div>
      ) : null}
    </div>
  );
}

export function OrderTicket({ market }: { market: MarketView }) {
  const { state, dispatch } = useTicket({ market, price: market.reading?.price });
  const { account } = useWallets();
  const balances = useBalances();
  const { run, busy, failure } = useTransaction();
  const balance =
    balances.state === 'ready' ? (balances.value.collateral.get(market.account.collateralMint) ?? 0n) : undefined;
  const { intent, missing } = useMemo(() => ticketIntent(state, market), [state, market]);
  const { preview, refusals, cost } = useIntentPreview(intent);
  // Without a wallet the figures are worth seeing, and what stands against them is not.
  const standing = account ? refusals : NONE;
  const delayed = market.account.params.delayedOnly !== 0;

  const reason = !account
    ? 'Connect a wallet to trade.'
    : !intent
      ? missing
      : standing.length > 0
        ? 'The program would refuse this: see above.'
        : undefined;

  return (
    <section className="panel" aria-label="Order ticket">
      <form className="ticket" onSubmit={(event) => event.preventDefault()}>
        <Segmented
          legend="Side"
          options={SIDES}
          value={state.side}
          onChange={(side) => dispatch({ type: 'side', side })}
        />
        {delayed ? (
          <Notice title="This market opens by delayed orders">
            <p className="small">
              A keeper fills the order at the first price after the market’s delay. Until then it cannot be taken back.
            </p>
          </Notice>
        ) : (
          <Segmented
            legend="Kind of order"
            className="ticket__kinds"
            options={KINDS}
            value={state.kind}
            onChange={(kind) => dispatch({ type: 'kind', kind })}
          />
        )}
        {state.kind === 'market' ? null : (
          <Field
            label="Trigger price"
            value={state.triggerText}
            unit={market.quoteSymbol}
            hint={KIND_HINT[state.side][state.kind]}
            error={problemOf(readDecimal(state.triggerText, PRICE_DECIMALS))}
            onChange={(text) => dispatch({ type: 'trigger', text: cleanDecimal(state.triggerText, text) })}
          />
        )}
        <Field
          label="Margin"
          value={state.marginText}
          unit={market.quoteSymbol}
          aside={balance === undefined ? undefined : `Balance ${showMoney(balance, market.quoteDecimals)}`}
          error={problemOf(readDecimal(state.marginText, market.quoteDecimals))}
          action={{
            label: 'Max',
            name: 'Use the whole balance as margin',
            disabled: !balance,
            onClick: () => dispatch({ type: 'margin', text: formatDecimal(balance ?? 0n, market.quoteDecimals) }),
          }}
          onChange={(text) => dispatch({ type: 'margin', text: cleanDecimal(state.marginText, text) })}
        />
        <Leverage market={market} state={state} dispatch={dispatch} />
        <Field
          label="Size"
          value={state.sizeText}
          unit={market.baseSymbol}
          error={problemOf(readDecimal(state.sizeText, market.sizeDecimals))}
          onChange={(text) => dispatch({ type: 'size', text: cleanDecimal(state.sizeText, text) })}
        />
        <Field
          label="Slippage tolerance"
          value={state.slippageText}
          unit="%"
          error={slippageProblem(readDecimal(state.slippageText, PERCENT_DECIMALS))}
          onChange={(text) => dispatch({ type: 'slippage', text: cleanDecimal(state.slippageText, text) })}
        />
        <Protection market={market} state={state} dispatch={dispatch} />
        <Rows label="Order summary" rows={summaryRows(market, intent, preview, cost)} />
        <Refusals refusals={standing} market={market} />
        <FailureNotice failure={failure} />
        <SubmitButton
          name={state.side === 'long' ? 'Open long' : 'Open short'}
          tone={state.side}
          wide
          busy={busy}
          reason={reason}
          onSubmit={() => {
            if (!intent) return;
            void run(intent).then((done) => {
              if (done) dispatch({ type: 'clear' });
            });
          }}
        />
      </form>
    </section>
  );
}
