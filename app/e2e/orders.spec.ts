import { expect, test } from './support/fixtures';

test('a stop loss placed with the open is executed by the keeper', async ({ trading, chain, key, stack, page }) => {
  await trading.fillTicket('Long', '100', 5);
  await trading.ticket.getByRole('checkbox', { name: 'Take profit / stop loss' }).check();
  await trading.ticket.getByRole('textbox', { name: 'Take profit price' }).fill('180');
  await trading.ticket.getByRole('textbox', { name: 'Stop loss price' }).fill('140');
  await trading.submit('Long').click();
  await expect(trading.row('SOL-PERP')).toBeVisible();

  await trading.tab('Orders').click();
  await expect(trading.orders.getByRole('row').filter({ hasText: 'Take profit' })).toContainText('180.00');
  await expect(trading.orders.getByRole('row').filter({ hasText: 'Stop loss' })).toContainText('140.00');

  await stack.faucet.price('SOL-PERP', '139');
  await expect.poll(async () => (await chain.position(key.address))?.size).toBe(0n);
  await trading.tab('Positions').click();
  await trading.act('SOL-PERP', 'Claim remainder');
  await expect.poll(() => chain.position(key.address)).toBeUndefined();
  await expect(page.getByText('No open positions')).toBeVisible();
});

test('a limit order is placed, waits, and is cancelled', async ({ trading, chain, key, page }) => {
  const before = await chain.collateral(key.address);
  await trading.ticket.getByText('Limit', { exact: true }).click();
  await trading.fillTicket('Long', '100', 5);
  await trading.ticket.getByRole('textbox', { name: 'Trigger price' }).fill('120');
  // At the trigger, not at the index: 100 × 5 ÷ (1 + 5 × 0.0005) ÷ 120.
  await expect(trading.ticket.getByRole('textbox', { name: 'Size' })).toHaveValue('4.15627');
  await trading.submit('Long').click();
  await trading.tab('Orders').click();
  const row = trading.orders.getByRole('row').filter({ hasText: 'Limit' });
  await expect(row).toContainText('120.00');
  expect(await chain.collateral(key.address)).toBeLessThan(before - 99_999_999n);

  await row.getByRole('button', { name: 'Cancel order' }).click();
  await page.getByRole('dialog', { name: 'Cancel order' }).getByRole('button', { name: 'Cancel order' }).click();
  await expect(page.getByText('No orders')).toBeVisible();
  // Margin and reward are back.
  await expect.poll(() => chain.collateral(key.address)).toBe(before);
});

test('take profit and stop loss are added to a position that is there', async ({ trading, chain, key }) => {
  await chain.open(key, 'ETH-PERP', 'short', '100', '3');
  await trading.act('ETH-PERP', 'Take profit / stop loss', { 'Take profit': '2500', 'Stop loss': '3300' });
  await trading.tab('Orders').click();
  await expect(trading.orders.getByRole('row').filter({ hasText: 'Take profit' })).toContainText('2,500');
  await expect(trading.orders.getByRole('row').filter({ hasText: 'Stop loss' })).toContainText('3,300');
});
