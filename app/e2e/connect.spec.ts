import { expect, test } from './support/fixtures';
import { WALLET_NAME } from './support/wallet';

test('a burner wallet connects, gets test funds, is there after a reload, and disconnects', async ({ site, chain }) => {
  const { page } = site;
  await site.goto('trade');
  await site.connect('Burner wallet');

  const asked = page.waitForRequest((request) => request.url().endsWith('/airdrop') && request.method() === 'POST');
  await page.getByRole('button', { name: 'Get test funds' }).click();
  const { owner } = (await asked).postDataJSON();
  await expect.poll(() => chain.collateral(owner)).toBeGreaterThan(0n);
  await expect(site.ticket.getByText(/^Balance [1-9]/)).toBeVisible();

  const name = await site.wallet.textContent();
  await page.reload();
  await expect(site.wallet).toHaveText(name ?? '');
  await expect(site.ticket.getByText(/^Balance [1-9]/)).toBeVisible();

  await site.wallet.click();
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await expect(page.getByRole('button', { name: 'Connect wallet' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Connect wallet' })).toBeVisible();
});

test('any wallet of the Wallet Standard connects, silently after a reload', async ({ site, key }) => {
  const { page } = site;
  await site.goto('trade');
  await site.connect(WALLET_NAME);
  await expect(site.wallet).toHaveAccessibleName(new RegExp(key.address.slice(0, 3)));
  await expect(site.ticket.getByText('Balance 10,000.00')).toBeVisible();
  await page.reload();
  await expect(site.wallet).toHaveAccessibleName(new RegExp(key.address.slice(0, 3)));
});

test('without a wallet everything can be read, and the ticket says what is missing', async ({ site }) => {
  await site.goto('trade');
  await expect(site.ticket.getByText('Connect a wallet to trade.')).toBeVisible();
  await expect(site.submit('Long')).toBeDisabled();
  for (const view of ['Pool', 'Liquidations', 'History'] as const) {
    await site.page.getByRole('link', { name: view, exact: true }).click();
    await expect(site.page.getByRole('heading', { level: 1, name: view })).toBeVisible();
  }
});

test('test money is called so, and real money asks first', async ({ site }) => {
  const { page } = site;
  await site.goto('trade');
  await expect(page.getByText('Localnet: test money')).toBeVisible();
  const cluster = page.getByRole('combobox', { name: 'Cluster' });
  await cluster.selectOption({ label: 'Mainnet' });
  const dialog = page.getByRole('dialog', { name: 'Switch to Mainnet?' });
  await expect(dialog).toContainText('not been audited');
  await dialog.getByRole('button', { name: 'Stay on Localnet' }).click();
  await expect(cluster).toHaveValue('localnet');
});
