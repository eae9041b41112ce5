import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { contentSecurityPolicy, policyTag } from './build/csp.mjs';

const configFile = fileURLToPath(new URL('./public/config.json', import.meta.url));

/** Only in the built page: Vite's development server injects scripts and styles of its own. */
function securityPolicy(): Plugin {
  return {
    name: 'ringfence-security-policy',
    apply: 'build',
    transformIndexHtml(html) {
      const policy = contentSecurityPolicy(JSON.parse(readFileSync(configFile, 'utf8')));
      return html.replace('<meta charset="utf-8" />', `<meta charset="utf-8" />\n    ${policyTag(policy)}`);
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [react(), securityPolicy()],
  resolve: { conditions: ['ringfence-source', ...defaultClientConditions] },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
  build: {
    target: 'es2022',
    sourcemap: false,
    // A module preload needs no polyfill in the browsers that the target means, and data: URLs hide assets from audits.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
