import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { getPositionDecoder, POSITION_DISCRIMINATOR, type Position } from '@ringfence/client';
import {
  createSolanaRpc,
  getBase58Decoder,
  getBase64Encoder,
  type Address,
  type Base58EncodedBytes,
} from '@solana/kit';
import { binaries, type MarketName, type Stack } from './stack';
import type { Key } from './wallet';

/** Offset of `owner` in a position's account: docs/accounts.md. */
const OWNER = 48n;

/** The chain as it is, asked for past the page and past the relays. */
export class Chain {
  readonly #rpc;

  constructor(readonly stack: Stack) {
    this.#rpc = createSolanaRpc(stack.manifest.rpc_url);
  }

  /** Every position of an owner. */
  async positions(owner: Address): Promise<Position[]> {
    const memcmp = (offset: bigint, bytes: string) => ({
      memcmp: { offset, bytes: bytes as Base58EncodedBytes, encoding: 'base58' as const },
    });
    const discriminator = getBase58Decoder().decode(POSITION_DISCRIMINATOR);
    const found = await this.#rpc
      .getProgramAccounts(this.stack.manifest.program as Address, {
        encoding: 'base64',
        commitment: 'confirmed',
        filters: [memcmp(0n, discriminator), memcmp(OWNER, owner)],
      })
      .send();
    return found.map(({ account }) => getPositionDecoder().decode(getBase64Encoder().encode(account.data[0])));
  }

  /** The only position of an owner, if there is one. */
  async position(owner: Address): Promise<Position | undefined> {
    const positions = await this.positions(owner);
    if (positions.length > 1) throw new Error(`${positions.length} positions`);
    return positions[0];
  }

  /** Collateral in an owner's wallet, in atoms. */
  async collateral(owner: Address): Promise<bigint> {
    const mint = this.stack.manifest.mint as Address;
    const { value } = await this.#rpc
      .getTokenAccountsByOwner(owner, { mint }, { encoding: 'jsonParsed', commitment: 'confirmed' })
      .send();
    return value.reduce((sum, { account }) => sum + BigInt(account.data.parsed.info.tokenAmount.amount), 0n);
  }

  /** Moves the validator's clock on, and with it the prices that follow. */
  async travel(seconds: number): Promise<void> {
    const now = await this.now();
    const response = await fetch(this.stack.manifest.rpc_url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'surfnet_timeTravel',
        params: [{ absoluteTimestamp: (Number(now) + seconds) * 1000 }],
      }),
    });
    const answer = (await response.json()) as { error?: { message: string } };
    if (answer.error) throw new Error(answer.error.message);
  }

  async now(): Promise<bigint> {
    const slot = await this.#rpc.getSlot({ commitment: 'confirmed' }).send();
    return this.#rpc.getBlockTime(slot).send();
  }

  /** The command line, which is told nothing by the page: to set a scene, or to act as somebody else. */
  async cli(key: Key, ...args: string[]): Promise<string> {
    const options = ['--url', this.stack.manifest.rpc_url, '--keypair', key.file];
    const { stdout } = await promisify(execFile)(join(binaries, 'ringfence'), [...args, ...options]);
    return stdout;
  }

  async open(key: Key, market: MarketName, side: 'long' | 'short', margin: string, leverage: string): Promise<void> {
    await this.cli(key, 'position', 'open', market, side, '--margin', margin, '--leverage', leverage);
  }
}
