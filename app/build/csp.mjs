/**
 * The page's content security policy, from the configuration that it is served with. Plain JavaScript, so that Vite
 * and a server that brings its own config.json can both use it.
 *
 * @param {{ clusters: { rpcUrl: string, wsUrl: string, faucetUrl?: string }[] }} config
 * @returns {string}
 */
export function contentSecurityPolicy(config) {
  const origins = new Set();
  for (const { rpcUrl, wsUrl, faucetUrl } of config.clusters) {
    for (const url of [rpcUrl, wsUrl, faucetUrl]) if (url) origins.add(new URL(url).origin);
  }
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${[...origins].join(' ')}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

const TAG = /<meta http-equiv="Content-Security-Policy" content="[^"]*"\s*\/?>/;

/** @param {string} policy */
export const policyTag = (policy) => `<meta http-equiv="Content-Security-Policy" content="${policy}" />`;

/**
 * The same page with the policy for another configuration.
 *
 * @param {string} html
 * @param {Parameters<typeof contentSecurityPolicy>[0]} config
 */
export function replacePolicy(html, config) {
  if (!TAG.test(html)) throw new Error('the page has no content security policy to replace');
  return html.replace(TAG, policyTag(contentSecurityPolicy(config)));
}
