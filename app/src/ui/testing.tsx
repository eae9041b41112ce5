import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Router } from 'wouter';
import { memoryLocation } from 'wouter/memory-location';
import { EngineContext } from '../state';
import { fixtureEngine } from '../state/fixtures';

type Parameters = NonNullable<Partial<globalThis.Parameters<typeof fixtureEngine>>>;

/** For tests: a part of the page on fixed values, away from any chain. */
export function renderWithEngine(content: ReactNode, view: Parameters[0] = {}, actions: Parameters[1] = {}) {
  const engine = fixtureEngine(view, actions);
  const { hook } = memoryLocation({ path: '/' });
  const rendered = render(
    <Router hook={hook}>
      <EngineContext value={engine}>{content}</EngineContext>
    </Router>,
  );
  return { engine, ...rendered };
}
