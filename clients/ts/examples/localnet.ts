/**
 * What every example starts with: the localnet's file, a connection, a funded
 * wallet, and sending. `docs/localnet.md` says how to start one.
 */
import { readFile } from 'node:fs/promises';
import {
  address,
  appendTransactionMessageInstructions,
  createSolanaRpc,
  createTransactionMessage,
  generateKeyPairSigner,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type Address,
  type Instruction,
  type KeyPairSigner,
  type Signature,
} from '@solana/kit';
import {
  decodeEvents,
  decodeOracle,
  errorFromTransactionError,
  fetchMarket,
  type Market,
  type PriceReading,
  type RingfenceEvent,
} from '@ringfence/client';

/** A market in the localnet's file. */
interface Listed {
  name: string;
  market: string;
  oracle: string;
}

/** A localnet, as its file describes it. */
export class Localnet {
  readonly rpc;

  private constructor(readonly file: { rpc_url: string; ws_url: string; faucet_url: string; markets: Listed[] }) {
    this.rpc = createSolanaRpc(file.rpc_url);
  }

  /** Reads the file that is named on the command line or in `RINGFENCE_LOCALNET`. */
  static async connect(): Promise<Localnet> {
    const path = process.argv[2] ?? process.env['RINGFENCE_LOCALNET'] ?? 'localnet.json';
    return new Localnet(JSON.parse(await readFile(path, 'utf8')));
  }

  /** A new key with some SOL and `amount` whole units of collateral. */
  async wallet(amount: string): Promise<KeyPairSigner> {
    const signer = await generateKeyPairSigner();
    await this.faucet('airdrop', { owner: signer.address, amount });
    return signer;
  }

  /** Asks the faucet: `airdrop`, `price`, `release`. */
  async faucet(what: string, body: Record<string, string>): Promise<void> {
    const answer = await fetch(`${this.file.faucet_url}/${what}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`faucet: ${await answer.text()}`);
  }

  listed(name: string): Listed {
    const found = this.file.markets.find((market) => market.name === name);
    if (!found) throw new Error(`no market ${name}`);
    return found;
  }

  /** The market and its price, as they are now. */
  async market(
    name: string,
  ): Promise<{ marketAddress: Address; market: Market; oracle: Address; reading: PriceReading }> {
    const listed = this.listed(name);
    const [marketAddress, oracle] = [address(listed.market), address(listed.oracle)];
    const { data: market } = await fetchMarket(this.rpc, marketAddress);
    const { value } = await this.rpc.getAccountInfo(oracle, { encoding: 'base64' }).send();
    if (!value) throw new Error(`no price of ${name}`);
    const data = Buffer.from(value.data[0], 'base64');
    return {
      marketAddress,
      market,
      oracle,
      reading: decodeOracle(market, data, { address: oracle, owner: value.owner }),
    };
  }

  /** The cluster's clock, unix seconds. */
  async now(): Promise<bigint> {
    const clock = address('SysvarC1ock11111111111111111111111111111111');
    const { value } = await this.rpc.getAccountInfo(clock, { encoding: 'base64' }).send();
    if (!value) throw new Error('no clock');
    // slot, epoch start, epoch, leader schedule epoch, unix timestamp
    return Buffer.from(value.data[0], 'base64').readBigInt64LE(32);
  }

  /** Atoms in a token account. */
  async balance(account: Address): Promise<bigint> {
    const { value } = await this.rpc.getTokenAccountBalance(account).send();
    return BigInt(value.amount);
  }

  /** Signs, sends, and waits until it is confirmed; the program's error by its name. */
  async send(
    payer: KeyPairSigner,
    instructions: Instruction[],
  ): Promise<{ signature: Signature; events: RingfenceEvent[] }> {
    const { value: blockhash } = await this.rpc.getLatestBlockhash().send();
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (empty) => setTransactionMessageFeePayerSigner(payer, empty),
      (paid) => setTransactionMessageLifetimeUsingBlockhash(blockhash, paid),
      (alive) => appendTransactionMessageInstructions(instructions, alive),
    );
    const transaction = await signTransactionMessageWithSigners(message);
    const signature = getSignatureFromTransaction(transaction);
    try {
      const wire = getBase64EncodedWireTransaction(transaction);
      await this.rpc.sendTransaction(wire, { encoding: 'base64', preflightCommitment: 'confirmed' }).send();
    } catch (failure) {
      const refused = errorFromTransactionError(failure);
      throw refused ? new Error(`${refused.name}: ${refused.message}`, { cause: failure }) : failure;
    }
    return { signature, events: await this.events(signature) };
  }

  /** The program's events in a transaction, once it is there. */
  async events(signature: Signature): Promise<RingfenceEvent[]> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const found = await this.rpc
        .getTransaction(signature, { encoding: 'json', maxSupportedTransactionVersion: 0, commitment: 'confirmed' })
        .send();
      if (found?.meta?.err) throw new Error(`failed: ${errorFromTransactionError(found.meta.err)?.name ?? 'unknown'}`);
      if (found) return decodeEvents(found);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`transaction ${signature} was not confirmed`);
  }
}

/** The data of each event, by its name. */
type EventData = { [Event in RingfenceEvent as Event['name']]: Event['data'] };

/** The event of a name, which has to be there. */
export function eventOf<N extends keyof EventData>(events: RingfenceEvent[], name: N): EventData[N] {
  const event = events.find((candidate) => candidate.name === name);
  if (!event) throw new Error(`no ${name} among ${events.map((each) => each.name).join(', ')}`);
  return event.data as EventData[N];
}
