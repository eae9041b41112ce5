import { parseAmount } from '@ringfence/client';

/**
 * What a decimal field shall hold after a change. A comma that is typed becomes a point, as many phone
 * keyboards have only the comma. One that is pasted stays and is refused: "1,500" means two things.
 */
export function cleanDecimal(before: string, after: string): string {
  const text = after.replace(/\s/g, '');
  return text.length - before.length === 1 ? text.replace(',', '.') : text;
}

export type Parsed = { state: 'empty' } | { state: 'bad'; message: string } | { state: 'ok'; value: bigint };

export function readDecimal(text: string, decimals: number): Parsed {
  if (text.trim() === '') return { state: 'empty' };
  if (text.includes(',')) {
    return { state: 'bad', message: 'Use a point for decimals, and nothing between thousands.' };
  }
  try {
    return { state: 'ok', value: parseAmount(text, decimals) };
  } catch (error) {
    return { state: 'bad', message: error instanceof Error ? error.message : String(error) };
  }
}

export const valueOf = (parsed: Parsed) => (parsed.state === 'ok' ? parsed.value : undefined);

export const problemOf = (parsed: Parsed) => (parsed.state === 'bad' ? parsed.message : undefined);
