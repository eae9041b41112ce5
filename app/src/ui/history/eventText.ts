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

const ORDERS: Record<NonNullable<HistoryEntry['orderKind']>, string> = {
  takeProfit: 'Take profit',
  stopLoss: 'Stop loss',
  limit: 'Limit order',
  stop: 'Stop order',
  market: 'Market order',
};

/** "PositionOpened" in a trader's words, "Stop loss placed" where the order is known; an event without some keeps its name, spaced. */
export function eventText({ event, orderKind }: Pick<HistoryEntry, 'event' | 'orderKind'>): string {
  const text = TEXT[event] ?? event.replace(/([a-z])([A-Z])/g, '$1 $2');
  return orderKind ? text.replace(/^Order /, `${ORDERS[orderKind]} `) : text;
}
