import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { ready, type DepositView, type Intent } from '../../state';
import { fixtureMarkets, fixtureView } from '../../state/fixtures';
import { renderWithEngine } from '../testing';
import { Deposits } from './Deposits';

const [sol, bitcoin] = fixtureMarkets() as [DepositView['market'], DepositView['market']];

function deposit(changes: Partial<DepositView>): DepositView {
  const { deposits } = fixtureView();
  if (deposits?.state !== 'ready' || !deposits.value[0]) throw new Error('the fixtures have no deposit');
  return { ...deposits.value[0], ...changes };
}

describe('deposits', () => {
  it('count down to their shares', async () => {
    const submit = vi.fn(async (_intent: Intent) => ({ signature: 'signature' }));
    const waiting = deposit({ claimable: false, unlocksIn: 1_790n });
    const { engine } = renderWithEngine(<Deposits market={sol} />, { deposits: ready([waiting]) }, { submit });
    expect(screen.getByText('can be claimed in 29 min 50 s')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Claim shares' }));
    expect(submit).not.toHaveBeenCalled();

    engine.store.setState({ deposits: ready([deposit({ claimable: true, unlocksIn: 0n })]) });
    expect(await screen.findByText('can be claimed now')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Claim shares' }));
    expect(submit).toHaveBeenCalledExactlyOnceWith({ kind: 'claimShares', deposit: waiting.address });
  });

  it('are those of the market that is shown', () => {
    renderWithEngine(<Deposits market={bitcoin} />, { deposits: ready([deposit({})]) });
    expect(screen.queryByText('Deposits waiting for their shares')).toBeNull();
  });
});
