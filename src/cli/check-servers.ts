// Servers that a user has named, tried before anything stands on them: a wrong one is worth a sentence at once, not a wait.
import type { Config } from '../config/config.ts';
import type { RedisSettings } from '../queue/connection.ts';
import { checkRedis } from './check-redis.ts';
import { checkPostgres } from '../db/check-postgres.ts';
import { isUnavailable } from '../db/errors.ts';
import { AppError } from '../errors.ts';
import { openStorage, type StorageSettings } from '../storage/open-storage.ts';
import { passesByItself } from '../storage/s3/failures.ts';

/**
 * Only a storage that is elsewhere; a folder was made before.
 * @throws AppError CONFIG_INVALID when it refuses us, STORAGE_UNAVAILABLE when it cannot be reached now
 */
export async function checkStorage(config: StorageSettings): Promise<void> {
  // A disk that is full passes, and is no reason not to start.
  if (config.storageUrl === '') return;
  try {
    await openStorage(config).check();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'STORAGE_UNAVAILABLE' || passesByItself(error))
      throw error;
    const variable = 'SLUICE_STORAGE_URL';
    throw new AppError(
      'CONFIG_INVALID',
      `${config.storageUrl} (${variable}) cannot be used. ${error.message}`,
      { variable },
      { cause: error },
    );
  }
}

/**
 * For a process that waits for its servers: one that is away is left to it, but one that refuses us will do so tomorrow too.
 * @throws AppError CONFIG_INVALID, or what pg says
 */
export async function checkReachable(
  config: Pick<Config, 'databaseUrl' | 'databaseDirectUrl'> & RedisSettings & StorageSettings,
  warn: (message: string) => void,
): Promise<void> {
  await Promise.all([
    checkStorage(config).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'STORAGE_UNAVAILABLE') throw error;
      warn(error.message);
    }),
    checkPostgres(config).catch((error: unknown) => {
      if (!isUnavailable(error)) throw error;
      warn(`Postgres cannot be reached; trying again until it can (${(error as Error).message})`);
    }),
    checkRedis(config).catch((error: unknown) => {
      // Its connection says so itself when it is away.
      if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE') throw error;
    }),
  ]);
}
