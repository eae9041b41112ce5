import { expect, test } from './support/fixtures';

test.describe('the node goes away', () => {
  // The browser itself complains of refused connections.
  test.use({ allowed: [/ERR_CONNECTION|ERR_EMPTY_RESPONSE|WebSocket/] });

  test('and comes back: the page says so, and is up to date afterwards', async ({ trading, chain, key, stack }) => {
    await chain.open(key, 'SOL-PERP', 'long', '100', '5');
    await expect(trading.row('SOL-PERP')).toBeVisible();
    await Promise.all([stack.rpc.shut(), stack.websocket.shut()]);
    await expect(trading.connection).toHaveText('Disconnected');
    // Neither the price nor the deposit is heard of.
    await stack.faucet.price('SOL-PERP', '149');
    await chain.cli(key, 'position', 'add-margin', 'SOL/0', '33');
    await Promise.all([stack.rpc.open(), stack.websocket.open()]);
    await expect(trading.connection).toHaveText('Live', { timeout: 30_000 });
    await expect(trading.row('SOL-PERP')).toContainText('132.75');
    await expect(trading.page.getByRole('region', { name: 'Market' })).toContainText('149.00');
    // And the page can still trade.
    await trading.act('SOL-PERP', 'Close');
    await expect.poll(() => chain.position(key.address)).toBeUndefined();
  });

  test('for the websocket only: the page polls, and subscribes again', async ({ trading, chain, key, stack }) => {
    await stack.websocket.shut();
    await expect(trading.connection).toHaveText('Polling');
    await chain.open(key, 'SOL-PERP', 'long', '100', '5');
    await expect(trading.row('SOL-PERP')).toBeVisible();
    await stack.faucet.price('SOL-PERP', '151.5');
    await expect(trading.page.getByRole('region', { name: 'Market' })).toContainText('151.50');
    await trading.act('SOL-PERP', 'Add margin', { Amount: '10' });
    await expect(trading.row('SOL-PERP')).toContainText('109.75');
    await stack.websocket.open();
    await expect(trading.connection).toHaveText('Live', { timeout: 30_000 });
  });
});

test('a stale price is told, opening is refused, and margin can still be added', async ({
  trading,
  chain,
  key,
  stack,
}) => {
  await chain.open(key, 'ETH-PERP', 'long', '100', '5');
  await trading.selectMarket('ETH-PERP');
  await trading.fillTicket('Long', '100', 3);
  await expect(trading.submit('Long')).toBeEnabled();

  // Older than the 60 s that a price to open at may be.
  await stack.faucet.halt('ETH-PERP', 61);
  const alert = trading.page.getByRole('alert', { name: 'Price is stale' });
  await expect(alert).toBeVisible();
  await expect(trading.refusals).toContainText(/stale|old/i);
  await expect(trading.submit('Long')).toBeDisabled();

  const before = (await chain.position(key.address))!;
  await trading.act('ETH-PERP', 'Add margin', { Amount: '10' });
  await expect.poll(async () => (await chain.position(key.address))?.margin).toBe(before.margin + 10_000_000n);

  await stack.faucet.price('ETH-PERP', '3000');
  await expect(alert).toBeHidden();
  await expect(trading.submit('Long')).toBeEnabled();
});
