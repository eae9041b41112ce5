export function Footer() {
  return (
    <footer className="footer">
      <span>Not audited. Leverage loses money quickly; expect to lose the whole margin of a position.</span>
      <span>
        Charts by{' '}
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer noopener">
          TradingView Lightweight Charts™
        </a>
        , Copyright © TradingView, Inc.
      </span>
    </footer>
  );
}
