import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config';

const LOCAL = { name: 'localnet', label: 'Localnet', rpcUrl: 'http://127.0.0.1:8899', wsUrl: 'ws://127.0.0.1:8900' };
const config = (...clusters: object[]) => ({ clusters, defaultCluster: 'localnet' });

describe('readConfig', () => {
  it('takes the configuration that is published', () => {
    const text = readFileSync(`${process.cwd()}/public/config.json`, 'utf8');
    const { clusters, defaultCluster } = readConfig(JSON.parse(text));
    expect(defaultCluster).toBe('localnet');
    expect(clusters.map(({ name, real }) => [name, real])).toEqual([
      ['localnet', false],
      ['devnet', false],
      ['mainnet', true],
    ]);
  });

  it.each([
    ['no object', null, 'config.json must hold an object'],
    ['no clusters', { clusters: [] }, 'clusters must be a list of at least one'],
    ['an unknown name', config({ ...LOCAL, name: 'testnet' }), 'clusters[0].name must be one of'],
    ['the same name twice', config(LOCAL, LOCAL), 'different names'],
    ['a default that is not there', { clusters: [LOCAL], defaultCluster: 'devnet' }, 'defaultCluster'],
    ['no URL', config({ ...LOCAL, rpcUrl: 'somewhere' }), 'clusters[0].rpcUrl is not a URL'],
    ['another protocol', config({ ...LOCAL, rpcUrl: 'ftp://127.0.0.1' }), 'must begin with http: or https:'],
    ['plain text beyond this machine', config({ ...LOCAL, rpcUrl: 'http://10.0.0.1:8899' }), 'must be encrypted'],
    ['a loopback look-alike', config({ ...LOCAL, rpcUrl: 'http://127.0.0.1.example.com' }), 'must be encrypted'],
    ['a password', config({ ...LOCAL, rpcUrl: 'https://me:secret@example.com' }), 'must not contain a user name'],
    [
      'a faucet off localnet',
      config(LOCAL, { ...LOCAL, name: 'devnet', faucetUrl: 'https://example.com' }),
      'clusters[1].faucetUrl is for localnet only',
    ],
  ])('refuses %s', (_, value, message) => {
    expect(() => readConfig(value)).toThrow(message);
  });
});
