import type { StorageKey } from './storage.ts';

const KEY = /^[a-z0-9][a-z0-9_-]*(?:[/.][a-z0-9_-]+)*\/?$/;

/** @throws Error for what is no key: it could lead out of the storage */
export function requireKey(key: StorageKey): StorageKey {
  if (!KEY.test(key)) throw new Error(`Not a storage key: ${JSON.stringify(key)}`);
  return key;
}
