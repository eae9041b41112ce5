import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Engine, ViewState } from './store';

export const EngineContext = createContext<Engine | null>(null);

export function useEngine(): Engine {
  const engine = useContext(EngineContext);
  if (!engine) throw new Error('This component needs an EngineProvider above it');
  return engine;
}

/** Renders again only when the selected value has changed. */
export function useView<T>(select: (state: ViewState) => T): T {
  return useStore(useEngine().store, select);
}
