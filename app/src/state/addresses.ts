import { address, getProgramDerivedAddress, type Address } from '@solana/kit';
import { DEFAULT_ADDRESS, findAssociatedTokenAddress, type Market } from '@ringfence/client';

const PYTH_PUSH_ORACLE = address('pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT');
/** Two bytes: Pyth keeps the feeds that it sponsors in shard 0. */
const SPONSORED_SHARD = new Uint8Array(2);

const feeds = new Map<string, Promise<Address>>();

/** Where the price is read: the pinned account, or the sponsored one of the feed where any update is taken. */
export function oracleAddress({ oracle }: Pick<Market, 'oracle'>): Promise<Address> {
  if (oracle.account !== DEFAULT_ADDRESS) return Promise.resolve(oracle.account);
  const key = oracle.feedId.join();
  const known =
    feeds.get(key) ??
    getProgramDerivedAddress({
      programAddress: PYTH_PUSH_ORACLE,
      seeds: [SPONSORED_SHARD, new Uint8Array(oracle.feedId)],
    }).then(([found]) => found);
  feeds.set(key, known);
  return known;
}

/** The token accounts of a wallet for one market. */
export interface TokenAccounts {
  collateral: Address;
  shares: Address;
}

export async function tokenAccounts(owner: Address, market: Market): Promise<TokenAccounts> {
  const { collateralMint, lpMint, tokenProgram } = market;
  const [collateral, shares] = await Promise.all([
    findAssociatedTokenAddress(owner, collateralMint, tokenProgram),
    findAssociatedTokenAddress(owner, lpMint, tokenProgram),
  ]);
  return { collateral, shares };
}

const AMOUNT_OFFSET = 64;

/** Atoms in a token account. */
export function tokenAmount(data: Uint8Array): bigint {
  if (data.length < AMOUNT_OFFSET + 8) return 0n;
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getBigUint64(AMOUNT_OFFSET, true);
}
