// Servers that a user has named, tried before anything stands on them: a wrong one is worth a sentence at once, not a wait.
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Config } from '../config/config.ts';
import { connectionOptions } from '../db/connection.ts';
import { isUnavailable } from '../db/errors.ts';
import { AppError } from '../errors.ts';
import { openStorage, type StorageSettings } from '../storage/open-storage.ts';
import { passesByItself } from '../storage/s3/failures.ts';

/** The oldest that the tests have been run with. */
const OLDEST_POSTGRES = 15;
/** BullMQ asks for it. */
const OLDEST_REDIS = [6, 2] as const;
const CONNECT_TIMEOUT_MS = 5000;

/** @throws AppError CONFIG_INVALID when the server is too old; what pg says when it cannot be reached or refuses us */
export async function checkPostgres(databaseUrl: string): Promise<void> {
  const client = new pg.Client(connectionOptions(databaseUrl, 'check'));
  // A connection that breaks tells by the query that fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(
      `SELECT current_setting('server_version_num') AS version`,
    );
    refuseOldPostgres(Number(rows[0]!.version));
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** @param versionNumber as Postgres counts: 150004 is 15.4 */
export function refuseOldPostgres(versionNumber: number): void {
  const major = Math.floor(versionNumber / 10_000);
  if (major >= OLDEST_POSTGRES) return;
  throw new AppError(
    'CONFIG_INVALID',
    `The Postgres of DATABASE_URL is version ${major}. Sluice needs ${OLDEST_POSTGRES} or later.`,
    { variable: 'DATABASE_URL' },
  );
}

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
  config: Pick<Config, 'databaseUrl' | 'redisUrl'> & StorageSettings,
  warn: (message: string) => void,
): Promise<void> {
  const { databaseUrl, redisUrl } = config;
  await Promise.all([
    checkStorage(config).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'STORAGE_UNAVAILABLE') throw error;
      warn(error.message);
    }),
    checkPostgres(databaseUrl).catch((error: unknown) => {
      if (!isUnavailable(error)) throw error;
      warn(`Postgres cannot be reached; trying again until it can (${(error as Error).message})`);
    }),
    checkRedis(redisUrl).catch((error: unknown) => {
      // Its connection says so itself when it is away.
      if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE') throw error;
    }),
  ]);
}

/** @throws AppError UNAVAILABLE when the server cannot be reached, CONFIG_INVALID when it refuses us or is too old */
export async function checkRedis(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: CONNECT_TIMEOUT_MS,
  });
  // What the server says of a wrong password comes as an event, before the first command fails.
  let said: Error | undefined;
  redis.on('error', (error: Error) => (said ??= error));
  try {
    await redis.connect();
    refuseOldRedis(await redis.info('server'));
  } catch (error) {
    throw error instanceof AppError ? error : unusableRedis(said ?? (error as Error));
  } finally {
    redis.disconnect();
  }
}

/** @param info what `INFO server` answers; a managed Redis may not tell its version */
export function refuseOldRedis(info: string): void {
  const [, major, minor] = /^redis_version:(\d+)\.(\d+)/m.exec(info) ?? [];
  if (major === undefined || minor === undefined) return;
  const [oldestMajor, oldestMinor] = OLDEST_REDIS;
  if (Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor)) return;
  throw redisProblem(
    `The Redis of REDIS_URL is version ${major}.${minor}. Sluice needs ${OLDEST_REDIS.join('.')} or later.`,
  );
}

function unusableRedis(error: Error): AppError {
  if (/^(WRONGPASS|NOAUTH|ERR AUTH|NOPERM)/.test(error.message))
    return redisProblem(`Redis refuses the user or the password in REDIS_URL: ${error.message}`, error);
  return new AppError(
    'UNAVAILABLE',
    `Redis cannot be reached at REDIS_URL: ${error.message}. Is it running, and is the address right?`,
    { variable: 'REDIS_URL' },
    { cause: error },
  );
}

function redisProblem(message: string, cause?: Error): AppError {
  return new AppError('CONFIG_INVALID', message, { variable: 'REDIS_URL' }, { cause });
}
