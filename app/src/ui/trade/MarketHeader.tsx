import { borrowRatePerYear, fundingRatePerHour, openInterestNotional, utilisationPpm } from '@ringfence/client';
import { useNow, type MarketView } from '../../state';
import { Meter, Stat } from '../data';
import { showCompact, showDuration, showPercent, showPrice, showRate } from '../format';
import { MarketSelect } from '../MarketSelect';
import { StatusBadge } from './StatusBadge';

function IndexPrice({ market }: { market: MarketView }) {
  const now = useNow();
  const { reading } = market;
  if (!reading) {
    return (
      <div className="index-price">
        <span className="index-price__value muted">No price</span>
        <span className="muted small">Waiting for the oracle</span>
      </div>
    );
  }
  const age = now > reading.publishTime ? now - reading.publishTime : 0n;
  return (
    <div className="index-price">
      <span className="index-price__value number">{showPrice(reading.price)}</span>
      <span className="muted small number">
        Index ± {showPrice(reading.confidence)} · {showDuration(age)} old
      </span>
    </div>
  );
}

interface InterestProperties {
  side: 'long' | 'short';
  notional: bigint;
  limit: bigint;
  market: MarketView;
}

function Interest({ side, notional, limit, market }: InterestProperties) {
  const share = limit === 0n ? 1_000_000n : (notional * 1_000_000n) / limit;
  const text = `${showCompact(notional, market.quoteDecimals)} of ${showCompact(limit, market.quoteDecimals)}`;
  return (
    <span className="interest__line">
      <span className={side === 'long' ? 'gain strong' : 'loss strong'} aria-hidden="true">
        {side === 'long' ? 'L' : 'S'}
      </span>
      <Meter label={`Open interest, ${side}`} ppm={share} text={text} tone={side} />
      <span>{text}</span>
    </span>
  );
}

/** By the number as it is shown: nobody pays a rate that reads zero. */
function payer(rate: bigint): string {
  if (!/[1-9]/.test(showRate(rate))) return 'nobody pays';
  return rate > 0n ? 'longs pay' : 'shorts pay';
}

export function MarketHeader({ market }: { market: MarketView }) {
  const { account, reading, quoteDecimals, quoteSymbol } = market;
  const price = reading?.price ?? account.accepted.price;
  const interest = openInterestNotional(account, price);
  const funding = fundingRatePerHour(account);
  return (
    <section className="panel market-header" aria-label="Market">
      <div className="market-header__name">
        <MarketSelect market={market} path={(name) => `/trade/${name}`} />
        <span className="row">
          <StatusBadge status={market.status} />
          {account.params.delayedOnly ? <span className="badge">Opens by delayed orders</span> : null}
        </span>
      </div>
      <IndexPrice market={market} />
      <dl className="stats">
        <Stat label="Funding per hour" note={payer(funding)}>
          {showRate(funding)}
        </Stat>
        <Stat label="Borrow fee per year" note="on the reserve">
          {showRate(borrowRatePerYear(account), 2)}
        </Stat>
        <Stat
          label="Utilisation"
          note={`${showCompact(account.reserved, quoteDecimals)} of ${showCompact(account.liquidity, quoteDecimals)}`}
        >
          {showPercent(utilisationPpm(account))}
        </Stat>
        <div className="stat stat--interest">
          <dt>Open interest and limits</dt>
          <dd className="interest">
            <Interest side="long" notional={interest.long} limit={account.params.maxOpenInterestLong} market={market} />
            <Interest
              side="short"
              notional={interest.short}
              limit={account.params.maxOpenInterestShort}
              market={market}
            />
          </dd>
        </div>
        <Stat label="Collateral" note={`up to ${1_000_000 / account.params.initialMarginPpm}× leverage`}>
          {quoteSymbol}
        </Stat>
      </dl>
    </section>
  );
}
