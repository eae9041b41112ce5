import { expect, type Locator, type Page } from '@playwright/test';
import type { MarketName } from './stack';
import { WALLET_NAME } from './wallet';

export type View = 'trade' | 'pool' | 'liquidations' | 'history';

/** The page by the names that people and screen readers find things under. */
export class TradingPage {
  readonly connection: Locator;
  readonly wallet: Locator;
  readonly ticket: Locator;
  readonly refusals: Locator;
  readonly positions: Locator;
  readonly orders: Locator;
  readonly transactions: Locator;

  constructor(
    readonly page: Page,
    readonly url: string,
  ) {
    this.connection = page.getByRole('status', { name: 'Connection' });
    this.wallet = page.getByRole('button', { name: /^Wallet/ });
    this.ticket = page.getByRole('region', { name: 'Order ticket' });
    this.refusals = this.ticket.getByRole('alert');
    this.positions = page.getByRole('table', { name: 'Positions', exact: true });
    this.orders = page.getByRole('table', { name: 'Orders' });
    this.transactions = page.getByRole('status', { name: 'Transactions' });
  }

  /** Opens a view, and waits until the page follows the chain. */
  async goto(view: View | `trade/${MarketName}`): Promise<void> {
    await this.page.goto(`${this.url}/#/${view}`);
    await expect(this.connection).toHaveText('Live');
  }

  async connect(wallet = WALLET_NAME): Promise<void> {
    await this.page.getByRole('button', { name: 'Connect wallet' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Connect a wallet' });
    await dialog.getByRole('button', { name: wallet }).click();
    await expect(this.wallet).toBeVisible();
    await expect(dialog).toBeHidden();
  }

  async selectMarket(market: MarketName): Promise<void> {
    await this.page.getByRole('combobox', { name: 'Market' }).selectOption({ label: market });
  }

  /** Fills in side, margin and leverage; the size follows from them. */
  async fillTicket(side: 'Long' | 'Short', margin: string, leverage: number): Promise<void> {
    await this.ticket.getByText(side, { exact: true }).click();
    await this.ticket.getByRole('slider', { name: 'Leverage' }).fill(`${leverage * 10}`);
    await this.ticket.getByRole('textbox', { name: 'Margin' }).fill(margin);
  }

  submit(side: 'Long' | 'Short'): Locator {
    return this.ticket.getByRole('button', { name: `Open ${side.toLowerCase()}` });
  }

  row(name: string | RegExp): Locator {
    return this.positions.getByRole('row').filter({ hasText: name });
  }

  /** Opens a dialog of the only position, fills it in and confirms it. */
  async act(name: string | RegExp, action: string, fill: Record<string, string> = {}): Promise<void> {
    await this.row(name).getByRole('button', { name: action }).click();
    const dialog = this.page.getByRole('dialog', { name: action });
    for (const [field, text] of Object.entries(fill)) {
      await dialog.getByRole('textbox', { name: field }).fill(text);
    }
    await dialog.getByRole('button', { name: action }).click();
    await expect(dialog).toBeHidden();
  }

  async expectConfirmed(): Promise<void> {
    await expect(this.transactions.getByText(/^Confirmed: /).last()).toBeVisible();
  }

  tab(name: 'Positions' | 'Orders' | 'History'): Locator {
    return this.page.getByRole('tab', { name });
  }
}
