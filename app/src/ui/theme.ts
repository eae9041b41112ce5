import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const KEY = 'ringfence.theme';
const listeners = new Set<() => void>();
const preference = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : undefined;

function stored(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : undefined;
  } catch {
    return undefined;
  }
}

let chosen = stored();

/** The theme that shows: the chosen one, and until somebody chooses, the system's. */
const current = (): Theme => chosen ?? (preference?.matches ? 'dark' : 'light');

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  preference?.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    preference?.removeEventListener('change', listener);
  };
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, current);

/** Before the first paint, so that nothing flashes in the wrong colours. */
export function applyStoredTheme(): void {
  if (chosen) document.documentElement.dataset.theme = chosen;
}

export function toggleTheme(): void {
  chosen = current() === 'dark' ? 'light' : 'dark';
  applyStoredTheme();
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
  for (const listener of listeners) listener();
}
