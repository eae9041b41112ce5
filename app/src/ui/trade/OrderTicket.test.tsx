import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { UserFacingError, type Intent } from '../../state';
import { fixtureMarkets } from '../../state/fixtures';
import { renderWithEngine } from '../testing';
import { OrderTicket } from './OrderTicket';

const [sol] = fixtureMarkets() as [ReturnType<typeof fixtureMarkets>[number]];

const submitted = () => vi.fn(async (_intent: Intent) => ({ signature: 'signature' }));

const type = (name: string, text: string) =>
  fireEvent.change(screen.getByRole('textbox', { name }), { target: { value: text } });

const summary = (label: string) => {
  const list = screen.getByRole('list', { name: 'Order summary' });
  return within(list).getByText(label).closest('li');
};

describe('the order ticket', () => {
  it('sums up an opening: 10 SOL at 150 with 300, into a skew of 8,000 of 10,000,000', () => {
    renderWithEngine(<OrderTicket market={sol} />);
    type('Size', '10');
    type('Margin', '300');
    type('Size', '10');
    // The size led, so the margin is what 5x needs: 1,500 ÷ 5 + 0.75.
    expect(screen.getByRole('textbox', { name: 'Margin' })).toHaveValue('300.75');
    // 150 × (1 + 8,005 ÷ 10,000,000) + 0.015 ÷ 2 = 150.127575
    expect(summary('Entry price')).toHaveTextContent('150.127');
    expect(summary('Price impact')).toHaveTextContent('+0.085%');
    // ceil(1,501.27575 × 0.0005)
    expect(summary('Opening fee')).toHaveTextContent('0.750638');
    expect(summary('Notional')).toHaveTextContent('1,501.27');
    expect(summary('Margin after fee')).toHaveTextContent('299.99');
    // 5 % of 10 × 149.985, the edge that hurts a long
    expect(summary('Initial margin')).toHaveTextContent('74.99');
    // 2.5 % and 1 % of 1,500
    expect(summary('Maintenance margin')).toHaveTextContent('52.50');
    // (1,501.27575 − 299.999362) ÷ (10 × 0.965) = 124.4846
    expect(summary('Liquidation price')).toHaveTextContent('124.484');
    // 150 × 1.005, and ten times what it is above the fill
    expect(summary('Worst fill')).toHaveTextContent('150.750 (6.22 more)');
    expect(summary('Largest loss')).toHaveTextContent('300.75 USD');
    expect(summary('Largest gain')).toHaveTextContent('1,501.27 USD');
  });

  it('sends what it shows', async () => {
    const submit = submitted();
    renderWithEngine(<OrderTicket market={sol} />, {}, { submit });
    await userEvent.click(screen.getByRole('radio', { name: 'Short' }));
    type('Margin', '100');
    await userEvent.click(screen.getByRole('checkbox', { name: 'Take profit / stop loss' }));
    type('Take profit price', '140');
    await userEvent.click(screen.getByRole('button', { name: 'Open short' }));
    expect(submit).toHaveBeenCalledExactlyOnceWith({
      kind: 'open',
      market: 0,
      side: 'short',
      size: 3_325_020_000n,
      margin: 100_000_000n,
      slippagePpm: 5_000n,
      takeProfit: 1_400_000_000_000n,
    });
    expect(screen.getByRole('textbox', { name: 'Margin' })).toHaveValue('');
  });

  it('makes a limit order wait at its trigger price', async () => {
    const submit = submitted();
    renderWithEngine(<OrderTicket market={sol} />, {}, { submit });
    await userEvent.click(screen.getByRole('radio', { name: 'Limit' }));
    type('Margin', '100');
    expect(screen.getByRole('button', { name: 'Open long' })).toHaveAccessibleDescription('Enter a trigger price.');
    type('Trigger price', '100');
    // 498.753117 ÷ 100 = 4.98753117
    expect(screen.getByRole('textbox', { name: 'Size' })).toHaveValue('4.98753');
    await userEvent.click(screen.getByRole('button', { name: 'Open long' }));
    expect(submit.mock.calls[0]?.[0]).toMatchObject({
      size: 4_987_530_000n,
      entry: { kind: 'limit', triggerPrice: 1_000_000_000_000n },
    });
  });

  it('says before signing what the program would refuse, and sends nothing', async () => {
    const submit = submitted();
    renderWithEngine(<OrderTicket market={sol} />, {}, { submit });
    fireEvent.change(screen.getByRole('slider', { name: 'Leverage' }), { target: { value: '200' } });
    type('Margin', '100');
    // 20x at 5 % initial margin: impact and confidence leave too little.
    expect(screen.getByRole('alert')).toHaveTextContent('Equity would be below the initial margin');
    expect(screen.getByRole('alert')).toHaveTextContent('Add margin or lower the size.');
    const button = screen.getByRole('button', { name: 'Open long' });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    await userEvent.click(button);
    expect(submit).not.toHaveBeenCalled();
  });

  it('says what is missing', () => {
    renderWithEngine(<OrderTicket market={sol} />);
    const button = screen.getByRole('button', { name: 'Open long' });
    expect(button).toHaveAccessibleDescription('Enter a margin or a size.');
    type('Margin', '12,5');
    expect(button).toHaveAccessibleDescription('Correct the fields marked above.');
    expect(screen.getByRole('textbox', { name: 'Margin' })).toHaveAccessibleDescription(/Use a point/);
  });

  it('asks for a wallet first', () => {
    renderWithEngine(<OrderTicket market={sol} />, { wallets: { options: [] } });
    type('Margin', '100');
    expect(screen.getByRole('button', { name: 'Open long' })).toHaveAccessibleDescription('Connect a wallet to trade.');
  });

  it('says what went wrong, and keeps what was typed', async () => {
    const submit = vi.fn(async () => {
      throw new UserFacingError('Not signed', 'The wallet has declined: nothing was sent.');
    });
    renderWithEngine(<OrderTicket market={sol} />, {}, { submit });
    type('Margin', '100');
    await userEvent.click(screen.getByRole('button', { name: 'Open long' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Not signedThe wallet has declined: nothing was sent.');
    expect(screen.getByRole('textbox', { name: 'Margin' })).toHaveValue('100');
  });
});

describe('take profit and stop loss', () => {
  it('must lie on the right side of the price', async () => {
    renderWithEngine(<OrderTicket market={sol} />);
    await userEvent.click(screen.getByRole('checkbox', { name: 'Take profit / stop loss' }));
    type('Margin', '100');
    type('Take profit price', '149');
    type('Stop loss price', '140');
    expect(screen.getByRole('textbox', { name: 'Take profit price' })).toHaveAccessibleDescription(/above/);
    expect(screen.getByRole('textbox', { name: 'Stop loss price' })).not.toHaveAttribute('aria-invalid');
    expect(screen.getByRole('button', { name: 'Open long' })).toHaveAttribute('aria-disabled', 'true');
    await userEvent.click(screen.getByRole('radio', { name: 'Short' }));
    expect(screen.getByRole('textbox', { name: 'Take profit price' })).not.toHaveAttribute('aria-invalid');
    expect(screen.getByRole('textbox', { name: 'Stop loss price' })).toHaveAccessibleDescription(/above/);
  });
});
