import { LiquidationsTable } from '../ui/liquidations/LiquidationsTable';
import { useTitle } from '../ui/useTitle';

export function LiquidationsPage() {
  useTitle('Liquidations');
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Liquidations</h1>
          <p>
            Everybody’s positions, the one closest to liquidation first. Once a position’s equity is below its
            maintenance margin, anyone may liquidate it and is paid for it, out of that position’s own vault.
          </p>
        </div>
      </div>
      <section className="panel">
        <LiquidationsTable />
      </section>
    </>
  );
}
