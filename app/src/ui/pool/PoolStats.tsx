import { formatDecimal, poolValue, SHARE_PRICE_DECIMALS, shareValue, utilisationPpm } from '@ringfence/client';
import { useBalances, useWallets, type MarketView } from '../../state';
import { Meter, Stat } from '../data';
import { showMoney, showPercent } from '../format';
import { StatusBadge } from '../trade/StatusBadge';

/** A share has the decimals of the collateral, so its price in atoms is also its price in whole units. */
const sharePrice = (price: bigint | null) =>
  price === null ? 'No deposits yet' : formatDecimal(price, SHARE_PRICE_DECIMALS, { min: 6, max: 6, group: true });

function YourShares({ market }: { market: MarketView }) {
  const balances = useBalances();
  const { account } = useWallets();
  if (!account) {
    return <Stat label="Your shares">Connect a wallet</Stat>;
  }
  if (balances.state !== 'ready') return <Stat label="Your shares">…</Stat>;
  const shares = balances.value.shares.get(market.address) ?? 0n;
  const worth = market.reading ? shareValue(market.account, market.reading, shares) : undefined;
  return (
    <Stat
      label="Your shares"
      note={worth === undefined ? undefined : `worth ${showMoney(worth, market.quoteDecimals, market.quoteSymbol)}`}
    >
      {showMoney(shares, market.quoteDecimals)}
    </Stat>
  );
}

export function PoolStats({ market }: { market: MarketView }) {
  const { account, reading, quoteDecimals, quoteSymbol } = market;
  const pool = reading ? poolValue(account, reading) : undefined;
  const used = utilisationPpm(account);
  const limit = BigInt(account.params.maxUtilisationPpm);
  return (
    <section className="panel panel__body stack" aria-label="Pool">
      <div className="row">
        <h2>{market.name} pool</h2>
        <StatusBadge status={market.status} />
      </div>
      <dl className="stats">
        <Stat label="Value" note={`${quoteSymbol}, after traders’ open gains`}>
          {pool ? showMoney(pool.value, quoteDecimals) : 'No price'}
        </Stat>
        <Stat label="Share value" note={`${quoteSymbol} a share`}>
          {pool ? sharePrice(pool.sharePrice) : 'No price'}
        </Stat>
        <YourShares market={market} />
        <Stat label="Liquidity">{showMoney(account.liquidity, quoteDecimals)}</Stat>
        <Stat label="Reserved" note="for open positions">
          {showMoney(account.reserved, quoteDecimals)}
        </Stat>
        <div className="stat">
          <dt>Utilisation</dt>
          <dd>
            <span className="number">{showPercent(used)}</span>
            <Meter label="Utilisation" ppm={used} text={`${showPercent(used)} used`} />
            <span className="stat__note">openings stop at {showPercent(limit, 0)}</span>
          </dd>
        </div>
        <Stat label="Insurance" note="covers bad debt first">
          {showMoney(account.insurance, quoteDecimals)}
        </Stat>
        <Stat label="Bad debt" note="ever, before insurance">
          {showMoney(account.badDebt, quoteDecimals)}
        </Stat>
      </dl>
    </section>
  );
}
