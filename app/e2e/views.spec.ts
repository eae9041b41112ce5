import { mkdirSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './support/fixtures';
import type { View } from './support/trading-page';

const SCREENSHOTS = '../target/ci/screenshots';
const VIEWS: readonly View[] = ['trade', 'pool', 'liquidations', 'history'];

test.beforeAll(() => void mkdirSync(SCREENSHOTS, { recursive: true }));

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test(`every view is accessible, wide and narrow`, async ({ trading, chain, key, stranger, stack, page }) => {
      test.setTimeout(90_000);
      // Something to see: both sides, a profit, orders, somebody else's positions, a liquidation.
      const [one, two] = [await stranger(), await stranger()];
      await Promise.all([
        chain.open(one, 'SOL-PERP', 'short', '4000', '8'),
        chain.open(two, 'BTC-PERP', 'long', '500', '12'),
      ]);
      await chain.cli(
        key,
        'position',
        'open',
        'SOL',
        'long',
        '--margin',
        '1000',
        '--leverage',
        '5',
        '--take-profit',
        '180',
        '--stop-loss',
        '132',
      );
      await chain.open(key, 'ETH-PERP', 'short', '400', '3');
      for (const price of ['151', '152.4', '151.7', '153.2', '152.9', '154.1']) {
        await stack.faucet.price('SOL-PERP', price);
        await expect(page.getByRole('region', { name: 'Market' })).toContainText(price);
      }
      await expect(trading.positions.getByRole('row')).toHaveCount(3);

      for (const [width, height] of [
        [1280, 900],
        [375, 812],
      ] as const) {
        await page.setViewportSize({ width, height });
        for (const view of VIEWS) {
          await trading.goto(view);
          await expect(page.getByRole('main')).not.toContainText(/loading/i);
          if (view === 'trade') await trading.fillTicket('Long', '250', 4);
          const fits = await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
          expect(fits, `${view} at ${width} px fits`).toBe(true);
          const { violations } = await new AxeBuilder({ page }).analyze();
          const found = violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join('; ')}`,
          );
          expect.soft(found, `${view} at ${width} px`).toEqual([]);
          await page.screenshot({
            path: `${SCREENSHOTS}/${view}-${width}-${colorScheme}.png`,
            fullPage: width < 1000,
            animations: 'disabled',
          });
        }
      }
    });
  });
}
