import { PRICE_DECIMALS } from '@ringfence/client';
import { useState } from 'react';
import type { Intent, PositionView } from '../../state';
import { ActionDialog } from '../ActionDialog';
import { Field } from '../Field';
import { showMoney, showPrice } from '../format';
import { cleanDecimal, readDecimal, type Parsed } from '../input';
import { protectionProblem } from '../protection';
import type { PositionDialogProperties } from './PositionDialog';
import { PositionSummary } from './PositionSummary';

/** As the command line's: markets that reach a stop loss run away, so it accepts more. */
const TAKE_PROFIT_SLIPPAGE_PPM = 5_000n;
const STOP_LOSS_SLIPPAGE_PPM = 50_000n;

function protectIntent(position: PositionView, takeProfit: Parsed, stopLoss: Parsed): Intent | undefined {
  if (takeProfit.state === 'bad' || stopLoss.state === 'bad') return undefined;
  const orders = [];
  if (takeProfit.state === 'ok') {
    orders.push({
      kind: 'takeProfit' as const,
      triggerPrice: takeProfit.value,
      slippagePpm: TAKE_PROFIT_SLIPPAGE_PPM,
    });
  }
  if (stopLoss.state === 'ok') {
    orders.push({ kind: 'stopLoss' as const, triggerPrice: stopLoss.value, slippagePpm: STOP_LOSS_SLIPPAGE_PPM });
  }
  return orders.length === 0 ? undefined : { kind: 'placeOrder', position: position.address, orders };
}

export function ProtectDialog({ position, onClose }: PositionDialogProperties) {
  const { market, side } = position;
  const [takeProfitText, setTakeProfit] = useState('');
  const [stopLossText, setStopLoss] = useState('');
  const takeProfit = readDecimal(takeProfitText, PRICE_DECIMALS);
  const stopLoss = readDecimal(stopLossText, PRICE_DECIMALS);
  const price = market.reading?.price;
  const takeProfitProblem = protectionProblem('takeProfit', side, takeProfit, price);
  const stopLossProblem = protectionProblem('stopLoss', side, stopLoss, price);
  const wrong = takeProfitProblem !== undefined || stopLossProblem !== undefined;
  const index = market.reading ? `Index price now ${showPrice(market.reading.price)}` : undefined;
  const { minKeeperReward } = market.account.params;
  return (
    <ActionDialog
      title="Take profit / stop loss"
      market={market}
      intent={wrong ? undefined : protectIntent(position, takeProfit, stopLoss)}
      missing={wrong ? 'Correct the fields marked above.' : 'Enter one price or both.'}
      rows={() => [
        {
          label: 'Prepaid to whoever executes it, each',
          value: showMoney(minKeeperReward, market.quoteDecimals, market.quoteSymbol),
        },
        { label: 'Valid for', value: '30 days' },
      ]}
      onClose={onClose}
    >
      <PositionSummary position={position} />
      <Field
        label="Take profit price"
        value={takeProfitText}
        unit={market.quoteSymbol}
        focusFirst
        aside={index}
        error={takeProfitProblem}
        hint={side === 'long' ? 'Closes at this index price or above.' : 'Closes at this index price or below.'}
        onChange={(next) => setTakeProfit(cleanDecimal(takeProfitText, next))}
      />
      <Field
        label="Stop loss price"
        value={stopLossText}
        unit={market.quoteSymbol}
        error={stopLossProblem}
        hint={
          side === 'long'
            ? 'Closes at this index price or below, up to 5 % worse.'
            : 'Closes at this index price or above, up to 5 % worse.'
        }
        onChange={(next) => setStopLoss(cleanDecimal(stopLossText, next))}
      />
      <p className="muted small">
        A keeper closes the whole position once a price is reached. With both, whichever comes first cancels the other.
      </p>
    </ActionDialog>
  );
}
