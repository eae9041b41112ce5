import type { MarketView } from '../../state';
import { Notice } from '../data';
import { showDuration } from '../format';

export function PoolRisks({ market }: { market: MarketView }) {
  const { liquidityCooldownSeconds } = market.account.params;
  return (
    <Notice title="What a provider risks" tone="warn">
      <ul className="bullets">
        <li>
          When traders win, the pool pays. You can lose a large part of what you put in, in a strong trend all of it.
        </li>
        <li>
          What open positions may still win is reserved and cannot leave. While utilisation is high, a withdrawal may
          have to wait until positions close.
        </li>
        <li>
          Shares of a deposit come out after {showDuration(BigInt(liquidityCooldownSeconds))}. They bear every loss from
          the moment of the deposit.
        </li>
        <li>Bad debt beyond the insurance is the pool’s. Traders never share it.</li>
        <li>The program has not been audited.</li>
      </ul>
    </Notice>
  );
}
