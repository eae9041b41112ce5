import {
  getBase58Decoder,
  getBase64Decoder,
  getCompiledTransactionMessageDecoder,
  getSignatureFromTransaction,
  getTransactionDecoder,
  getTransactionEncoder,
  type Base64EncodedWireTransaction,
  type Blockhash,
  type Instruction,
  type Signature,
} from '@solana/kit';
import { UserFacingError } from '../state/intent';
import type { SigningAccount } from '../wallet/account';
import { compile, type Budget, type Lifetime } from './compile';
import { explainFailure, explainWallet, outcomeUnknown, wasRefusedBeforeSending } from './failure';
import type { SolanaRpc } from './reader';

const LOOK_MS = 400;
/** Leaders drop what they have no room for; the same bytes may be sent as often as one likes. */
const REBROADCAST_MS = 2_000;
/** Without word of it for so long, the outcome is given up on. A blockhash lives about a minute. */
const PATIENCE_MS = 150_000;

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const limited = () => ({ abortSignal: AbortSignal.timeout(8_000) });

/** What was signed, and until when it may be executed; without a lifetime of ours nobody can say. */
interface Pending {
  signature: Signature;
  lifetime?: Lifetime;
  wire?: Base64EncodedWireTransaction;
}

/**
 * Signs once and sends until it is confirmed or can no longer be. A signed transaction is never replaced by another with
 * a new blockhash: both might be executed. What may have been sent is never called failed.
 */
export async function signAndSend(
  rpc: SolanaRpc,
  account: SigningAccount,
  instructions: readonly Instruction[],
  budget: Budget,
  signed: (signature: Signature) => void,
): Promise<Signature> {
  const lifetime = await latestLifetime(rpc);
  const unsigned = getTransactionEncoder().encode(
    compile(instructions, account.address, lifetime, budget),
  ) as Uint8Array;
  const pending = account.sign
    ? await signThenSend(rpc, await account.sign(unsigned).catch(rethrow(explainWallet)), lifetime, signed)
    : await letWalletSend(account, unsigned, signed);
  await confirmed(rpc, pending);
  return pending.signature;
}

const rethrow = (explain: (reason: unknown) => UserFacingError) => (reason: unknown) => {
  throw explain(reason);
};

async function latestLifetime(rpc: SolanaRpc): Promise<Lifetime> {
  const { value } = await rpc
    .getLatestBlockhash({ commitment: 'confirmed' })
    .send(limited())
    .catch(rethrow(explainFailure));
  return value;
}

async function signThenSend(
  rpc: SolanaRpc,
  bytes: Uint8Array,
  lifetime: Lifetime,
  signed: (signature: Signature) => void,
): Promise<Pending> {
  const transaction = getTransactionDecoder().decode(bytes);
  const signature = getSignatureFromTransaction(transaction);
  const wire = getBase64Decoder().decode(bytes) as Base64EncodedWireTransaction;
  // A wallet may put in a blockhash of its own: what it has signed counts, and its last block is not known here.
  const { lifetimeToken } = getCompiledTransactionMessageDecoder().decode(transaction.messageBytes);
  const ours = (lifetimeToken as Blockhash | undefined) === lifetime.blockhash;
  try {
    await rpc
      .sendTransaction(wire, { encoding: 'base64', preflightCommitment: 'confirmed', maxRetries: 0n })
      .send({ abortSignal: AbortSignal.timeout(15_000) });
  } catch (reason) {
    // Only a refused preflight went nowhere for sure. Anything else may be on its way, and is looked for like the rest.
    if (wasRefusedBeforeSending(reason)) throw explainFailure(reason);
  }
  signed(signature);
  return { signature, wire, ...(ours && { lifetime }) };
}

async function letWalletSend(
  { signAndSend: send }: SigningAccount,
  unsigned: Uint8Array,
  signed: (signature: Signature) => void,
): Promise<Pending> {
  if (!send) {
    throw new UserFacingError('Not signed', 'This wallet cannot sign transactions of this cluster.', {
      error: 'WalletProblem',
    });
  }
  const raw = await send(unsigned).catch((reason: unknown) => {
    const failure = explainWallet(reason);
    // Whether the wallet had sent it already only the wallet knows.
    throw failure.error === 'UserRejected' ? failure : outcomeUnknown(undefined, reason);
  });
  const signature = getBase58Decoder().decode(raw) as Signature;
  signed(signature);
  return { signature };
}

async function confirmed(rpc: SolanaRpc, { signature, lifetime, wire }: Pending): Promise<void> {
  const started = Date.now();
  let sentAt = started;
  /** A slot at which no block could take it any more. */
  let expiredAt: bigint | undefined;
  while (Date.now() - started < PATIENCE_MS) {
    await wait(LOOK_MS);
    const answer = await rpc
      .getSignatureStatuses([signature])
      .send(limited())
      .catch(() => undefined);
    if (!answer) continue;
    const [status] = answer.value;
    // Before it is confirmed it may be on a fork, and what failed there can still succeed.
    const settled = status?.confirmationStatus === 'confirmed' || status?.confirmationStatus === 'finalized';
    if (settled && status.err) throw explainFailure(status.err);
    if (settled) return;
    // Behind a load balancer another node may answer, that is behind: its silence counts from the same slot on only.
    const lookedPast = expiredAt !== undefined && answer.context.slot >= expiredAt;
    if (lookedPast && !status) throw explainFailure(new Error('block height exceeded'));
    if (lifetime && expiredAt === undefined) expiredAt = await expiry(rpc, lifetime);
    if (expiredAt !== undefined || !wire || Date.now() - sentAt < REBROADCAST_MS) continue;
    sentAt = Date.now();
    await rpc
      .sendTransaction(wire, { encoding: 'base64', skipPreflight: true, maxRetries: 0n })
      .send(limited())
      .catch(() => undefined);
  }
  throw outcomeUnknown(signature);
}

/** The slot at which the last block that could take it had passed; undefined while it has not. */
async function expiry(rpc: SolanaRpc, { lastValidBlockHeight }: Lifetime): Promise<bigint | undefined> {
  const epoch = await rpc
    .getEpochInfo({ commitment: 'confirmed' })
    .send(limited())
    .catch(() => undefined);
  return epoch && epoch.blockHeight > lastValidBlockHeight ? epoch.absoluteSlot : undefined;
}
