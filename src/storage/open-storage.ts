import type { Config } from '../config/config.ts';
import type { TimesMemory } from '../core/metrics/times.ts';
import { createDiskStorage } from './disk.ts';
import { measured, type StorageEngine } from './measured.ts';
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
  'storageTimes',
] as const;

/** What a process, or a thread, needs to know of the storage. */
export type StorageSettings = Pick<Config, Exclude<(typeof SETTINGS)[number], 'storageTimes'>> & {
  /** Where the times of operations are counted, by all threads of the process; without, they are not. */
  readonly storageTimes?: TimesMemory | undefined;
};

/** Those of all settings, to be handed to a thread. */
export function storageSettings(config: StorageSettings): StorageSettings {
  return Object.fromEntries(SETTINGS.map((name) => [name, config[name]])) as unknown as StorageSettings;
}

export function storageEngine({ storageUrl }: Pick<StorageSettings, 'storageUrl'>): StorageEngine {
  return storageUrl === '' ? 'disk' : 's3';
}

/** The storage that the settings name. Opening it touches nothing: `Storage.check` tells whether it can be used. */
export function openStorage(settings: StorageSettings): Storage {
  const storage = unmeasured(settings);
  return settings.storageTimes === undefined ? storage : measured(storage, settings.storageTimes);
}

function unmeasured(settings: StorageSettings): Storage {
  if (storageEngine(settings) === 'disk') return createDiskStorage(settings.storageDir);
  // Only who keeps files in S3 pays for what speaks to it.
  return openLate(async () => {
    const { openS3Storage } = await import('./s3/open-s3.ts');
    return openS3Storage(settings);
  });
}
