import { useNow, type MarketView } from '../../state';
import { Notice } from '../data';
import { showDuration } from '../format';

const TEXT = {
  stale: {
    title: 'Price is stale',
    text: 'Nobody has published a price lately.',
  },
  wide: {
    title: 'Price is uncertain',
    text: 'Publishers disagree: the confidence interval is wider than the market allows for opening.',
  },
  divergent: {
    title: 'Price is far from its average',
    text: 'It has moved further from its moving average than the market allows.',
  },
  missing: {
    title: 'There is no price',
    text: 'The oracle account cannot be read.',
  },
} as const;

/** Said once, when the state of the price changes; the age beside it ticks in silence. */
export function PriceAlert({ market }: { market: MarketView }) {
  const now = useNow();
  const { state, usableToOpen, usableToClose } = market.price;
  if (state === 'fresh' || market.status === 'Settled') return null;
  const { title, text } = TEXT[state];
  return (
    <div role="alert" aria-label={title}>
      <Notice title={title} tone={usableToClose ? 'warn' : 'bad'}>
        <p>
          {text}{' '}
          {usableToOpen
            ? ''
            : usableToClose
              ? 'Opening has to wait; reducing, closing and adding margin work.'
              : 'Opening and closing have to wait. Adding margin works, and needs no price.'}{' '}
          {market.reading && state === 'stale' ? (
            <span aria-live="off">The last one is {showDuration(now - market.reading.publishTime)} old.</span>
          ) : null}
        </p>
      </Notice>
    </div>
  );
}
