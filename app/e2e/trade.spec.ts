import { Side } from '@ringfence/client';
import { expect, test } from './support/fixtures';

const PPM = 1_000_000n;
/** Parameters of the localnet's markets: docs/localnet.md. */
const OPEN_FEE_PPM = 500n;

/** Of the notional, rounded up. */
const openFee = (notional: bigint) => (notional * OPEN_FEE_PPM + PPM - 1n) / PPM;

/** `100` in atoms of the collateral. */
const whole = (quote: number) => BigInt(quote) * 1_000_000n;

test('opens a long and a short', async ({ trading, chain, key }) => {
  await trading.fillTicket('Long', '100', 5);
  // 100 × 5 ÷ (1 + 5 × 0.0005) ÷ 150, and no more than six digits of it.
  await expect(trading.ticket.getByRole('textbox', { name: 'Size' })).toHaveValue('3.32502');
  await trading.submit('Long').click();
  await expect(trading.row('SOL-PERP')).toContainText('3.32502 SOL');
  await trading.expectConfirmed();
  const [long] = await chain.positions(key.address);
  expect(long).toMatchObject({ side: Side.Long, size: 3_325_020_000n, owner: key.address });
  expect(long!.margin).toBe(whole(100) - openFee(long!.entryNotional));

  await trading.selectMarket('ETH-PERP');
  await trading.fillTicket('Short', '50', 2);
  // 50 × 2 ÷ (1 + 2 × 0.0005) ÷ 3,000.
  await expect(trading.ticket.getByRole('textbox', { name: 'Size' })).toHaveValue('0.0333');
  await trading.submit('Short').click();
  await expect(trading.row('ETH-PERP')).toContainText('Short');
  const positions = await chain.positions(key.address);
  expect(positions).toHaveLength(2);
  const short = positions.find(({ side }) => side === Side.Short);
  expect(short!.margin).toBe(whole(50) - openFee(short!.entryNotional));
  expect(await chain.collateral(key.address)).toBe(whole(10_000 - 150));
});

test('adds margin and removes it', async ({ trading, chain, key, page }) => {
  await chain.open(key, 'SOL-PERP', 'long', '100', '5');
  const before = (await chain.position(key.address))!;
  await expect(trading.row('SOL-PERP')).toBeVisible();

  await trading.act('SOL-PERP', 'Add margin', { Amount: '25.5' });
  await expect.poll(async () => (await chain.position(key.address))?.margin).toBe(before.margin + 25_500_000n);
  await expect(trading.row('SOL-PERP')).toContainText('125.25');

  await trading.act('SOL-PERP', 'Remove margin', { Amount: '40' });
  await expect.poll(async () => (await chain.position(key.address))?.margin).toBe(before.margin - 14_500_000n);
  await expect(trading.row('SOL-PERP')).toContainText('85.25');
  // What is left would not cover the initial margin: said before anything is signed.
  await trading.row('SOL-PERP').getByRole('button', { name: 'Remove margin' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remove margin' });
  await dialog.getByRole('textbox', { name: 'Amount' }).fill('80');
  await expect(dialog.getByRole('alert')).toContainText(/margin/i);
  await expect(dialog.getByRole('button', { name: 'Remove margin' })).toBeDisabled();
  expect(await page.evaluate(() => window.stubWallet.asked)).toBe(2);
});

test('reduces a position and closes the rest', async ({ trading, chain, key, page }) => {
  await chain.open(key, 'SOL-PERP', 'short', '100', '4');
  const before = (await chain.position(key.address))!;
  await trading.act('SOL-PERP', 'Reduce', { Size: '1' });
  await expect.poll(async () => (await chain.position(key.address))?.size).toBe(before.size - 1_000_000_000n);

  await trading.act('SOL-PERP', 'Close');
  await expect(page.getByText('No open positions')).toBeVisible();
  expect(await chain.position(key.address)).toBeUndefined();
  // Fees to open and to close, 5 bp of some 400 each, and the price impact: less than a unit and a half of 100.
  const lost = whole(10_000) - (await chain.collateral(key.address));
  expect(lost).toBeGreaterThan(openFee(before.entryNotional));
  expect(lost).toBeLessThan(1_500_000n);

  await trading.tab('History').click();
  const history = page.getByRole('table', { name: 'History' });
  await expect(history.getByRole('row').filter({ hasText: /closed/i })).toBeVisible();
  await expect(history.getByRole('row').filter({ hasText: /opened/i })).toBeVisible();
});

test('a position is opened with the keyboard alone', async ({ trading, chain, key, page }) => {
  await trading.ticket.getByRole('radio', { name: 'Long' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(trading.ticket.getByRole('radio', { name: 'Short' })).toBeChecked();
  // Kind of order, margin.
  await tabTo(() => trading.ticket.getByRole('textbox', { name: 'Margin' }));
  await page.keyboard.type('40');
  await tabTo(() => trading.ticket.getByRole('slider', { name: 'Leverage' }));
  await page.keyboard.press('Home');
  for (let step = 0; step < 10; step += 1) await page.keyboard.press('ArrowRight');
  await tabTo(() => trading.submit('Short'));
  await expect(trading.submit('Short')).toBeEnabled();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await chain.position(key.address))?.side).toBe(Side.Short);

  async function tabTo(target: () => ReturnType<typeof trading.submit>): Promise<void> {
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab');
      if (await target().evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error('not reached with Tab');
  }
});
