import { expect, test } from './support/fixtures';

test('the keeper liquidates in a crash, and the rest is claimed', async ({ trading, chain, key, stack, page }) => {
  // So small that a part would leave less than the least position: it is liquidated as a whole.
  await chain.open(key, 'SOL-PERP', 'long', '4', '4');
  await expect(trading.row('SOL-PERP')).toBeVisible();
  // Equity reaches maintenance at 150 × (1 − 1/4) ÷ (1 − 0.035), 116.6.
  await stack.faucet.price('SOL-PERP', '116');
  await expect.poll(async () => (await chain.position(key.address))?.size).toBe(0n);
  const { margin } = (await chain.position(key.address))!;
  expect(margin).toBeGreaterThan(0n);

  await expect(trading.row('SOL-PERP')).toContainText('Closed');
  const before = await chain.collateral(key.address);
  await trading.act('SOL-PERP', 'Claim remainder');
  await expect.poll(() => chain.position(key.address)).toBeUndefined();
  await expect(page.getByText('No open positions')).toBeVisible();
  expect(await chain.collateral(key.address)).toBe(before + margin);

  await trading.tab('History').click();
  await expect(page.getByRole('table', { name: 'History' })).toContainText(/liquidated/i);
});

test('an owner is called for margin before a position is liquidated', async ({ trading, chain, key, stack, page }) => {
  await chain.open(key, 'SOL-PERP', 'long', '100', '5');
  await expect(trading.row('SOL-PERP')).toContainText('Safe');
  const banner = page.getByRole('alert', { name: 'Margin call' });
  await expect(banner).toBeHidden();
  // Liquidation at 124.36; equity is within a quarter more than maintenance.
  await stack.faucet.price('SOL-PERP', '125');
  await expect(banner).toContainText('SOL-PERP long');
  await expect(trading.row('SOL-PERP')).toContainText('Close to liquidation');
  // It is seen from every view.
  await page.getByRole('link', { name: 'Pool', exact: true }).click();
  await expect(banner).toBeVisible();
  await page.getByRole('link', { name: 'Trade', exact: true }).click();
  await trading.act('SOL-PERP', 'Add margin', { Amount: '50' });
  await expect(banner).toBeHidden();
  expect((await chain.position(key.address))!.size).toBeGreaterThan(0n);
});

test('anybody liquidates from the page, and is paid for it', async ({ trading, chain, key, stack, stranger, page }) => {
  // No keeper works on BTC here.
  const other = await stranger();
  await chain.open(other, 'BTC-PERP', 'long', '500', '10');
  const before = (await chain.position(other.address))!;
  await page.getByRole('link', { name: 'Liquidations', exact: true }).click();
  const table = page.getByRole('table', { name: 'Positions near liquidation' });
  const row = table.getByRole('row').filter({ hasText: 'BTC-PERP' }).first();
  await expect(row).toBeVisible();
  await expect(row.getByRole('button', { name: 'Liquidate' })).toHaveCount(0);

  await stack.faucet.price('BTC-PERP', '55500');
  await row.getByRole('button', { name: 'Liquidate' }).click();
  await page.getByRole('dialog', { name: 'Liquidate' }).getByRole('button', { name: 'Liquidate' }).click();
  await expect.poll(async () => (await chain.position(other.address))!.size).toBeLessThan(before.size);
  await trading.expectConfirmed();
  // Half of the 1 % fee on what was closed; the wallet has paid nothing of its collateral.
  const reward = (await chain.collateral(key.address)) - 10_000_000_000n;
  expect(reward).toBeGreaterThan(0n);
});
