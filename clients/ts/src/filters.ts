/** `getProgramAccounts` filters: one kind of account, and which of them. */
import {
  getAddressEncoder,
  getBase58Decoder,
  type Address,
  type Base58EncodedBytes,
  type ReadonlyUint8Array,
} from '@solana/kit';
import type { MarketStatus, Side } from './generated/index.js';
import {
  getLiquidityDepositDiscriminatorBytes,
  getLiquidityDepositSize,
  getMarketDiscriminatorBytes,
  getMarketSize,
  getOrderDiscriminatorBytes,
  getOrderSize,
  getParamsProposalDiscriminatorBytes,
  getParamsProposalSize,
  getPositionDiscriminatorBytes,
  getPositionSize,
  getReferralDiscriminatorBytes,
  getReferralSize,
} from './generated/index.js';

/** A condition, as Kit's `getProgramAccounts` takes it. */
export type AccountFilter =
  { dataSize: bigint } | { memcmp: { offset: bigint; bytes: Base58EncodedBytes; encoding: 'base58' } };

const MARKET = 16n;
const SECOND_KEY = 48n;
const THIRD_KEY = 80n;

function at(offset: bigint, bytes: ReadonlyUint8Array): AccountFilter {
  const text = getBase58Decoder().decode(bytes) as Base58EncodedBytes;
  return { memcmp: { offset, bytes: text, encoding: 'base58' } };
}

function kind(size: number, discriminator: ReadonlyUint8Array): AccountFilter[] {
  return [{ dataSize: BigInt(size) }, at(0n, discriminator)];
}

function keyed(filters: AccountFilter[], ...keys: [bigint, Address | undefined][]): AccountFilter[] {
  const encoder = getAddressEncoder();
  const given = keys.flatMap(([offset, key]) => (key === undefined ? [] : [at(offset, encoder.encode(key))]));
  return [...filters, ...given];
}

/** Markets, all or those of one status. */
export function marketFilters(status?: MarketStatus): AccountFilter[] {
  const filters = kind(getMarketSize(), getMarketDiscriminatorBytes());
  return status === undefined ? filters : [...filters, at(10n, Uint8Array.of(status))];
}

/** Positions of a market, of an owner, of a delegate, of one side; all where nothing is given. Open and emptied. */
export function positionFilters(
  of: { market?: Address; owner?: Address; delegate?: Address; side?: Side } = {},
): AccountFilter[] {
  const filters = keyed(
    kind(getPositionSize(), getPositionDiscriminatorBytes()),
    [MARKET, of.market],
    [SECOND_KEY, of.owner],
    [THIRD_KEY, of.delegate],
  );
  return of.side === undefined ? filters : [...filters, at(10n, Uint8Array.of(of.side))];
}

/** Orders of a market, for a position, by whoever placed them; all where nothing is given. */
export function orderFilters(of: { market?: Address; position?: Address; trader?: Address } = {}): AccountFilter[] {
  return keyed(
    kind(getOrderSize(), getOrderDiscriminatorBytes()),
    [MARKET, of.market],
    [SECOND_KEY, of.position],
    [THIRD_KEY, of.trader],
  );
}

/** Deposits whose shares have not been claimed, of a market, of a provider, or all. */
export function depositFilters(of: { market?: Address; provider?: Address } = {}): AccountFilter[] {
  return keyed(
    kind(getLiquidityDepositSize(), getLiquidityDepositDiscriminatorBytes()),
    [MARKET, of.market],
    [SECOND_KEY, of.provider],
  );
}

/** Referrals of a market, of a referrer, or all. */
export function referralFilters(of: { market?: Address; referrer?: Address } = {}): AccountFilter[] {
  return keyed(
    kind(getReferralSize(), getReferralDiscriminatorBytes()),
    [MARKET, of.market],
    [SECOND_KEY, of.referrer],
  );
}

/** Parameters that wait for their timelock. */
export function proposalFilters(): AccountFilter[] {
  return kind(getParamsProposalSize(), getParamsProposalDiscriminatorBytes());
}
