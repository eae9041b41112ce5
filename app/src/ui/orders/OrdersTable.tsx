import { memo, useState } from 'react';
import { useNow, useOrders, useWallets, type OrderView } from '../../state';
import { ActionDialog } from '../ActionDialog';
import { SideLabel } from '../data';
import { DataTable } from '../DataTable';
import { showDuration, showMoney, showPercent, showPrice, showSize } from '../format';
import { Empty, LoadState } from '../LoadState';
import { ConnectFirst } from '../positions/PositionsTable';

const KIND = {
  takeProfit: 'Take profit',
  stopLoss: 'Stop loss',
  limit: 'Limit',
  stop: 'Stop',
  market: 'Delayed market',
} as const;

const STATE = {
  waiting: { text: 'Waiting', tone: '' },
  triggered: { text: 'Triggered', tone: 'good' },
  pending: { text: 'Pending', tone: 'good' },
  expired: { text: 'Expired', tone: 'warn' },
  void: { text: 'Void', tone: 'warn' },
  failed: { text: 'Failed', tone: 'bad' },
} as const;

function whatItDoes({ account, market }: OrderView): string {
  if (account.sharePpm > 0) return `Closes ${showPercent(BigInt(account.sharePpm), 0)}`;
  return `Adds ${showSize(account.size, market.sizeDecimals)} ${market.baseSymbol}`;
}

const OrderRow = memo(function OrderRow({
  order,
  onCancel,
}: {
  order: OrderView;
  onCancel: (address: string) => void;
}) {
  const now = useNow();
  const { account, market, state } = order;
  const { text, tone } = STATE[state];
  const over = state === 'expired' || state === 'void' || state === 'failed';
  const locked = state === 'pending';
  return (
    <tr>
      <td data-label="Order">
        <span className="strong">{KIND[order.kind]}</span>
        <span className="table__sub">
          {market.name} #{account.id}
        </span>
      </td>
      <td data-label="Side">{order.position ? <SideLabel side={order.position.side} /> : '–'}</td>
      <td data-label="Does">
        <span className="number">{whatItDoes(order)}</span>
        {account.margin > 0n ? (
          <span className="table__sub number">
            with {showMoney(account.margin, market.quoteDecimals, market.quoteSymbol)}
          </span>
        ) : null}
      </td>
      <td data-label="Trigger" data-number="">
        <span className="number">
          {account.triggerPrice === 0n
            ? 'First price'
            : `${account.triggerAbove ? '≥' : '≤'} ${showPrice(account.triggerPrice)}`}
        </span>
        {order.distancePpm === undefined ? null : (
          <span className="table__sub number">{showPercent(order.distancePpm)} away</span>
        )}
      </td>
      <td data-label="Reward" data-number="">
        <span className="number">{showMoney(account.reward, market.quoteDecimals, market.quoteSymbol)}</span>
      </td>
      <td data-label="Expires" data-number="">
        <span className="number">{over ? '–' : `in ${showDuration(account.expiresAt - now)}`}</span>
      </td>
      <td data-label="State">
        <span className={tone ? `badge badge--${tone}` : 'badge'}>{text}</span>
      </td>
      <td data-wide="">
        <div className="table__actions table__actions--end">
          <button
            type="button"
            className="button button--small"
            aria-disabled={locked}
            title={locked ? 'A delayed order cannot be taken back: it executes or expires.' : undefined}
            onClick={() => {
              if (!locked) onCancel(order.address);
            }}
          >
            Cancel order
          </button>
        </div>
      </td>
    </tr>
  );
});

function CancelDialog({ order, onClose }: { order: OrderView; onClose: () => void }) {
  const { account, market } = order;
  return (
    <ActionDialog
      title="Cancel order"
      market={market}
      intent={{ kind: 'cancelOrder', order: order.address }}
      missing=""
      rows={() => [
        {
          label: 'Comes back to you',
          value: showMoney(account.margin + account.reward, market.quoteDecimals, market.quoteSymbol),
        },
      ]}
      onClose={onClose}
    >
      <p>
        {KIND[order.kind]} on {market.name}. What it holds, and the rent of its account, returns to your wallet.
      </p>
    </ActionDialog>
  );
}

const COLUMNS = ['Order', 'Side', 'Does', 'Trigger', 'Reward', 'Expires', 'State', 'Actions'] as const;
const NUMERIC: ReadonlySet<string> = new Set(['Trigger', 'Reward', 'Expires']);

export function OrdersTable() {
  const orders = useOrders();
  const { account } = useWallets();
  const [cancelling, cancel] = useState<string>();
  if (!account) return <ConnectFirst what="your orders" />;
  return (
    <LoadState of={orders} what="orders">
      {(all) => {
        const subject = all.find(({ address }) => address === cancelling);
        return (
          <>
            {all.length === 0 ? (
              <Empty title="No orders">
                Limit and stop orders, take profits and stop losses wait here until a keeper executes them.
              </Empty>
            ) : (
              <DataTable label="Orders" columns={COLUMNS} numeric={NUMERIC} className="table--orders">
                {all.map((order) => (
                  <OrderRow key={order.address} order={order} onCancel={cancel} />
                ))}
              </DataTable>
            )}
            {subject ? <CancelDialog order={subject} onClose={() => cancel(undefined)} /> : null}
          </>
        );
      }}
    </LoadState>
  );
}
