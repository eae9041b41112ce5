import { formatDecimal } from '@ringfence/client';
import { useState } from 'react';
import { useBalances, useIntentPreview, useWallets, type Intent, type MarketView } from '../../state';
import { Rows } from '../data';
import { FailureNotice } from '../FailureNotice';
import { Field } from '../Field';
import { showDuration, showMoney } from '../format';
import { cleanDecimal, problemOf, readDecimal, valueOf } from '../input';
import { previewRows } from '../previewRows';
import { Refusals } from '../Refusals';
import { SubmitButton } from '../SubmitButton';
import { useTransaction } from '../useTransaction';
import { whyNot } from '../whyNot';
import { POOL_SLIPPAGE_PPM } from './slippage';

export function DepositForm({ market }: { market: MarketView }) {
  const [text, setText] = useState('');
  const { account } = useWallets();
  const balances = useBalances();
  const { run, busy, failure } = useTransaction();
  const amount = readDecimal(text, market.quoteDecimals);
  const value = valueOf(amount);
  const intent: Intent | undefined = value
    ? { kind: 'addLiquidity', market: market.index, amount: value, slippagePpm: POOL_SLIPPAGE_PPM }
    : undefined;
  const { preview, refusals } = useIntentPreview(account ? intent : undefined);
  const balance =
    balances.state === 'ready' ? (balances.value.collateral.get(market.account.collateralMint) ?? 0n) : undefined;
  return (
    <section className="panel" aria-label="Deposit">
      <form className="panel__body stack" onSubmit={(event) => event.preventDefault()}>
        <h2>Deposit</h2>
        <p className="muted">
          Shares can be claimed {showDuration(BigInt(market.account.params.liquidityCooldownSeconds))} after the
          deposit, so that nobody can enter for one price update and leave.
        </p>
        <Field
          label="Amount"
          value={text}
          unit={market.quoteSymbol}
          aside={balance === undefined ? undefined : `Balance ${showMoney(balance, market.quoteDecimals)}`}
          error={problemOf(amount)}
          action={{
            label: 'Max',
            name: 'Use the whole balance',
            disabled: !balance,
            onClick: () => setText(formatDecimal(balance ?? 0n, market.quoteDecimals)),
          }}
          onChange={(next) => setText(cleanDecimal(text, next))}
        />
        <Rows label="What a deposit brings" rows={previewRows(market, preview)} />
        <Refusals refusals={refusals} market={market} />
        <FailureNotice failure={failure} />
        <SubmitButton
          name="Deposit"
          wide
          busy={busy}
          reason={account ? whyNot(intent, 'Enter an amount.', refusals) : 'Connect a wallet to deposit.'}
          onSubmit={() => {
            if (!intent) return;
            void run(intent).then((done) => {
              if (done) setText('');
            });
          }}
        />
      </form>
    </section>
  );
}
