import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { ready, type Intent, type OrderView } from '../../state';
import { fixtureView } from '../../state/fixtures';
import { renderWithEngine } from '../testing';
import { PositionsTable } from './PositionsTable';

const row = (market: string) => screen.getByText(market).closest('tr') as HTMLTableRowElement;

const submitted = () => vi.fn(async (_intent: Intent) => ({ signature: 'signature' }));

describe('the positions table', () => {
  it('shows what a long is worth: 100 SOL from 145 to 150, less two seconds of charges', () => {
    renderWithEngine(<PositionsTable />);
    const cells = within(row('SOL-PERP'));
    expect(cells.getByText('100 SOL')).toBeVisible();
    expect(cells.getByText('145.000')).toBeVisible();
    // 500 − 15,000 × 0.24 % × 2 s ÷ a day − 6.8 % a year on the reserve for 2 s = 499.999
    expect(cells.getByText('+499.99')).toBeVisible();
    // 25,000 ppm and 10,000 ppm
    expect(cells.getByText('/ 3.50% needed')).toBeVisible();
    expect(cells.getByText('Safe')).toBeVisible();
  });

  it('marks a position that is close to liquidation in words, not only in colour', () => {
    renderWithEngine(<PositionsTable />);
    const cells = within(row('BTC-PERP'));
    expect(cells.getByText('Close to liquidation')).toBeVisible();
    expect(cells.getByText('Short')).toBeVisible();
  });

  it('offers nothing but the remainder of a liquidated position', async () => {
    const submit = submitted();
    renderWithEngine(<PositionsTable />, {}, { submit });
    const buttons = within(row('ETH-PERP')).getAllByRole('button');
    expect(buttons.map(({ textContent }) => textContent)).toEqual(['Claim remainder']);
    await userEvent.click(buttons[0]!);
    const dialog = screen.getByRole('dialog', { name: 'Claim remainder' });
    expect(dialog).toHaveTextContent('37.00 USD');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Claim remainder' }));
    expect(submit.mock.calls[0]?.[0]).toMatchObject({ kind: 'close' });
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('adds margin through a dialog that gives the focus back', async () => {
    const submit = submitted();
    const { engine } = renderWithEngine(<PositionsTable />, {}, { submit });
    const opener = within(row('SOL-PERP')).getByRole('button', { name: 'Add margin' });
    await userEvent.click(opener);
    const dialog = screen.getByRole('dialog', { name: 'Add margin' });
    const amount = within(dialog).getByRole('textbox', { name: 'Amount' });
    expect(amount).toHaveFocus();
    fireEvent.change(amount, { target: { value: '25.5' } });
    // 3,000 and 25.5
    expect(dialog).toHaveTextContent('Margin afterwards3,025.50');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Add margin' }));
    const positions = engine.store.getState().positions;
    const address = positions.state === 'ready' ? positions.value[0]?.address : undefined;
    expect(submit).toHaveBeenCalledExactlyOnceWith({ kind: 'addMargin', position: address, amount: 25_500_000n });
    expect(opener).toHaveFocus();
  });

  it('reduces by a share of the size', async () => {
    const submit = submitted();
    renderWithEngine(<PositionsTable />, {}, { submit });
    await userEvent.click(within(row('SOL-PERP')).getByRole('button', { name: 'Reduce' }));
    const dialog = screen.getByRole('dialog', { name: 'Reduce' });
    await userEvent.click(within(dialog).getByRole('button', { name: '25 %' }));
    expect(within(dialog).getByRole('textbox', { name: 'Size' })).toHaveValue('25');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Reduce' }));
    expect(submit.mock.calls[0]?.[0]).toMatchObject({ kind: 'decrease', size: 25_000_000_000n, slippagePpm: 5_000n });
  });

  it('refuses to take out what the initial margin needs', async () => {
    renderWithEngine(<PositionsTable />);
    await userEvent.click(within(row('SOL-PERP')).getByRole('button', { name: 'Remove margin' }));
    const dialog = screen.getByRole('dialog', { name: 'Remove margin' });
    // 5 % of 15,000 must stay; the open gain does not count.
    fireEvent.change(within(dialog).getByRole('textbox', { name: 'Amount' }), { target: { value: '2300' } });
    expect(within(dialog).getByRole('alert')).toHaveTextContent('below the initial margin');
    expect(within(dialog).getByRole('button', { name: 'Remove margin' })).toHaveAttribute('aria-disabled', 'true');
    fireEvent.change(within(dialog).getByRole('textbox', { name: 'Amount' }), { target: { value: '2200' } });
    expect(within(dialog).queryByRole('alert')).toBeNull();
  });

  it('says what to do where there is nothing, no wallet, or no answer', async () => {
    const retry = vi.fn();
    const { unmount } = renderWithEngine(<PositionsTable />, { positions: ready([]) });
    expect(screen.getByText('No open positions')).toBeVisible();
    unmount();
    const second = renderWithEngine(<PositionsTable />, { wallets: { options: [] } });
    expect(screen.getByRole('button', { name: 'Connect a wallet' })).toBeVisible();
    second.unmount();
    renderWithEngine(<PositionsTable />, { positions: { state: 'failed', message: 'The node is away.', retry } });
    expect(screen.getByRole('alert')).toHaveTextContent('The node is away.');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(retry).toHaveBeenCalledOnce();
  });
});

describe('a position that waits for its order', () => {
  it('is not offered for closing, which would make the order void', () => {
    const { orders } = fixtureView();
    const { positions } = fixtureView();
    if (orders?.state !== 'ready' || positions?.state !== 'ready') throw new Error('the fixtures have no orders');
    const [order] = orders.value as [OrderView];
    const empty = positions.value[2]!;
    const entry = { ...order, account: { ...order.account, position: empty.address, size: 1_000_000_000n } };
    const { unmount } = renderWithEngine(<PositionsTable />, { orders: ready([entry]) });
    expect(within(row('ETH-PERP')).getByText('Waiting for its order')).toBeVisible();
    expect(within(row('ETH-PERP')).queryByRole('button')).toBeNull();
    unmount();
    renderWithEngine(<PositionsTable />, { orders: ready([{ ...entry, state: 'expired' }]) });
    expect(within(row('ETH-PERP')).getByRole('button', { name: 'Claim remainder' })).toBeVisible();
  });
});
