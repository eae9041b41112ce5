import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, policyTag, replacePolicy } from './csp.mjs';

const config = {
  clusters: [
    { rpcUrl: 'http://127.0.0.1:1/path?query', wsUrl: 'ws://127.0.0.1:2', faucetUrl: 'http://127.0.0.1:3' },
    { rpcUrl: 'https://rpc.example.com', wsUrl: 'wss://rpc.example.com' },
  ],
};

describe('contentSecurityPolicy', () => {
  it('allows this origin and the configured ones, and nothing else', () => {
    const policy = new Map(
      contentSecurityPolicy(config)
        .split('; ')
        .map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1)]),
    );
    expect(policy.get('default-src')).toEqual(["'none'"]);
    expect(policy.get('script-src')).toEqual(["'self'"]);
    expect(policy.get('style-src')).toEqual(["'self'"]);
    expect(policy.get('connect-src')).toEqual([
      "'self'",
      'http://127.0.0.1:1',
      'ws://127.0.0.1:2',
      'http://127.0.0.1:3',
      'https://rpc.example.com',
      'wss://rpc.example.com',
    ]);
    expect(policy.get('base-uri')).toEqual(["'none'"]);
    expect(policy.get('form-action')).toEqual(["'none'"]);
    expect(contentSecurityPolicy(config)).not.toMatch(/unsafe|\*/);
  });

  it('replaces the policy of a page', () => {
    const page = `<head>${policyTag("default-src 'none'")}</head>`;
    expect(replacePolicy(page, config)).toBe(`<head>${policyTag(contentSecurityPolicy(config))}</head>`);
    expect(() => replacePolicy('<head></head>', config)).toThrow('no content security policy');
  });
});
