import { useState } from 'react';
import { useBalances, useFaucet, useWallets } from '../../state';
import { CopyButton } from '../Copy';
import { Rows, type Row } from '../data';
import { Dialog } from '../Dialog';
import { showAddress, showMoney } from '../format';
import { WalletIcon } from '../icons';
import { useCollaterals } from '../useCollaterals';
import { useConnectDialog } from './connect';

export function FaucetButton() {
  const fund = useFaucet();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  if (!fund) return null;
  return (
    <>
      <button
        type="button"
        className="button topbar__wide"
        aria-disabled={busy}
        onClick={() => {
          if (busy) return;
          setBusy(true);
          setError(undefined);
          fund()
            .catch((reason: unknown) => setError(reason instanceof Error ? reason.message : String(reason)))
            .finally(() => setBusy(false));
        }}
      >
        Get test funds
      </button>
      {error ? (
        <span role="alert" className="loss small">
          {error}
        </span>
      ) : null}
    </>
  );
}

function Balances() {
  const balances = useBalances();
  const collaterals = useCollaterals();
  if (balances.state !== 'ready') return <p className="muted">Balances are not known yet.</p>;
  const rows: Row[] = collaterals.map(({ mint, symbol, decimals }) => ({
    label: symbol,
    value: showMoney(balances.value.collateral.get(mint) ?? 0n, decimals),
  }));
  rows.push({ label: 'SOL, for network fees and rent', value: showMoney(balances.value.sol, 9) });
  return <Rows label="Balances" rows={rows} />;
}

function AccountDialog({ onClose }: { onClose: () => void }) {
  const { account, disconnect } = useWallets();
  if (!account) return null;
  return (
    <Dialog title={account.walletName} onClose={onClose}>
      <div className="row">
        <span className="mono">{showAddress(account.address)}</span>
        <CopyButton text={account.address} name="Copy address" label="Copy" />
      </div>
      {account.burner ? (
        <p className="muted small">
          This key was made in this browser and lies in its storage. It is for test money only.
        </p>
      ) : null}
      <Balances />
      <div className="dialog__actions">
        <button
          type="button"
          className="button"
          onClick={() => {
            disconnect();
            onClose();
          }}
        >
          Disconnect
        </button>
      </div>
    </Dialog>
  );
}

/** Connect, or the connected account, its balance and the faucet. */
export function WalletControls() {
  const { account } = useWallets();
  const connect = useConnectDialog();
  const [shown, show] = useState(false);
  if (!account) {
    return (
      <button type="button" className="button button--primary" onClick={connect}>
        Connect wallet
      </button>
    );
  }
  const short = showAddress(account.address);
  return (
    <>
      <FaucetButton />
      <button type="button" className="button topbar__wide" aria-label={`Wallet ${short}`} onClick={() => show(true)}>
        <WalletIcon />
        <span className="mono">{short}</span>
      </button>
      {shown ? <AccountDialog onClose={() => show(false)} /> : null}
    </>
  );
}
