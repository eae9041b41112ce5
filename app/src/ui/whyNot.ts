import type { Intent, PageRefusal } from '../state';

/** Why a button cannot be pressed; undefined where it can. */
export function whyNot(
  intent: Intent | undefined,
  missing: string,
  refusals: readonly PageRefusal[],
): string | undefined {
  if (!intent) return missing;
  if (refusals.length > 0) return 'The program would refuse this: see above.';
  return undefined;
}
