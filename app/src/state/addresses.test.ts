import { address, getBase16Encoder } from '@solana/kit';
import { describe, expect, it } from 'vitest';
import { oracleAddress, tokenAmount } from './addresses';
import { marketFixture, NOBODY, ORACLES } from './fixtureAccounts';

/** Pyth's list of feeds: SOL/USD, and the account that it sponsors on Solana. */
const SOL_FEED = 'ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d';
const SOL_ACCOUNT = address('7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE');

describe('oracleAddress', () => {
  it('is the pinned account', async () => {
    const market = marketFixture(1, 'BTC-PERP', 60_000n);
    await expect(oracleAddress(market)).resolves.toBe(ORACLES[1]);
  });

  it('is the sponsored account of the feed where any update is taken', async () => {
    const { oracle } = marketFixture(0, 'SOL-PERP', 150n);
    const feedId = getBase16Encoder().encode(SOL_FEED);
    await expect(oracleAddress({ oracle: { ...oracle, feedId, account: NOBODY } })).resolves.toBe(SOL_ACCOUNT);
  });
});

describe('tokenAmount', () => {
  it('reads the amount behind mint and owner', () => {
    const data = new Uint8Array(165);
    data.set([0x40, 0x42, 0x0f], 64);
    expect(tokenAmount(data)).toBe(1_000_000n);
    expect(tokenAmount(new Uint8Array(10))).toBe(0n);
  });
});
