import { HistoryTable } from '../ui/history/HistoryTable';
import { useTitle } from '../ui/useTitle';
import { HistoryStatistics } from '../ui/history/HistoryStatistics';

export function HistoryPage() {
  useTitle('History');
  return (
    <>
      <div className="page-head">
        <div>
          <h1>History</h1>
          <p>Read from the events of your own transactions on the chain, with nothing kept on a server.</p>
        </div>
      </div>
      <div className="stack">
        <HistoryStatistics />
        <section className="panel">
          <HistoryTable />
        </section>
      </div>
    </>
  );
}
