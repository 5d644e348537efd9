// The one table of settings: a file per area, joined here. README and .env.example are checked against it by tests/config/config.test.ts.
import { resolve } from 'node:path';
import { prefixFor, readRedisAddress } from '../core/redis/redis-address.ts';
import { AppError } from '../errors.ts';
import { CLIENT_SETTINGS } from './client.ts';
import { CONNECTIONS_SETTINGS } from './connections.ts';
import { HOME_SETTINGS } from './home.ts';
import { LIMITS_SETTINGS } from './limits.ts';
import { RECORDS_SETTINGS } from './records.ts';
import { RETENTION_SETTINGS } from './retention.ts';
import { fileVariable, readSecretFiles, type Environment } from './secret-files.ts';
import { SERVER_SETTINGS } from './server.ts';
import { STORAGE_SETTINGS } from './storage.ts';
import { refuseUnknownVariables } from './unknown-variables.ts';
import { WEBHOOKS_SETTINGS } from './webhooks.ts';
import { WORKER_SETTINGS } from './worker.ts';
import type { Setting } from './setting.ts';

export type { Setting } from './setting.ts';

/** In the order of the documentation. */
export const SETTINGS = {
  ...SERVER_SETTINGS,
  ...CONNECTIONS_SETTINGS,
  ...HOME_SETTINGS,
  ...STORAGE_SETTINGS,
  ...LIMITS_SETTINGS,
  ...RECORDS_SETTINGS,
  ...WORKER_SETTINGS,
  ...WEBHOOKS_SETTINGS,
  ...RETENTION_SETTINGS,
  ...CLIENT_SETTINGS,
} as const;

type Settings = typeof SETTINGS;
/** The configuration, read once at the door and passed on. Paths are absolute; sizes are bytes; times as their names say. */
export type Config = { readonly [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never };

const ALL: readonly Setting<unknown>[] = Object.values(SETTINGS);
const SECRETS = ALL.filter((setting) => setting.secret === true).map((setting) => setting.env);
/** Every variable that is read: the settings, and the `…_FILE` of each secret. */
export const VARIABLES = [...ALL.map((setting) => setting.env), ...SECRETS.map(fileVariable)];

/**
 * The environment with the secrets that `…_FILE` variables name in the place of these variables.
 * @throws AppError CONFIG_INVALID when a file cannot be read, or a secret is given both ways
 */
export function withSecrets(env: Environment): Environment {
  return readSecretFiles(env, SECRETS);
}

/**
 * Reads the whole table. An empty variable counts as not set.
 * @throws AppError CONFIG_INVALID naming the first wrong variable and what it must be.
 */
export function readConfig(environment: Environment): Config {
  refuseUnknownVariables(environment, VARIABLES);
  const env = withSecrets(environment);
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(SETTINGS)) {
    const value = env[setting.env]?.trim();
    try {
      values[key] = setting.read(value === '' ? undefined : value);
    } catch (error) {
      throw new AppError('CONFIG_INVALID', `${setting.env} ${(error as Error).message}.`, {
        variable: setting.env,
      });
    }
  }
  const config = values as { -readonly [K in keyof Config]: Config[K] };
  if (config.maxCellBytes > config.maxRecordBytes)
    throw new AppError(
      'CONFIG_INVALID',
      'SLUICE_MAX_CELL_BYTES must not be larger than SLUICE_MAX_RECORD_BYTES.',
      {
        variable: 'SLUICE_MAX_CELL_BYTES',
      },
    );
  requireTls(config);
  refuseDirectAlone(config);
  config.queuePrefix = prefixFor(config.redisUrl, config.queuePrefix);
  config.home = resolve(config.home);
  config.storageDir = resolve(config.storageDir === '' ? `${config.home}/storage` : config.storageDir);
  config.datasetsDir = resolve(config.datasetsDir);
  config.taskFolders = config.taskFolders.map((folder) => resolve(folder));
  return config;
}

/** Who has set one of them believes that the connection is encrypted. */
function requireTls({ redisUrl, redisTlsCa, redisTlsCert, redisTlsKey }: Config): void {
  const given = { REDIS_TLS_CA: redisTlsCa, REDIS_TLS_CERT: redisTlsCert, REDIS_TLS_KEY: redisTlsKey };
  const [variable] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (variable === undefined) return;
  if (redisUrl !== '' && !readRedisAddress(redisUrl).tls)
    throw new AppError(
      'CONFIG_INVALID',
      `${variable} is set, but REDIS_URL is without TLS. Begin it with "rediss" instead of "redis", or unset ${variable}.`,
      { variable },
    );
  if ((redisTlsCert === undefined) !== (redisTlsKey === undefined))
    throw new AppError(
      'CONFIG_INVALID',
      'REDIS_TLS_CERT and REDIS_TLS_KEY belong together: set both, or neither.',
      { variable: redisTlsCert === undefined ? 'REDIS_TLS_CERT' : 'REDIS_TLS_KEY' },
    );
}

/** For commands that speak to Postgres. @throws AppError CONFIG_INVALID when DATABASE_URL is missing */
export function requireDatabase(config: Config): void {
  requireSet(config.databaseUrl, 'DATABASE_URL');
}

/** A direct address without the other one would be left unused. @throws AppError CONFIG_INVALID */
function refuseDirectAlone({ databaseUrl, databaseDirectUrl }: Config): void {
  if (databaseDirectUrl === '' || databaseUrl !== '') return;
  const variable = 'DATABASE_DIRECT_URL';
  throw new AppError(
    'CONFIG_INVALID',
    `${variable} is set, and DATABASE_URL is not. Set DATABASE_URL too, or unset ${variable}.`,
    { variable },
  );
}

/** For processes that speak to Postgres and Redis. @throws AppError CONFIG_INVALID naming the address that is missing */
export function requireConnections(config: Config): void {
  requireDatabase(config);
  requireSet(config.redisUrl, 'REDIS_URL');
}

function requireSet(value: string, variable: string): void {
  if (value !== '') return;
  throw new AppError(
    'CONFIG_INVALID',
    `${variable} is not set, and no "sluice up" runs here. Set it, or run "sluice up", which has its own.`,
    { variable },
  );
}
