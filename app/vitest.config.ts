import react from '@vitejs/plugin-react';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['ringfence-source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['ringfence-source', ...defaultServerConditions] } },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}', '{build,server}/**/*.test.ts'],
    setupFiles: ['./vitest.setup.ts'],
    restoreMocks: true,
  },
});
