import {
  getBase58Decoder,
  getBase64Decoder,
  getSignatureFromTransaction,
  getTransactionDecoder,
  getTransactionEncoder,
  type Base64EncodedWireTransaction,
  type Instruction,
  type Signature,
} from '@solana/kit';
import type { SigningAccount } from '../wallet/account';
import { compile, type Budget, type Lifetime } from './compile';
import { explainFailure, outcomeUnknown } from './failure';
import type { SolanaRpc } from './reader';

const LOOK_MS = 400;
/** Leaders drop what they have no room for; the same bytes may be sent as often as one likes. */
const REBROADCAST_MS = 2_000;
/** Without an answer of the RPC for so long, the outcome is given up on. A blockhash lives about a minute. */
const PATIENCE_MS = 150_000;

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/**
 * Signs once and sends until it is confirmed or can no longer be. A signed transaction is never replaced by another with
 * a new blockhash: both might be executed.
 */
export async function signAndSend(
  rpc: SolanaRpc,
  account: SigningAccount,
  instructions: readonly Instruction[],
  budget: Budget,
  signed: (signature: Signature) => void,
): Promise<Signature> {
  let lifetime: Lifetime;
  try {
    lifetime = (await rpc.getLatestBlockhash({ commitment: 'confirmed' }).send()).value;
  } catch (reason) {
    throw explainFailure(reason);
  }
  const unsigned = getTransactionEncoder().encode(
    compile(instructions, account.address, lifetime, budget),
  ) as Uint8Array;
  if (account.sign) {
    const bytes = await account.sign(unsigned).catch((reason: unknown) => {
      throw explainFailure(reason);
    });
    // The wallet may have added instructions of its own, and with them another lifetime: what it signed counts.
    const signature = getSignatureFromTransaction(getTransactionDecoder().decode(bytes));
    const wire = getBase64Decoder().decode(bytes) as Base64EncodedWireTransaction;
    await firstSending(rpc, wire, signature);
    signed(signature);
    await confirmed(rpc, signature, lifetime, wire);
    return signature;
  }
  if (!account.signAndSend) throw explainFailure(new Error('This wallet cannot sign transactions'));
  const raw = await account.signAndSend(unsigned).catch((reason: unknown) => {
    throw explainFailure(reason);
  });
  const signature = getBase58Decoder().decode(raw) as Signature;
  signed(signature);
  await confirmed(rpc, signature, lifetime, undefined);
  return signature;
}

async function firstSending(rpc: SolanaRpc, wire: Base64EncodedWireTransaction, signature: Signature): Promise<void> {
  try {
    await rpc
      .sendTransaction(wire, { encoding: 'base64', preflightCommitment: 'confirmed', maxRetries: 0n })
      .send({ abortSignal: AbortSignal.timeout(15_000) });
  } catch (reason) {
    const failure = explainFailure(reason);
    // The preflight has refused it: it went nowhere. Without an answer it may well be on its way.
    if (failure.error === 'RpcUnreachable') throw outcomeUnknown(signature);
    throw failure;
  }
}

async function confirmed(
  rpc: SolanaRpc,
  signature: Signature,
  { lastValidBlockHeight }: Lifetime,
  wire: Base64EncodedWireTransaction | undefined,
): Promise<void> {
  const limited = () => ({ abortSignal: AbortSignal.timeout(8_000) });
  const started = Date.now();
  let sentAt = started;
  let expired = false;
  while (Date.now() - started < PATIENCE_MS) {
    await wait(LOOK_MS);
    const answer = await rpc
      .getSignatureStatuses([signature])
      .send(limited())
      .catch(() => undefined);
    if (!answer) continue;
    const [status] = answer.value;
    if (status?.err) throw explainFailure(status.err);
    if (status?.confirmationStatus === 'confirmed' || status?.confirmationStatus === 'finalized') return;
    // Looked at after the last block that could take it: what is not there by now never will be.
    if (expired && !status) throw explainFailure(new Error('block height exceeded'));
    const height = await rpc
      .getBlockHeight({ commitment: 'confirmed' })
      .send(limited())
      .catch(() => undefined);
    expired = height !== undefined && height > lastValidBlockHeight;
    if (expired || !wire || Date.now() - sentAt < REBROADCAST_MS) continue;
    sentAt = Date.now();
    await rpc
      .sendTransaction(wire, { encoding: 'base64', skipPreflight: true, maxRetries: 0n })
      .send(limited())
      .catch(() => undefined);
  }
  throw outcomeUnknown(signature);
}
