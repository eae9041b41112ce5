import react from '@vitejs/plugin-react';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** What needs no document runs without one: an environment costs more than most of the tests. */
const WITHOUT_DOCUMENT = ['src/{chain,history,config}/**/*.test.ts', 'build/**/*.test.ts', 'server/**/*.test.ts'];

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['ringfence-source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['ringfence-source', ...defaultServerConditions] } },
  test: {
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'node', environment: 'node', include: WITHOUT_DOCUMENT } },
      {
        extends: true,
        test: {
          name: 'dom',
          environment: 'happy-dom',
          include: ['src/{state,wallet,ui,pages}/**/*.test.{ts,tsx}'],
          setupFiles: ['./vitest.setup.ts'],
        },
      },
    ],
  },
});
