/** Addresses, filters and layouts, against `ringfence-client`. */
import { address, getAddressDecoder, getBase58Encoder } from '@solana/kit';
import { describe, expect, test } from 'vitest';
import {
  MarketStatus,
  Side,
  depositFilters,
  findEventAuthorityPda,
  findExchangePda,
  findLiquidityDepositPda,
  findLpMintPda,
  findMarketPda,
  findOrderEscrowPda,
  findOrderPda,
  findPoolVaultPda,
  findPositionPda,
  findPositionVaultPda,
  findProposalPda,
  findReferralPda,
  getLiquidityDepositCodec,
  getMarketCodec,
  getOrderCodec,
  getPositionCodec,
  marketFilters,
  orderFilters,
  positionFilters,
  proposalFilters,
  referralFilters,
  type AccountFilter,
} from '../src/index.js';
import { agrees, bytes, load } from './vectors.js';

const groups = load('accounts');
/** The keys of 32 equal bytes that the vectors have. */
const key = (byte: number) => getAddressDecoder().decode(new Uint8Array(32).fill(byte));
const [A, B] = [key(7), key(8)];

describe('accounts', () => {
  test('addresses', async () => {
    const rows = groups['derived'] ?? [];
    expect(rows.length).toBeGreaterThan(20);
    for (const [index, owner = '', id, ...expected] of rows) {
      const [provider, number] = [address(owner), Number(id)];
      const [market] = await findMarketPda({ index: Number(index) });
      const [position] = await findPositionPda({ market, owner: provider, id: number });
      const [order] = await findOrderPda({ position, id: number % 256 });
      const [escrow, bump] = await findOrderEscrowPda({ order });
      const derived = await Promise.all([
        findPoolVaultPda({ market }),
        findLpMintPda({ market }),
        findPositionVaultPda({ position }),
        findLiquidityDepositPda({ market, provider, id: number }),
        findReferralPda({ market, referrer: provider }),
        findProposalPda({ market }),
      ]);
      const [pool, mint, vault, deposit, referral, proposal] = derived.map(([found]) => found);
      const ours = [market, pool, mint, position, vault, order, escrow, String(bump), deposit, referral, proposal];
      expect(ours).toEqual(expected);
    }
    const [fixed] = groups['fixed'] ?? [];
    expect([(await findExchangePda())[0], (await findEventAuthorityPda())[0]]).toEqual(fixed);
  });

  test('filters', () => {
    const ours: Record<string, AccountFilter[]> = {
      markets: marketFilters(),
      pausedMarkets: marketFilters(MarketStatus.Paused),
      positions: positionFilters(),
      positionsOf: positionFilters({ market: A, owner: B }),
      positionsOfDelegate: positionFilters({ delegate: A }),
      shorts: positionFilters({ market: A, side: Side.Short }),
      orders: orderFilters({ position: A }),
      ordersOfTrader: orderFilters({ trader: A }),
      deposits: depositFilters({ market: A, provider: B }),
      referrals: referralFilters({ market: A, referrer: B }),
      proposals: proposalFilters(),
    };
    const theirs = groups['filters'] ?? [];
    expect(Object.keys(ours)).toEqual(theirs.map(([name]) => name));
    for (const [name = '', ...conditions] of theirs) expect((ours[name] ?? []).map(written), name).toEqual(conditions);
  });

  agrees(groups, 'accounts', (given) => {
    const [kind, data] = [given.text(), given.text()];
    return decoded(kind, data).map(String);
  });
});

function written(filter: AccountFilter): string {
  if ('dataSize' in filter) return String(filter.dataSize);
  const { offset, bytes: text } = filter.memcmp;
  const hex = [...getBase58Encoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `${offset}:${hex.join('')}`;
}

/** Some fields of an account, which has to be its bytes again when it is written. */
function decoded(kind: string, hex: string): unknown[] {
  const whole = <T>(codec: { fixedSize: number; decode(data: Uint8Array): T; encode(value: T): unknown }): T => {
    const data = bytes(hex, codec.fixedSize);
    const account = codec.decode(data);
    expect(codec.encode(account)).toEqual(data);
    return account;
  };
  switch (kind) {
    case 'market': {
      const { fundingIndex, borrowBasis, params, short, accepted, referralFees } = whole(getMarketCodec());
      const { minKeeperReward } = params;
      return [fundingIndex, borrowBasis, minKeeperReward, short.openInterest, accepted.publishTime, referralFees];
    }
    case 'position': {
      const { owner, size, entryFundingIndex, realisedPnl, committedUntil, voidOrders } = whole(getPositionCodec());
      return [owner, size, entryFundingIndex, realisedPnl, committedUntil, voidOrders[3]];
    }
    case 'order': {
      const { trader, sharePpm, triggerPrice, expiresAt, triggerAbove, failed } = whole(getOrderCodec());
      return [trader, sharePpm, triggerPrice, expiresAt, triggerAbove, failed];
    }
    default: {
      const { provider, id, amount, shares, depositedAt, unlocksAt } = whole(getLiquidityDepositCodec());
      return [provider, id, amount, shares, depositedAt, unlocksAt];
    }
  }
}
