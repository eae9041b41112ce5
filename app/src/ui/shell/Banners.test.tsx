import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { CLUSTERS, fixtureView } from '../../state/fixtures';
import { renderWithEngine } from '../testing';
import { Banners } from './Banners';
import { ClusterSelect } from './ClusterSelect';

const calls = fixtureView().marginCalls!;

describe('the banners', () => {
  it('call a margin by name, and ask for notifications only on a click', async () => {
    const requestNotifications = vi.fn(async () => undefined);
    renderWithEngine(<Banners />, {}, { requestNotifications });
    const alert = screen.getByRole('alert', { name: 'Margin call' });
    expect(alert).toHaveTextContent('your BTC-PERP short is close to liquidation');
    expect(requestNotifications).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Notify me in this browser' }));
    expect(requestNotifications).toHaveBeenCalledOnce();
  });

  it('do not offer notifications that are allowed or denied already', () => {
    renderWithEngine(<Banners />, { marginCalls: { ...calls, permission: 'denied' } });
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('are silent while nothing is wrong, but for the warning that money is for tests', () => {
    renderWithEngine(<Banners />, { marginCalls: { positions: [], permission: 'granted' } });
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByText('Localnet: test money')).toBeVisible();
  });

  it('say that the cluster is away', () => {
    renderWithEngine(<Banners />, {
      marginCalls: { positions: [], permission: 'granted' },
      connection: { status: 'down', message: 'The node does not answer.', slot: null },
    });
    expect(screen.getByRole('alert')).toHaveTextContent('The node does not answer.');
  });
});

describe('the cluster', () => {
  it('changes to mainnet only after a second look', async () => {
    const selectCluster = vi.fn();
    renderWithEngine(<ClusterSelect />, { cluster: CLUSTERS[0] }, { selectCluster });
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Cluster' }), 'mainnet');
    expect(selectCluster).not.toHaveBeenCalled();
    expect(screen.getByRole('dialog')).toHaveTextContent('not audited');
    await userEvent.click(screen.getByRole('button', { name: 'Switch to Mainnet' }));
    expect(selectCluster).toHaveBeenCalledExactlyOnceWith('mainnet');
  });
});
