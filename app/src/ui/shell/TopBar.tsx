import { Link, useLocation } from 'wouter';
import { useConnectionStatus } from '../../state';
import { LogoIcon, MoonIcon, SunIcon } from '../icons';
import { toggleTheme, useTheme } from '../theme';
import { ClusterSelect } from './ClusterSelect';
import { WalletControls } from './WalletControls';

const PLACES = [
  { path: '/trade', label: 'Trade' },
  { path: '/pool', label: 'Pool' },
  { path: '/liquidations', label: 'Liquidations' },
  { path: '/history', label: 'History' },
] as const;

const STATUS_TEXT = {
  connecting: 'Connecting',
  live: 'Live',
  polling: 'Polling',
  down: 'Disconnected',
} as const;

function Connection() {
  const { status, message } = useConnectionStatus();
  return (
    <span className={`connection connection--${status}`} title={message}>
      <span className="connection__dot" aria-hidden="true" />
      <span role="status" aria-label="Connection">
        {STATUS_TEXT[status]}
      </span>
    </span>
  );
}

function ThemeToggle() {
  const theme = useTheme();
  return (
    <button
      type="button"
      className="button icon-button"
      aria-label={theme === 'dark' ? 'Use the light theme' : 'Use the dark theme'}
      onClick={toggleTheme}
    >
      {theme === 'dark' ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}

export function TopBar() {
  const [location] = useLocation();
  return (
    <header className="topbar">
      <Link href="/trade" className="brand">
        <LogoIcon />
        <span className="brand__name">Ringfence</span>
      </Link>
      <nav className="nav" aria-label="Main">
        {PLACES.map(({ path, label }) => (
          <Link
            key={path}
            href={path}
            aria-current={location === path || location.startsWith(`${path}/`) ? 'page' : undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
      <div className="topbar__tools">
        <Connection />
        <ClusterSelect />
        <ThemeToggle />
        <WalletControls />
      </div>
    </header>
  );
}
