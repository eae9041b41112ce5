import type { Address } from '@solana/kit';

/** Whole units of collateral for one click. */
const AMOUNT = '10000';

/** Asks a localnet's faucet for collateral and SOL; what is given is on chain when it returns. */
export async function airdrop(faucetUrl: string, owner: Address): Promise<void> {
  const response = await fetch(`${faucetUrl.replace(/\/$/, '')}/airdrop`, {
    method: 'POST',
    body: JSON.stringify({ owner, amount: AMOUNT }),
    signal: AbortSignal.timeout(15_000),
  }).catch(() => {
    throw new Error('The faucet does not answer: is the localnet running?');
  });
  if (response.ok) return;
  const answer: unknown = await response.json().catch(() => undefined);
  const reason =
    typeof answer === 'object' && answer !== null && 'error' in answer ? String(answer.error) : response.status;
  throw new Error(`The faucet has refused: ${reason}`);
}
