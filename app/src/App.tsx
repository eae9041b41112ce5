import { useState } from 'react';
import { Redirect, Route, Router, Switch } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { HistoryPage } from './pages/HistoryPage';
import { LiquidationsPage } from './pages/LiquidationsPage';
import { NotFoundPage } from './pages/NotFoundPage';
import { PoolPage } from './pages/PoolPage';
import { TradePage } from './pages/TradePage';
import { Banners } from './ui/shell/Banners';
import { ConnectContext } from './ui/shell/connect';
import { ConnectDialog } from './ui/shell/ConnectDialog';
import { ErrorBoundary } from './ui/shell/ErrorBoundary';
import { Footer } from './ui/shell/Footer';
import { Toasts } from './ui/shell/Toasts';
import { TopBar } from './ui/shell/TopBar';

/** Routes lie behind the hash, so that any static host can serve the page. */
export function App() {
  const [connecting, setConnecting] = useState(false);
  return (
    <Router hook={useHashLocation}>
      <ConnectContext value={() => setConnecting(true)}>
        <div className="app">
          <a
            className="skip-link"
            href="#main"
            onClick={(event) => {
              event.preventDefault();
              document.getElementById('main')?.focus();
            }}
          >
            Skip to the content
          </a>
          <TopBar />
          <Banners />
          <main id="main" className="main" tabIndex={-1}>
            <ErrorBoundary>
              <Switch>
                <Route path="/">
                  <Redirect to="/trade" replace />
                </Route>
                <Route path="/trade/:market?">{({ market }) => <TradePage marketName={market} />}</Route>
                <Route path="/pool" component={PoolPage} />
                <Route path="/liquidations" component={LiquidationsPage} />
                <Route path="/history" component={HistoryPage} />
                <Route component={NotFoundPage} />
              </Switch>
            </ErrorBoundary>
          </main>
          <Footer />
        </div>
        <Toasts />
        {connecting ? <ConnectDialog onClose={() => setConnecting(false)} /> : null}
      </ConnectContext>
    </Router>
  );
}
