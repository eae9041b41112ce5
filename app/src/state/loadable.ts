/** What comes from the chain: on its way, here, or not to be had. */
export type Loadable<T> =
  { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; message: string; retry(): void };

export const loading = { state: 'loading' } as const;

export const ready = <T>(value: T): Loadable<T> => ({ state: 'ready', value });

export const failed = (message: string, retry: () => void): Loadable<never> => ({ state: 'failed', message, retry });

export const valueOf = <T>(loadable: Loadable<T>): T | undefined =>
  loadable.state === 'ready' ? loadable.value : undefined;
