import type { Address } from '@solana/kit';
import { useMarkets } from '../state';

export interface Collateral {
  mint: Address;
  symbol: string;
  decimals: number;
}

/** The tokens that the markets of this cluster are margined in, each once. */
export function useCollaterals(): Collateral[] {
  const markets = useMarkets();
  if (markets.state !== 'ready') return [];
  const found = new Map<Address, Collateral>();
  for (const { account, quoteSymbol, quoteDecimals } of markets.value) {
    found.set(account.collateralMint, { mint: account.collateralMint, symbol: quoteSymbol, decimals: quoteDecimals });
  }
  return [...found.values()];
}
