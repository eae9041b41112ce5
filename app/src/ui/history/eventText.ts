import type { HistoryEntry } from '../../state';

const TEXT: Partial<Record<HistoryEntry['event'], string>> = {
  PositionOpened: 'Opened',
  PositionCreated: 'Created, without size',
  PositionIncreased: 'Increased',
  PositionDecreased: 'Reduced',
  PositionClosed: 'Closed',
  PositionLiquidated: 'Liquidated',
  PositionCapped: 'Closed at its largest gain',
  MarginAdded: 'Margin added',
  MarginRemoved: 'Margin removed',
  DelegateChanged: 'Delegate changed',
  OrderPlaced: 'Order placed',
  OrderCancelled: 'Order cancelled',
  OrderExecuted: 'Order executed',
  OrderFailed: 'Order could not be filled',
  LiquidityAdded: 'Liquidity deposited',
  LiquidityRemoved: 'Liquidity withdrawn',
  SharesClaimed: 'Shares claimed',
};

/** "PositionOpened" in a trader's words; an event without some keeps its name, spaced. */
export const eventText = (event: HistoryEntry['event']): string =>
  TEXT[event] ?? event.replace(/([a-z])([A-Z])/g, '$1 $2');
