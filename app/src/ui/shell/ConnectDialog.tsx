import { useState } from 'react';
import { useWallets } from '../../state';
import { Empty } from '../LoadState';
import { Dialog } from '../Dialog';
import { WalletIcon } from '../icons';

export function ConnectDialog({ onClose }: { onClose: () => void }) {
  const { options, connect, error } = useWallets();
  const [problem, setProblem] = useState<string>();
  const [waiting, setWaiting] = useState<string>();
  const shown = problem ?? error;
  return (
    <Dialog title="Connect a wallet" onClose={onClose}>
      {options.length === 0 ? (
        <Empty title="No wallet found">
          Install a Solana wallet that follows the Wallet Standard, such as a browser extension, and reload this page.
        </Empty>
      ) : (
        <div className="choice-list">
          {options.map(({ id, name, icon }) => (
            <button
              key={id}
              type="button"
              className="button"
              aria-disabled={waiting !== undefined}
              onClick={() => {
                if (waiting !== undefined) return;
                setWaiting(id);
                setProblem(undefined);
                connect(id)
                  .then(onClose)
                  .catch((reason: unknown) => setProblem(reason instanceof Error ? reason.message : String(reason)))
                  .finally(() => setWaiting(undefined));
              }}
            >
              {icon ? <img src={icon} alt="" /> : <WalletIcon />}
              {name}
            </button>
          ))}
        </div>
      )}
      {waiting !== undefined ? <p className="muted">Waiting for the wallet…</p> : null}
      {shown ? (
        <p role="alert" className="loss">
          {shown}
        </p>
      ) : null}
      <p className="muted small">
        Your wallet signs every transaction. This page never sees your keys and asks for no other permission.
      </p>
    </Dialog>
  );
}
