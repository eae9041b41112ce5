import { expect, test } from './support/fixtures';

test('a wallet that refuses changes nothing, and the page says so', async ({ trading, chain, key, page }) => {
  await page.evaluate(() => (window.stubWallet.refuse = true));
  await trading.fillTicket('Long', '100', 3);
  await trading.submit('Long').click();
  await expect(trading.ticket.getByRole('alert')).toContainText(/reject|refus|declin/i);
  await expect.poll(() => page.evaluate(() => window.stubWallet.asked)).toBe(1);
  expect(await chain.position(key.address)).toBeUndefined();

  await page.evaluate(() => (window.stubWallet.refuse = false));
  await trading.submit('Long').click();
  await expect(trading.row('SOL-PERP')).toBeVisible();
  expect((await chain.position(key.address))?.size).toBeGreaterThan(0n);
});

test('what the program refuses is explained before anything is signed', async ({ trading, page }) => {
  // A notional of 5, where the market asks for 10 at least.
  await trading.fillTicket('Long', '5', 1);
  await expect(trading.refusals).toContainText(/notional|small|minimum/i);
  await expect(trading.submit('Long')).toBeDisabled();

  // More than the wallet holds.
  await trading.fillTicket('Long', '10001', 1);
  await expect(trading.refusals).toBeVisible();
  await expect(trading.submit('Long')).toBeDisabled();

  // Beyond the open interest that the market allows: 10,000,000.
  await trading.fillTicket('Long', '9000', 2);
  await expect(trading.refusals).toHaveCount(0);
  await expect(trading.submit('Long')).toBeEnabled();
  await trading.ticket.getByRole('textbox', { name: 'Size' }).fill('100000');
  await expect(trading.refusals).toBeVisible();
  await expect(trading.submit('Long')).toBeDisabled();
  expect(await page.evaluate(() => window.stubWallet.asked)).toBe(0);
});

test('a transaction that the chain refuses after signing is told as failed', async ({
  trading,
  chain,
  key,
  stack,
  page,
}) => {
  await trading.fillTicket('Long', '100', 5);
  await expect(trading.submit('Long')).toBeEnabled();
  // The wallet takes its time, and the price runs away meanwhile.
  await page.evaluate(() => {
    const before = crypto.subtle.importKey.bind(crypto.subtle);
    const gate = new Promise<void>((open) => Object.assign(window, { openGate: open }));
    crypto.subtle.importKey = (async (...args: Parameters<typeof before>) => {
      await gate;
      return before(...args);
    }) as typeof before;
  });
  await trading.submit('Long').click();
  await expect.poll(() => page.evaluate(() => window.stubWallet.asked)).toBe(1);
  await stack.faucet.price('SOL-PERP', '153');
  await page.evaluate(() => (window as unknown as { openGate: () => void }).openGate());
  await expect(trading.transactions).toContainText('Failed');
  expect(await chain.position(key.address)).toBeUndefined();
});
