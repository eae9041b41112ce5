import { formatDecimal, withdrawableShares } from '@ringfence/client';
import { useState } from 'react';
import { useBalances, useIntentPreview, useWallets, type Intent, type MarketView } from '../../state';
import { Rows } from '../data';
import { FailureNotice } from '../FailureNotice';
import { Field } from '../Field';
import { showMoney } from '../format';
import { cleanDecimal, problemOf, readDecimal, valueOf } from '../input';
import { previewRows } from '../previewRows';
import { Refusals } from '../Refusals';
import { SubmitButton } from '../SubmitButton';
import { useTransaction } from '../useTransaction';
import { whyNot } from '../whyNot';
import { POOL_SLIPPAGE_PPM } from './slippage';

export function WithdrawForm({ market }: { market: MarketView }) {
  const [text, setText] = useState('');
  const { account } = useWallets();
  const balances = useBalances();
  const { run, busy, failure } = useTransaction();
  // LP shares have the decimals of the collateral.
  const shares = readDecimal(text, market.quoteDecimals);
  const value = valueOf(shares);
  const intent: Intent | undefined = value
    ? { kind: 'removeLiquidity', market: market.index, shares: value, slippagePpm: POOL_SLIPPAGE_PPM }
    : undefined;
  const { preview, refusals } = useIntentPreview(account ? intent : undefined);
  const held = balances.state === 'ready' ? (balances.value.shares.get(market.address) ?? 0n) : undefined;
  const most = held && market.reading ? withdrawableShares(market.account, market.reading, held) : held;
  const free = market.account.liquidity - market.account.reserved;
  return (
    <section className="panel" aria-label="Withdraw">
      <form className="panel__body stack" onSubmit={(event) => event.preventDefault()}>
        <h2>Withdraw</h2>
        <p className="muted">
          {showMoney(free, market.quoteDecimals, market.quoteSymbol)} can leave the pool now. The rest is reserved for
          what open positions may win.
        </p>
        <Field
          label="Shares"
          value={text}
          aside={held === undefined ? undefined : `Held ${showMoney(held, market.quoteDecimals)}`}
          error={problemOf(shares)}
          action={{
            label: 'Max',
            name: most === held ? 'Withdraw all shares' : 'Withdraw as many shares as can leave',
            disabled: !most,
            onClick: () => setText(formatDecimal(most ?? 0n, market.quoteDecimals)),
          }}
          onChange={(next) => setText(cleanDecimal(text, next))}
        />
        <Rows label="What a withdrawal brings" rows={previewRows(market, preview)} />
        <Refusals refusals={refusals} market={market} />
        <FailureNotice failure={failure} />
        <SubmitButton
          name="Withdraw"
          wide
          busy={busy}
          reason={account ? whyNot(intent, 'Enter a number of shares.', refusals) : 'Connect a wallet to withdraw.'}
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
