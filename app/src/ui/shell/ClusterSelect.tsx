import { useState } from 'react';
import { useCluster, type Cluster } from '../../state';
import { Notice } from '../data';
import { Dialog } from '../Dialog';

/** Changes the cluster at once, but asks before real money comes into play. */
export function ClusterSelect() {
  const { cluster, clusters, select } = useCluster();
  const [asked, ask] = useState<Cluster>();
  return (
    <>
      <select
        className="select"
        aria-label="Cluster"
        value={cluster.name}
        onChange={(event) => {
          const next = clusters.find((candidate) => candidate.name === event.target.value);
          if (!next) return;
          if (next.real && !cluster.real) ask(next);
          else select(next.name);
        }}
      >
        {clusters.map(({ name, label }) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
      {asked ? (
        <Dialog title={`Switch to ${asked.label}?`} onClose={() => ask(undefined)}>
          <Notice title="Real money, on software that is not audited" tone="bad">
            <p>
              Ringfence has not been audited. Perpetual futures with leverage lose money quickly: expect to lose the
              whole margin of a position, and, as a provider, what you put into a pool.
            </p>
          </Notice>
          <div className="dialog__actions">
            <button type="button" className="button" onClick={() => ask(undefined)}>
              Stay on {cluster.label}
            </button>
            <button
              type="button"
              className="button button--short"
              onClick={() => {
                select(asked.name);
                ask(undefined);
              }}
            >
              Switch to {asked.label}
            </button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
