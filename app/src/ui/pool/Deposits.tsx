import { useDeposits, useWallets, type DepositView, type MarketView } from '../../state';
import { FailureNotice } from '../FailureNotice';
import { showDuration, showMoney, showTime } from '../format';
import { useTransaction } from '../useTransaction';

function Deposit({ deposit }: { deposit: DepositView }) {
  const { account, market, claimable, unlocksIn } = deposit;
  const { run, busy, failure } = useTransaction();
  const waiting = !claimable;
  return (
    <li className="panel panel__body stack">
      <div className="row spread">
        <div>
          <span className="strong number">{showMoney(account.amount, market.quoteDecimals, market.quoteSymbol)}</span>
          <span className="table__sub">deposited {showTime(account.depositedAt)}</span>
        </div>
        <div>
          <span className="number">{showMoney(account.shares, market.quoteDecimals)} shares</span>
          <span className="table__sub number">
            {waiting ? `can be claimed in ${showDuration(unlocksIn)}` : 'can be claimed now'}
          </span>
        </div>
        <button
          type="button"
          className="button button--primary"
          aria-disabled={waiting || busy}
          onClick={() => {
            if (!waiting && !busy) void run({ kind: 'claimShares', deposit: deposit.address });
          }}
        >
          Claim shares
        </button>
      </div>
      <FailureNotice failure={failure} />
    </li>
  );
}

/** Deposits of this market whose shares have not been claimed. */
export function Deposits({ market }: { market: MarketView }) {
  const deposits = useDeposits();
  const { account } = useWallets();
  if (!account || deposits.state !== 'ready') return null;
  const own = deposits.value.filter((deposit) => deposit.market.address === market.address);
  if (own.length === 0) return null;
  return (
    <section className="stack" aria-label="Deposits waiting for their shares">
      <h2>Deposits waiting for their shares</h2>
      <ul className="stack">
        {own.map((deposit) => (
          <Deposit key={deposit.address} deposit={deposit} />
        ))}
      </ul>
    </section>
  );
}
