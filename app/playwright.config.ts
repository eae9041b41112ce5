import { defineConfig, devices } from '@playwright/test';

const results = '../target/ci/e2e';

export default defineConfig({
  testDir: 'e2e',
  outputDir: `${results}/results`,
  // Each worker has a localnet of its own, on which its tests set prices: one after another.
  workers: process.env['E2E_WORKERS'] ? Number(process.env['E2E_WORKERS']) : 2,
  fullyParallel: false,
  forbidOnly: Boolean(process.env['CI']),
  timeout: 45_000,
  // A machine that CI shares may stall: what passes the second time is reported as flaky.
  retries: process.env['CI'] ? 1 : 0,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['html', { outputFolder: `${results}/report`, open: 'never' }]],
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1280, height: 900 },
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
