import type { Config } from '../config/config.ts';
import { createDiskStorage } from './disk.ts';
import { openLate } from './open-late.ts';
import type { Storage } from './storage.ts';

const SETTINGS = [
  'storageDir',
  'storageUrl',
  's3Endpoint',
  's3PublicEndpoint',
  's3Region',
  's3PathStyle',
  's3PartBytes',
  's3PartsAtOnce',
  's3TimeoutMs',
  's3LinkSeconds',
  'maxUploadBytes',
] as const;

/** What a process, or a thread, needs to know of the storage. */
export type StorageSettings = Pick<Config, (typeof SETTINGS)[number]>;

/** Those of all settings, to be handed to a thread. */
export function storageSettings(config: StorageSettings): StorageSettings {
  return Object.fromEntries(SETTINGS.map((name) => [name, config[name]])) as unknown as StorageSettings;
}

/** The storage that the settings name. Opening it touches nothing: `Storage.check` tells whether it can be used. */
export function openStorage(settings: StorageSettings): Storage {
  if (settings.storageUrl === '') return createDiskStorage(settings.storageDir);
  // Only who keeps files in S3 pays for what speaks to it.
  return openLate(async () => {
    const { openS3Storage } = await import('./s3/open-s3.ts');
    return openS3Storage(settings);
  });
}
