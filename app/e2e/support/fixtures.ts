import { test as base, type Page } from '@playwright/test';
import { Chain } from './chain';
import { resetPrices, startStack, type Stack } from './stack';
import { TradingPage } from './trading-page';
import { injectWallet, newKey, type Key } from './wallet';

/** What every trader starts with, in whole units of the collateral. */
export const FUNDS = 10_000n;

interface WorkerOptions {
  /** Flags of the localnet, beside those of every test. */
  localnetArgs: string[];
}

interface WorkerFixtures {
  stack: Stack;
}

interface Fixtures {
  /** Nothing may go wrong behind the page's back; a test may allow what it provokes. */
  allowed: RegExp[];
  watch: (page: Page) => void;
  chain: Chain;
  /** A funded key, which the page's stub wallet holds. */
  key: Key;
  /** The page as a stranger sees it, the stub wallet installed. */
  site: TradingPage;
  /** The page with the stub wallet connected, on the trade view. */
  trading: TradingPage;
  /** Makes another funded key, unknown to the page. */
  stranger: () => Promise<Key>;
}

export const test = base.extend<Fixtures, WorkerOptions & WorkerFixtures>({
  localnetArgs: [['--slot-ms', '200'], { option: true, scope: 'worker' }],

  stack: [
    async ({ localnetArgs }, provide, info) => {
      const stack = await startStack(`worker-${info.workerIndex}`, localnetArgs);
      await provide(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 40_000 },
  ],

  allowed: [[], { option: true }],

  watch: async ({ stack, allowed }, provide) => {
    const problems: string[] = [];
    const check = (url: string) => {
      if (/^(data|blob):/.test(url)) return;
      const origin = new URL(url).origin;
      if (!stack.origins.has(origin)) problems.push(`request to ${url}`);
    };
    await provide((page) => {
      page.on('request', (request) => check(request.url()));
      page.on('websocket', (socket) => check(socket.url()));
      page.on('pageerror', (error) => problems.push(`page error: ${error.stack ?? error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') {
          problems.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
        }
      });
    });
    base.expect(problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem)))).toEqual([]);
  },

  chain: async ({ stack }, provide) => {
    await resetPrices(stack);
    await provide(new Chain(stack));
  },

  stranger: async ({ stack }, provide) =>
    provide(async () => {
      const key = newKey(stack.folder);
      await stack.faucet.airdrop(key.address, `${FUNDS}`);
      return key;
    }),

  key: async ({ stranger }, provide) => provide(await stranger()),

  site: async ({ page, context, stack, chain: _prices, watch, key }, provide) => {
    watch(page);
    await injectWallet(context, key);
    await provide(new TradingPage(page, stack.url));
  },

  trading: async ({ site }, provide) => {
    await site.goto('trade');
    await site.connect();
    await provide(site);
  },
});

export { expect } from '@playwright/test';
