import { expect, test } from './support/fixtures';

// The shortest cool-down that the program takes; a localnet of its own, as its clock is moved on.
test.use({ localnetArgs: ['--slot-ms', '200', '--cooldown', '63s'] });

test('liquidity is deposited, its shares are claimed after the cool-down, and withdrawn', async ({
  trading,
  chain,
  key,
  page,
}) => {
  const before = await chain.collateral(key.address);
  await trading.goto('pool');
  const deposit = page.getByRole('region', { name: 'Deposit', exact: true });
  await deposit.getByRole('textbox', { name: 'Amount' }).fill('1000');
  await deposit.getByRole('button', { name: 'Deposit', exact: true }).click();
  const claim = page.getByRole('button', { name: 'Claim shares', exact: true });
  await expect(claim).toBeVisible();
  await expect(claim).toBeDisabled();
  expect(await chain.collateral(key.address)).toBe(before - 1_000_000_000n);

  await chain.travel(64);
  await expect(claim).toBeEnabled();
  await claim.click();
  await expect(claim).toBeHidden();

  const withdraw = page.getByRole('region', { name: 'Withdraw', exact: true });
  await expect(withdraw.getByText(/^Held 1,000/)).toBeVisible();
  await withdraw.getByRole('textbox', { name: 'Shares' }).fill('400');
  await withdraw.getByRole('button', { name: 'Withdraw', exact: true }).click();
  // A share of a pool that nobody has traded with is worth what it cost.
  await expect.poll(() => chain.collateral(key.address)).toBe(before - 600_000_000n);
  await expect(withdraw.getByText(/^Held 600/)).toBeVisible();
  // The form is cleared once the withdrawal is confirmed.
  await expect(withdraw.getByRole('textbox', { name: 'Shares' })).toHaveValue('');
  await withdraw.getByRole('button', { name: 'Withdraw all shares' }).click();
  await withdraw.getByRole('button', { name: 'Withdraw', exact: true }).click();
  await expect.poll(() => chain.collateral(key.address)).toBe(before);

  // More than is held: said before anything is signed.
  await expect(withdraw.getByText(/^Held 0/)).toBeVisible();
  await expect(withdraw.getByRole('textbox', { name: 'Shares' })).toHaveValue('');
  await withdraw.getByRole('textbox', { name: 'Shares' }).fill('1');
  await expect(withdraw.getByRole('alert')).toBeVisible();
  await expect(withdraw.getByRole('button', { name: 'Withdraw', exact: true })).toBeDisabled();
});
