import type { Config } from '../config/config.ts';
import { createDiskStorage } from './disk.ts';
import type { Storage } from './storage.ts';

/** The storage that the settings name. Opening it touches nothing: `Storage.check` tells whether it can be used. */
export function openStorage({ storageDir }: Pick<Config, 'storageDir'>): Storage {
  return createDiskStorage(storageDir);
}
