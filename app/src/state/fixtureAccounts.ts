import { address, type Address } from '@solana/kit';
import {
  MarketStatus,
  OracleKind,
  OrderKind,
  Side,
  type LiquidityDeposit,
  type Market,
  type Order,
  type Position,
  type PriceReading,
} from '@ringfence/client';

/** Accounts as a localnet has them, for the fixtures. The addresses belong to nobody. */

export const NOW = 1_795_600_000n;
export const NOBODY = address('11111111111111111111111111111111');
export const MINT = address('A775o6vDazrPZpPqoidYN2H91SiZK9WXVU6sUxzmMZZe');
export const OWNER = address('WhFrWgx5R4yif8XNPDToC1UGpQG3KJHhsFEKGnkoxXk');
export const STRANGER = address('3aZmE58FKR63A3qNB2fWq92LKUbQx7rxLyUBb3HsjfcP');

export const MARKETS: readonly Address[] = [
  address('AbrMb7LAfe7dvSYAMCUKGmPEeCdw68VhwFeDSvToHBsF'),
  address('ERB3nmVpiX7X4MsVMs2cGiNUngmHvALttmNt9jMX2zG4'),
  address('Y1zdUqKqYpGj8j5xSxGmSXKAeiAhV4YqfCQmGLtkpdM'),
];
export const ORACLES: readonly Address[] = [
  address('7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE'),
  address('4cSM2e6rvbGQUFiJbqytoVMi5GgghSMr8LwVrT9VPSPo'),
  address('42amVS4KgzR9rA28tkVYqVXjq9Qa8dcZQMbH5EYFX6XC'),
];

const zeros = (count: number) => Array.from({ length: count }, () => 0n);
const bytes = (count: number) => new Uint8Array(count);

/** Whole units of quote, in atoms and in the unit of prices. */
export const quote = (whole: bigint) => whole * 1_000_000n;
export const price = (whole: bigint) => whole * 10_000_000_000n;
export const base = (whole: bigint) => whole * 1_000_000_000n;

export function readingFixture(whole: bigint, age = 1n): PriceReading {
  return {
    price: price(whole),
    confidence: price(whole) / 10_000n,
    ema: price(whole),
    publishTime: NOW - age,
    previousPublishTime: NOW - age - 1n,
    slot: 1_000n,
  };
}

export function marketFixture(index: number, name: string, whole: bigint, changes: Partial<Market> = {}): Market {
  const padded = bytes(16);
  padded.set(new TextEncoder().encode(name));
  return {
    discriminator: bytes(8),
    version: 2,
    bump: 254,
    status: MarketStatus.Active,
    sizeDecimals: 9,
    quoteDecimals: 6,
    uncounted: 0,
    index,
    name: padded,
    collateralMint: MINT,
    tokenProgram: address('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'),
    poolVault: address('BSwy8rUDqQZqFivAkxnG7XqY6VhnVnMyuLSixZkaNd3i'),
    lpMint: address('FiTnvFUDkSqAgoSJkK4qnJQ4oygLYtaPFwnk6o2qmCyQ'),
    notionalDivisor: 10_000_000_000_000n,
    oracle: {
      feedId: bytes(32),
      account: ORACLES[index] ?? NOBODY,
      maxAgeOpen: 60,
      maxAgeReduce: 120,
      maxAgeLiquidate: 300,
      maxConfidenceOpenPpm: 5_000,
      maxConfidencePpm: 10_000,
      maxConfidenceLiquidatePpm: 20_000,
      maxDivergencePpm: 300_000,
      kind: OracleKind.PythPull,
      reserved: bytes(3),
    },
    params: {
      skewScale: base(10_000_000n),
      maxOpenInterestLong: quote(10_000_000n),
      maxOpenInterestShort: quote(10_000_000n),
      minPositionNotional: quote(10n),
      minKeeperReward: 100_000n,
      initialMarginPpm: 50_000,
      maintenanceMarginPpm: 25_000,
      liquidationFeePpm: 10_000,
      keeperSharePpm: 500_000,
      openFeePpm: 500,
      closeFeePpm: 500,
      insuranceSharePpm: 100_000,
      protocolSharePpm: 100_000,
      referrerSharePpm: 0,
      reserveFactorPpm: 1_000_000,
      maxUtilisationPpm: 800_000,
      borrowBasePpm: 20_000,
      borrowKinkPpm: 800_000,
      borrowSlope1Ppm: 100_000,
      borrowSlope2Ppm: 1_000_000,
      maxFundingRatePpm: 10_000,
      maxFundingVelocityPpm: 100_000,
      liquidityCooldownSeconds: 3_600,
      minOrderDelaySeconds: 0,
      delayedOnly: 0,
      reserved: zeros(7),
    },
    long: { openInterest: base(20_000n), entryNotional: quote(3_000_000n), positions: 41n, fundingBasis: 0n },
    short: { openInterest: base(12_000n), entryNotional: quote(1_800_000n), positions: 23n, fundingBasis: 0n },
    fundingRate: 2_400_000_000_000_000n,
    accruedAt: NOW - 2n,
    fundingIndex: 0n,
    borrowIndex: 0n,
    borrowBasis: 0n,
    liquidity: quote(10_000_000n),
    reserved: quote(4_800_000n),
    insurance: quote(12_500n),
    protocolFees: quote(830n),
    lpShares: quote(9_800_000n),
    nextGeneration: 65n,
    badDebt: quote(120n),
    accepted: {
      price: price(whole),
      confidence: price(whole) / 10_000n,
      ema: price(whole),
      publishTime: NOW - 2n,
    },
    settlementPrice: 0n,
    settledAt: 0n,
    settlesAt: 0n,
    positionAccounts: 64n,
    depositAccounts: 1n,
    unclaimedShares: quote(1_000n),
    referralAccounts: 0n,
    referralFees: 0n,
    reservedB: zeros(24),
    ...changes,
  };
}

export function positionFixture(changes: Partial<Position> = {}): Position {
  return {
    discriminator: bytes(8),
    version: 2,
    bump: 255,
    side: Side.Long,
    vaultBump: 255,
    id: 0,
    reservedA: bytes(2),
    market: MARKETS[0]!,
    owner: OWNER,
    delegate: NOBODY,
    vault: address('EwpShxHwj1mRZ4ZVEpu7mXcysgpefqzReUX8ppzfoV9F'),
    size: base(100n),
    entryNotional: quote(14_500n),
    margin: quote(3_000n),
    reserve: quote(14_500n),
    generation: 7n,
    openedAt: NOW - 86_400n,
    entryFundingIndex: 0n,
    entryBorrowIndex: 0n,
    realisedPnl: 0n,
    realisedFunding: 0n,
    realisedBorrow: 0n,
    feesPaid: 7_250_000n,
    referral: NOBODY,
    voidOrders: zeros(4),
    committedUntil: 0n,
    reservedB: zeros(1),
    ...changes,
  };
}

export function orderFixture(position: Address, changes: Partial<Order> = {}): Order {
  return {
    discriminator: bytes(8),
    version: 1,
    bump: 255,
    id: 0,
    kind: OrderKind.TakeProfit,
    triggerAbove: true,
    hasPartner: true,
    partner: 1,
    failed: false,
    market: MARKETS[0]!,
    position,
    trader: OWNER,
    escrow: address('EVgUn6kweJtypbem5qn1vY7g1uvua4BdqSz9WuLeSkRK'),
    generation: 7n,
    size: 0n,
    margin: 0n,
    sharePpm: 1_000_000,
    reservedB: 0,
    triggerPrice: price(180n),
    acceptablePrice: price(178n),
    reward: 100_000n,
    placedAt: NOW - 3_600n,
    notBefore: NOW - 3_597n,
    expiresAt: NOW + 86_400n,
    reservedC: zeros(7),
    ...changes,
  };
}

export function depositFixture(changes: Partial<LiquidityDeposit> = {}): LiquidityDeposit {
  return {
    discriminator: bytes(8),
    version: 1,
    bump: 255,
    id: 0,
    reservedA: bytes(4),
    market: MARKETS[0]!,
    provider: OWNER,
    amount: quote(1_000n),
    shares: quote(980n),
    depositedAt: NOW - 1_800n,
    unlocksAt: NOW + 1_800n,
    reservedB: zeros(4),
    ...changes,
  };
}
