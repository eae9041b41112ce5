import { useLocation } from 'wouter';
import { useMarkets, type MarketView } from '../state';

interface Properties {
  market: MarketView;
  /** Where the market of a name lies. */
  path: (name: string) => string;
}

export function MarketSelect({ market, path }: Properties) {
  const markets = useMarkets();
  const [, go] = useLocation();
  const known = markets.state === 'ready' ? markets.value : [market];
  return (
    <select
      className="select market-header__select"
      aria-label="Market"
      value={market.name}
      onChange={(event) => go(path(event.target.value))}
    >
      {known.map(({ address, name }) => (
        <option key={address} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
