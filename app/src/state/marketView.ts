import type { Address } from '@solana/kit';
import {
  accrueMarket,
  isSettling,
  marketName,
  MarketStatus,
  priceValidity,
  settlementReading,
  type Market,
  type PriceReading,
  type Validity,
} from '@ringfence/client';
import type { MarketStatusName, MarketView, PriceView } from './views';

/** Symbols are not on chain with the mint; what is not listed here is called by the beginning of its address. */
const QUOTE_SYMBOLS: Readonly<Record<string, string>> = {
  EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v: 'USDC',
  '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU': 'USDC',
  // The localnet's test money, the same in every run.
  A775o6vDazrPZpPqoidYN2H91SiZK9WXVU6sUxzmMZZe: 'USD',
  Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB: 'USDT',
};

const STATUS_NAMES: Readonly<Record<MarketStatus, MarketStatusName>> = {
  [MarketStatus.Active]: 'Active',
  [MarketStatus.ReduceOnly]: 'ReduceOnly',
  [MarketStatus.Paused]: 'Paused',
  // The program gives a market this status once its settlement price is fixed.
  [MarketStatus.Settling]: 'Settled',
};

/** A settlement that is announced counts for more than what the market allows until then. */
const statusOf = ({ status, settlesAt }: Market): MarketStatusName =>
  status !== MarketStatus.Settling && settlesAt > 0n ? 'Settling' : STATUS_NAMES[status];

const PRICE_STATES: Readonly<Record<Validity, PriceView['state']>> = {
  Valid: 'fresh',
  UncertainForOpen: 'wide',
  StaleForOpen: 'stale',
  UncertainForReduce: 'wide',
  StaleForReduce: 'stale',
  Uncertain: 'wide',
  Stale: 'stale',
  Diverged: 'divergent',
  RolledBack: 'stale',
  BeforeRestart: 'stale',
  FromTheFuture: 'stale',
};

const MISSING: PriceView = { state: 'missing', usableToOpen: false, usableToClose: false };

function judge(market: Market, reading: PriceReading | undefined, now: bigint, restartSlot: bigint): PriceView {
  if (isSettling(market)) return { state: 'fresh', usableToOpen: false, usableToClose: true };
  if (!reading) return MISSING;
  const { validity, accepted, ageSeconds } = priceValidity(market, reading, now, 'AddRisk', restartSlot);
  return {
    state: PRICE_STATES[validity],
    ageSeconds: ageSeconds < 0n ? 0n : ageSeconds,
    usableToOpen: accepted && market.status === MarketStatus.Active,
    usableToClose: priceValidity(market, reading, now, 'ReduceRisk', restartSlot).accepted,
  };
}

export interface MarketInputs {
  address: Address;
  /** As it was last written. */
  market: Market;
  oracle: Address;
  reading?: PriceReading;
  now: bigint;
  restartSlot?: bigint;
}

export function marketView({ address, market, oracle, reading, now, restartSlot = 0n }: MarketInputs): MarketView {
  const price = settlementReading(market) ?? reading;
  const index = price?.price ?? market.accepted.price;
  const name = marketName(market);
  return {
    address,
    account: index > 0n ? accrueMarket(market, now, index) : market,
    name,
    index: market.index,
    baseSymbol: name.split('-')[0] ?? name,
    sizeDecimals: market.sizeDecimals,
    quoteDecimals: market.quoteDecimals,
    quoteSymbol: QUOTE_SYMBOLS[market.collateralMint] ?? `${market.collateralMint.slice(0, 4)}…`,
    status: statusOf(market),
    oracle,
    ...(price && { reading: price }),
    restartSlot,
    price: judge(market, reading, now, restartSlot),
  };
}
