import { useState } from 'react';
import { useMarkets, type MarketView } from '../state';
import { LoadState, Empty } from '../ui/LoadState';
import { Deposits } from '../ui/pool/Deposits';
import { DepositForm } from '../ui/pool/DepositForm';
import { PoolRisks } from '../ui/pool/PoolRisks';
import { PoolStats } from '../ui/pool/PoolStats';
import { WithdrawForm } from '../ui/pool/WithdrawForm';
import { useTitle } from '../ui/useTitle';

function Pool({ market }: { market: MarketView }) {
  return (
    <div className="pool">
      <PoolStats market={market} />
      <div className="pool__forms">
        <DepositForm market={market} />
        <WithdrawForm market={market} />
      </div>
      <Deposits market={market} />
      <PoolRisks market={market} />
    </div>
  );
}

function Pools({ markets }: { markets: MarketView[] }) {
  const [chosen, choose] = useState<string>();
  const market = markets.find(({ name }) => name === chosen) ?? markets[0];
  if (!market) {
    return (
      <div className="panel">
        <Empty title="This cluster has no pools">Choose another cluster above.</Empty>
      </div>
    );
  }
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Pool</h1>
          <p>
            Each market has a pool of its own. Its providers are the counterparty of that market’s traders: they earn
            fees and traders’ losses, and pay traders’ gains. No other market’s loss can reach it.
          </p>
        </div>
        <select
          className="select"
          aria-label="Market"
          value={market.name}
          onChange={(event) => choose(event.target.value)}
        >
          {markets.map(({ address, name }) => (
            <option key={address} value={name}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <Pool key={market.address} market={market} />
    </>
  );
}

export function PoolPage() {
  const markets = useMarkets();
  useTitle('Pool');
  return (
    <LoadState of={markets} what="pools">
      {(all) => <Pools markets={all} />}
    </LoadState>
  );
}
