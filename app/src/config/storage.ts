/** What this page keeps in the browser. Where storage is full or forbidden, nothing is kept, and nothing fails. */
export interface SafeStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

function attempt<T>(access: () => T, otherwise: T): T {
  try {
    return access();
  } catch {
    return otherwise;
  }
}

/** `storage` is asked for at each access: merely naming `localStorage` throws where it is forbidden. */
export const safeStorage = (storage: () => Storage): SafeStorage => ({
  getItem: (name) => attempt(() => storage().getItem(name), null),
  setItem: (name, value) => attempt(() => storage().setItem(name, value), undefined),
  removeItem: (name) => attempt(() => storage().removeItem(name), undefined),
});
