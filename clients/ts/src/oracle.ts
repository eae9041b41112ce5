/** Reading a market's price account as the program reads it, and judging what it says. See docs/oracle.md. */
import { address, type Address, type ReadonlyUint8Array } from '@solana/kit';
import { RingfenceClientError, type RingfenceErrorName } from './errors.js';
import { OracleKind, type Market } from './generated/index.js';
import { U64_MAX, abs } from './integers.js';
import { PPM, PRICE_DECIMALS } from './units.js';

/** The default key: no account. */
export const DEFAULT_ADDRESS = address('11111111111111111111111111111111');
/** The Pyth receiver: owner of every update. */
export const PYTH_RECEIVER = address('rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ');
/** Owners that a legacy price account may have. */
export const PYTH_PUSH_PROGRAMS: readonly Address[] = [
  address('FsJ3A3u2vn5cTVofAjvy6y5kwABJAqYWpe4975bi2epH'),
  address('gSbePebfvPy7tRqimPoVecS2UsBvYv46ynrzWocc92s'),
];

/** A price in the program's units, decoded but not yet judged. */
export interface PriceReading {
  /** Index price, 10^-10 quote, rounded down. */
  price: bigint;
  /** Half-width of the confidence interval, 10^-10 quote, rounded up. */
  confidence: bigint;
  /** Exponential moving average, 10^-10 quote; zero where the feed has none. */
  ema: bigint;
  /** Unix seconds, by the publishers' clock. */
  publishTime: bigint;
  /** When the price before this one was published. */
  previousPublishTime: bigint;
  /** Slot in which the price reached the account. */
  slot: bigint;
}

/** What a pull account says besides its price. */
export interface PriceUpdate extends PriceReading {
  /** Pyth's feed id. */
  feedId: Uint8Array;
}

/** Where an account was found: checked against the market where it is given. */
export interface OracleAccount {
  address: Address;
  /** The program that owns it. */
  owner: Address;
}

const UPDATE_DISCRIMINATOR = [0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
const PUSH_ACCOUNT_LENGTH = 3_312;

/** A view of the bytes; reading past their end is a malformed account. */
class Bytes {
  readonly #view: DataView;

  constructor(readonly data: ReadonlyUint8Array) {
    this.#view = new DataView(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  }

  #at<T>(read: (view: DataView) => T): T {
    try {
      return read(this.#view);
    } catch {
      throw new RingfenceClientError('OracleMalformed');
    }
  }

  u8 = (offset: number) => this.#at((view) => view.getUint8(offset));
  u32 = (offset: number) => this.#at((view) => view.getUint32(offset, true));
  i32 = (offset: number) => this.#at((view) => view.getInt32(offset, true));
  u64 = (offset: number) => this.#at((view) => view.getBigUint64(offset, true));
  i64 = (offset: number) => this.#at((view) => view.getBigInt64(offset, true));
}

/**
 * Decodes a `PriceUpdateV2` of the Pyth receiver. Throws
 * `RingfenceClientError`: malformed, not fully verified, exponent or price out
 * of range.
 */
export function decodePriceUpdate(data: ReadonlyUint8Array): PriceUpdate {
  return scaledUpdate(rawUpdate(data));
}

interface RawPrice {
  price: bigint;
  confidence: bigint;
  ema: bigint;
  exponent: number;
  publishTime: bigint;
  previousPublishTime: bigint;
  slot: bigint;
}

function rawUpdate(data: ReadonlyUint8Array): RawPrice & { feedId: Uint8Array } {
  const bytes = new Bytes(data);
  if (UPDATE_DISCRIMINATOR.some((byte, index) => bytes.u8(index) !== byte)) {
    throw new RingfenceClientError('OracleMalformed');
  }
  // 8 of discriminator and 32 of write authority, then how far it is verified: partially with a count, or in full.
  const level = bytes.u8(40);
  if (level > 1) throw new RingfenceClientError('OracleMalformed');
  const message = level === 1 ? 41 : 42;
  const update = {
    feedId: Uint8Array.from(data.slice(message, message + 32)),
    price: bytes.i64(message + 32),
    confidence: bytes.u64(message + 40),
    exponent: bytes.i32(message + 48),
    publishTime: bytes.i64(message + 52),
    previousPublishTime: bytes.i64(message + 60),
    ema: bytes.i64(message + 68),
    slot: bytes.u64(message + 84),
  };
  if (level === 0) throw new RingfenceClientError('OracleNotFullyVerified');
  return update;
}

function scaledUpdate({ feedId, ...raw }: RawPrice & { feedId: Uint8Array }): PriceUpdate {
  return { ...scaled(raw), feedId };
}

/**
 * Decodes a legacy price account of the Pyth oracle program. Throws
 * `RingfenceClientError`: malformed, not trading, exponent or price out of
 * range.
 */
export function decodePushPrice(data: ReadonlyUint8Array): PriceReading {
  if (data.length < PUSH_ACCOUNT_LENGTH) throw new RingfenceClientError('OracleMalformed');
  const bytes = new Bytes(data);
  const isPrice = bytes.u8(16) === 1 && bytes.u8(225) === 0;
  if (!isPrice) throw new RingfenceClientError('OracleMalformed');
  if (bytes.u8(224) !== 1) throw new RingfenceClientError('OracleNotTrading');
  const isPyth = bytes.u32(0) === 0xa1b2c3d4 && bytes.u32(4) === 2 && bytes.u32(8) === 3;
  if (!isPyth) throw new RingfenceClientError('OracleMalformed');
  return scaled({
    price: bytes.i64(208),
    confidence: bytes.u64(216),
    ema: bytes.i64(48),
    exponent: bytes.i32(20),
    publishTime: bytes.i64(96),
    previousPublishTime: bytes.i64(200),
    slot: bytes.u64(232),
  });
}

/**
 * The price in an account, by the rules of the market's feed. Where `account`
 * is given, address and owner are checked too, as the program does. Throws
 * `RingfenceClientError`.
 */
export function decodeOracle(
  market: Pick<Market, 'oracle'>,
  data: ReadonlyUint8Array,
  account?: OracleAccount,
): PriceReading {
  const { oracle } = market;
  const pinned = oracle.account !== DEFAULT_ADDRESS;
  if (account && pinned && account.address !== oracle.account) throw new RingfenceClientError('OracleWrongAccount');
  const pull = oracle.kind === OracleKind.PythPull;
  const owners = pull ? [PYTH_RECEIVER] : PYTH_PUSH_PROGRAMS;
  if (account && !owners.includes(account.owner)) throw new RingfenceClientError('OracleWrongOwner');
  if (!pull) return decodePushPrice(data);
  const raw = rawUpdate(data);
  if (raw.feedId.some((byte, index) => byte !== oracle.feedId[index])) {
    throw new RingfenceClientError('OracleWrongFeed');
  }
  const { feedId: _, ...reading } = scaledUpdate(raw);
  return reading;
}

/** To 10^-10 quote: price and average rounded down, confidence up. */
function scaled({ exponent, ...raw }: RawPrice): PriceReading {
  if (exponent < -12 || exponent > 0) throw new RingfenceClientError('OracleExponentOutOfRange');
  if (raw.price < 0n) throw new RingfenceClientError('OraclePriceOutOfRange');
  const shift = exponent + PRICE_DECIMALS;
  const factor = 10n ** BigInt(Math.abs(shift));
  const scale = (value: bigint, up: boolean) => {
    const result = shift >= 0 ? value * factor : (value + (up ? factor - 1n : 0n)) / factor;
    if (result > U64_MAX) throw new RingfenceClientError('OraclePriceOutOfRange');
    return result;
  };
  const price = scale(raw.price, false);
  if (price === 0n) throw new RingfenceClientError('OraclePriceOutOfRange');
  return {
    ...raw,
    price,
    confidence: scale(raw.confidence, true),
    ema: scale(raw.ema < 0n ? 0n : raw.ema, false),
  };
}

/** What is wrong with a price, from nothing to everything; the order is severity. */
export const VALIDITIES = [
  'Valid',
  'UncertainForOpen',
  'StaleForOpen',
  'UncertainForReduce',
  'StaleForReduce',
  'Uncertain',
  'Stale',
  'Diverged',
  'RolledBack',
  'BeforeRestart',
  'FromTheFuture',
] as const;

/** What is wrong with a price. */
export type Validity = (typeof VALIDITIES)[number];

/**
 * What a price is wanted for: opening, increasing, removing margin and
 * entering or leaving the pool add risk; decreasing and closing reduce it.
 */
export type OracleAction = 'AddRisk' | 'ReduceByOrder' | 'ReduceRisk' | 'Liquidate';

const ACCEPTS: Record<OracleAction, Validity> = {
  AddRisk: 'Valid',
  ReduceByOrder: 'UncertainForOpen',
  ReduceRisk: 'StaleForOpen',
  Liquidate: 'StaleForReduce',
};

const VALIDITY_ERRORS: Record<Exclude<Validity, 'Valid'>, RingfenceErrorName> = {
  UncertainForOpen: 'OracleConfidenceTooWide',
  StaleForOpen: 'OracleStale',
  UncertainForReduce: 'OracleConfidenceTooWide',
  StaleForReduce: 'OracleStale',
  Uncertain: 'OracleConfidenceTooWide',
  Stale: 'OracleStale',
  Diverged: 'OracleDiverged',
  RolledBack: 'OracleOlderThanAccepted',
  BeforeRestart: 'OracleBeforeRestart',
  FromTheFuture: 'OracleFromTheFuture',
};

/** A price, judged. */
export interface PriceJudgement {
  /** The worst that is wrong with it. */
  validity: Validity;
  /** Whether the action takes it. */
  accepted: boolean;
  /** What the program would refuse it with. */
  error?: RingfenceErrorName;
  /** Clock less publish time, seconds. */
  ageSeconds: bigint;
}

/**
 * Judges a price for an action, by the market's own limits, at `now` (unix
 * seconds of the cluster's clock) after a last restart at `restartSlot`.
 */
export function priceValidity(
  market: Pick<Market, 'oracle' | 'accepted'>,
  reading: PriceReading,
  now: bigint,
  action: OracleAction,
  restartSlot: bigint = 0n,
): PriceJudgement {
  const validity = assess(market, reading, now, restartSlot);
  const accepted = VALIDITIES.indexOf(validity) <= VALIDITIES.indexOf(ACCEPTS[action]);
  const judgement = { validity, accepted, ageSeconds: now - reading.publishTime };
  return accepted || validity === 'Valid' ? judgement : { ...judgement, error: VALIDITY_ERRORS[validity] };
}

function assess(
  { oracle, accepted }: Pick<Market, 'oracle' | 'accepted'>,
  reading: PriceReading,
  now: bigint,
  restartSlot: bigint,
): Validity {
  const age = now - reading.publishTime;
  const exceeds = (part: bigint, whole: bigint, limitPpm: number) => part * PPM > whole * BigInt(limitPpm);
  const widerThan = (limitPpm: number) => exceeds(reading.confidence, reading.price, limitPpm);
  if (age < -2n) return 'FromTheFuture';
  if (reading.slot < restartSlot) return 'BeforeRestart';
  if (reading.publishTime < accepted.publishTime) return 'RolledBack';
  if (exceeds(abs(reading.price - reading.ema), reading.ema, oracle.maxDivergencePpm)) return 'Diverged';
  if (age > BigInt(oracle.maxAgeLiquidate)) return 'Stale';
  if (widerThan(oracle.maxConfidenceLiquidatePpm)) return 'Uncertain';
  if (age > BigInt(oracle.maxAgeReduce)) return 'StaleForReduce';
  if (widerThan(oracle.maxConfidencePpm)) return 'UncertainForReduce';
  if (age > BigInt(oracle.maxAgeOpen)) return 'StaleForOpen';
  if (widerThan(oracle.maxConfidenceOpenPpm)) return 'UncertainForOpen';
  return 'Valid';
}
