/** The same with Anchor's own TypeScript client: the IDL loaded at run time, web3.js underneath. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import anchor from '@anchor-lang/core';

const path = process.argv[2] ?? process.env['RINGFENCE_LOCALNET'] ?? 'localnet.json';
const localnet = JSON.parse(await readFile(path, 'utf8'));
const idl = JSON.parse(await readFile(new URL('../../../../idl/ringfence.json', import.meta.url), 'utf8'));

const { BN, web3 } = anchor;
const owner = web3.Keypair.generate();
const body = JSON.stringify({ owner: owner.publicKey.toBase58(), amount: '500' });
const airdrop = await fetch(`${localnet.faucet_url}/airdrop`, { method: 'POST', body });
const { token_account: purse } = await airdrop.json();

const connection = new web3.Connection(localnet.rpc_url, { commitment: 'confirmed', wsEndpoint: localnet.ws_url });
const provider = new anchor.AnchorProvider(connection, new anchor.Wallet(owner), { commitment: 'confirmed' });
const program = new anchor.Program(idl, provider);

const listed = localnet.markets.find(({ name }: { name: string }) => name === 'SOL-PERP');
const market = new web3.PublicKey(listed.market);
/** An account by its name in the IDL: an IDL that is loaded at run time has no types. */
async function fetchAccount(name: string, key: InstanceType<typeof web3.PublicKey>) {
  const info = await connection.getAccountInfo(key);
  assert(info);
  return program.coder.accounts.decode(name, info.data);
}
const account = await fetchAccount('market', market);

// Anchor derives position and vault from the seeds in the IDL. Optional accounts are null.
const accounts = {
  owner: owner.publicKey,
  ownerTokenAccount: new web3.PublicKey(purse),
  market,
  referral: null,
  poolVault: account.poolVault,
  collateralMint: account.collateralMint,
  oracle: new web3.PublicKey(listed.oracle),
  tokenProgram: account.tokenProgram,
};
const openPosition = program.methods['openPosition'];
assert(openPosition);
const open = openPosition({
  id: 0,
  side: { long: {} },
  size: new BN(1_000_000_000),
  margin: new BN(50_000_000),
  acceptablePrice: new BN('18446744073709551615'),
}).accounts(accounts as never);
const { position } = (await open.pubkeys()) as { position?: InstanceType<typeof web3.PublicKey> };
assert(position);
await open.rpc();

const opened = await fetchAccount('position', position);
assert.equal(opened.size.toString(), '1000000000');
assert(opened.owner.equals(owner.publicKey));
assert(opened.margin.gt(new BN(49_000_000)) && opened.margin.lt(new BN(50_000_000)));
console.log(`opened ${position.toBase58()}, margin ${opened.margin.toString()} after the fee`);
