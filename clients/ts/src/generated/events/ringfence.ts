/**
 * Written by scripts/generate.mjs from idl/ringfence.json. Do not edit.
 */

import {
  getAdminAcceptedDecoder,
  getAdminNominatedDecoder,
  getDelegateChangedDecoder,
  getExchangeInitializedDecoder,
  getFundingAccruedDecoder,
  getInsuranceFundedDecoder,
  getLiquidityAddedDecoder,
  getLiquidityRemovedDecoder,
  getMarginAddedDecoder,
  getMarginRemovedDecoder,
  getMarketClosedDecoder,
  getMarketCreatedDecoder,
  getMarketMigratedDecoder,
  getMarketSettledDecoder,
  getOrderCancelledDecoder,
  getOrderExecutedDecoder,
  getOrderFailedDecoder,
  getOrderPlacedDecoder,
  getParamsAppliedDecoder,
  getParamsCancelledDecoder,
  getParamsProposedDecoder,
  getPositionCappedDecoder,
  getPositionClosedDecoder,
  getPositionCreatedDecoder,
  getPositionDecreasedDecoder,
  getPositionIncreasedDecoder,
  getPositionLiquidatedDecoder,
  getPositionMigratedDecoder,
  getPositionOpenedDecoder,
  getProtocolFeesCollectedDecoder,
  getReferralCreatedDecoder,
  getReferralFeesClaimedDecoder,
  getSettlementAnnouncedDecoder,
  getSharesClaimedDecoder,
  getStatusChangedDecoder,
  type AdminAccepted,
  type AdminNominated,
  type DelegateChanged,
  type ExchangeInitialized,
  type FundingAccrued,
  type InsuranceFunded,
  type LiquidityAdded,
  type LiquidityRemoved,
  type MarginAdded,
  type MarginRemoved,
  type MarketClosed,
  type MarketCreated,
  type MarketMigrated,
  type MarketSettled,
  type OrderCancelled,
  type OrderExecuted,
  type OrderFailed,
  type OrderPlaced,
  type ParamsApplied,
  type ParamsCancelled,
  type ParamsProposed,
  type PositionCapped,
  type PositionClosed,
  type PositionCreated,
  type PositionDecreased,
  type PositionIncreased,
  type PositionLiquidated,
  type PositionMigrated,
  type PositionOpened,
  type ProtocolFeesCollected,
  type ReferralCreated,
  type ReferralFeesClaimed,
  type SettlementAnnounced,
  type SharesClaimed,
  type StatusChanged,
} from "../types/index.js";

/** An event of the program, told apart by its name. */
export type RingfenceEvent =
  | { name: "AdminAccepted"; data: AdminAccepted }
  | { name: "AdminNominated"; data: AdminNominated }
  | { name: "DelegateChanged"; data: DelegateChanged }
  | { name: "ExchangeInitialized"; data: ExchangeInitialized }
  | { name: "FundingAccrued"; data: FundingAccrued }
  | { name: "InsuranceFunded"; data: InsuranceFunded }
  | { name: "LiquidityAdded"; data: LiquidityAdded }
  | { name: "LiquidityRemoved"; data: LiquidityRemoved }
  | { name: "MarginAdded"; data: MarginAdded }
  | { name: "MarginRemoved"; data: MarginRemoved }
  | { name: "MarketClosed"; data: MarketClosed }
  | { name: "MarketCreated"; data: MarketCreated }
  | { name: "MarketMigrated"; data: MarketMigrated }
  | { name: "MarketSettled"; data: MarketSettled }
  | { name: "OrderCancelled"; data: OrderCancelled }
  | { name: "OrderExecuted"; data: OrderExecuted }
  | { name: "OrderFailed"; data: OrderFailed }
  | { name: "OrderPlaced"; data: OrderPlaced }
  | { name: "ParamsApplied"; data: ParamsApplied }
  | { name: "ParamsCancelled"; data: ParamsCancelled }
  | { name: "ParamsProposed"; data: ParamsProposed }
  | { name: "PositionCapped"; data: PositionCapped }
  | { name: "PositionClosed"; data: PositionClosed }
  | { name: "PositionCreated"; data: PositionCreated }
  | { name: "PositionDecreased"; data: PositionDecreased }
  | { name: "PositionIncreased"; data: PositionIncreased }
  | { name: "PositionLiquidated"; data: PositionLiquidated }
  | { name: "PositionMigrated"; data: PositionMigrated }
  | { name: "PositionOpened"; data: PositionOpened }
  | { name: "ProtocolFeesCollected"; data: ProtocolFeesCollected }
  | { name: "ReferralCreated"; data: ReferralCreated }
  | { name: "ReferralFeesClaimed"; data: ReferralFeesClaimed }
  | { name: "SettlementAnnounced"; data: SettlementAnnounced }
  | { name: "SharesClaimed"; data: SharesClaimed }
  | { name: "StatusChanged"; data: StatusChanged };

/** The name of an event of the program. */
export type RingfenceEventName = RingfenceEvent["name"];

/** Every event: its name, the eight bytes that it starts with, and what reads the rest. */
export const RINGFENCE_EVENTS = [
  { name: "AdminAccepted", discriminator: [174, 12, 76, 139, 158, 99, 110, 254], decoder: getAdminAcceptedDecoder },
  { name: "AdminNominated", discriminator: [22, 247, 53, 33, 59, 59, 68, 112], decoder: getAdminNominatedDecoder },
  { name: "DelegateChanged", discriminator: [225, 147, 224, 43, 247, 130, 101, 91], decoder: getDelegateChangedDecoder },
  { name: "ExchangeInitialized", discriminator: [200, 154, 187, 160, 29, 243, 230, 104], decoder: getExchangeInitializedDecoder },
  { name: "FundingAccrued", discriminator: [245, 38, 158, 236, 129, 195, 123, 235], decoder: getFundingAccruedDecoder },
  { name: "InsuranceFunded", discriminator: [158, 72, 23, 80, 138, 56, 33, 206], decoder: getInsuranceFundedDecoder },
  { name: "LiquidityAdded", discriminator: [154, 26, 221, 108, 238, 64, 217, 161], decoder: getLiquidityAddedDecoder },
  { name: "LiquidityRemoved", discriminator: [225, 105, 216, 39, 124, 116, 169, 189], decoder: getLiquidityRemovedDecoder },
  { name: "MarginAdded", discriminator: [121, 187, 28, 95, 195, 171, 37, 8], decoder: getMarginAddedDecoder },
  { name: "MarginRemoved", discriminator: [253, 156, 29, 17, 51, 166, 188, 192], decoder: getMarginRemovedDecoder },
  { name: "MarketClosed", discriminator: [86, 91, 119, 43, 94, 0, 217, 113], decoder: getMarketClosedDecoder },
  { name: "MarketCreated", discriminator: [88, 184, 130, 231, 226, 84, 6, 58], decoder: getMarketCreatedDecoder },
  { name: "MarketMigrated", discriminator: [196, 0, 143, 107, 73, 246, 52, 158], decoder: getMarketMigratedDecoder },
  { name: "MarketSettled", discriminator: [237, 212, 22, 175, 201, 117, 215, 99], decoder: getMarketSettledDecoder },
  { name: "OrderCancelled", discriminator: [108, 56, 128, 68, 168, 113, 168, 239], decoder: getOrderCancelledDecoder },
  { name: "OrderExecuted", discriminator: [74, 135, 231, 5, 168, 106, 194, 117], decoder: getOrderExecutedDecoder },
  { name: "OrderFailed", discriminator: [60, 179, 157, 0, 164, 131, 38, 236], decoder: getOrderFailedDecoder },
  { name: "OrderPlaced", discriminator: [96, 130, 204, 234, 169, 219, 216, 227], decoder: getOrderPlacedDecoder },
  { name: "ParamsApplied", discriminator: [79, 221, 60, 141, 244, 69, 47, 209], decoder: getParamsAppliedDecoder },
  { name: "ParamsCancelled", discriminator: [160, 167, 193, 145, 11, 138, 30, 120], decoder: getParamsCancelledDecoder },
  { name: "ParamsProposed", discriminator: [29, 64, 243, 241, 75, 135, 93, 142], decoder: getParamsProposedDecoder },
  { name: "PositionCapped", discriminator: [108, 101, 89, 167, 188, 22, 183, 247], decoder: getPositionCappedDecoder },
  { name: "PositionClosed", discriminator: [157, 163, 227, 228, 13, 97, 138, 121], decoder: getPositionClosedDecoder },
  { name: "PositionCreated", discriminator: [63, 226, 54, 63, 141, 22, 31, 221], decoder: getPositionCreatedDecoder },
  { name: "PositionDecreased", discriminator: [251, 151, 37, 204, 127, 87, 115, 232], decoder: getPositionDecreasedDecoder },
  { name: "PositionIncreased", discriminator: [73, 58, 247, 181, 100, 237, 249, 81], decoder: getPositionIncreasedDecoder },
  { name: "PositionLiquidated", discriminator: [40, 107, 90, 214, 96, 30, 61, 128], decoder: getPositionLiquidatedDecoder },
  { name: "PositionMigrated", discriminator: [20, 48, 135, 253, 211, 168, 242, 198], decoder: getPositionMigratedDecoder },
  { name: "PositionOpened", discriminator: [237, 175, 243, 230, 147, 117, 101, 121], decoder: getPositionOpenedDecoder },
  { name: "ProtocolFeesCollected", discriminator: [165, 34, 125, 155, 15, 86, 99, 191], decoder: getProtocolFeesCollectedDecoder },
  { name: "ReferralCreated", discriminator: [156, 205, 160, 166, 152, 180, 166, 57], decoder: getReferralCreatedDecoder },
  { name: "ReferralFeesClaimed", discriminator: [118, 130, 122, 41, 74, 34, 240, 48], decoder: getReferralFeesClaimedDecoder },
  { name: "SettlementAnnounced", discriminator: [167, 222, 23, 68, 75, 239, 48, 141], decoder: getSettlementAnnouncedDecoder },
  { name: "SharesClaimed", discriminator: [135, 17, 55, 130, 218, 208, 153, 101], decoder: getSharesClaimedDecoder },
  { name: "StatusChanged", discriminator: [146, 235, 222, 125, 145, 246, 34, 240], decoder: getStatusChangedDecoder },
] as const;
