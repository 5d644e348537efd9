// The one table of settings. README and .env.example are checked against it by tests/config/config.test.ts.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { AppError } from '../errors.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** One environment variable: how it is read, what it is without it, and what it is for. */
export interface Setting<T> {
  readonly env: string;
  /** As shown in the documentation. */
  readonly defaultText: string;
  readonly doc: string;
  /** Reads the text of the variable; undefined when it is not set. Throws an Error whose message ends the sentence "NAME …". */
  readonly read: (text: string | undefined) => T;
  /** Never printed. */
  readonly secret?: boolean;
}

function integer(
  env: string,
  fallback: number,
  range: { min: number; max: number },
  doc: string,
): Setting<number> {
  return {
    env,
    defaultText: String(fallback),
    doc,
    read: (text) => {
      if (text === undefined) return fallback;
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < range.min || value > range.max)
        throw new Error(`must be a whole number from ${range.min} to ${range.max}, not "${text}"`);
      return value;
    },
  };
}

function text<T extends string | undefined>(
  env: string,
  fallback: T,
  doc: string,
  extra: Partial<Setting<T>> = {},
): Setting<T | string> {
  return { env, defaultText: fallback ?? '', doc, read: (value) => value ?? fallback, ...extra };
}

function oneOf<T extends string>(env: string, values: readonly T[], fallback: T, doc: string): Setting<T> {
  return {
    env,
    defaultText: fallback,
    doc,
    read: (value) => {
      if (value === undefined) return fallback;
      if (!(values as readonly string[]).includes(value))
        throw new Error(`must be one of ${values.join(', ')}, not "${value}"`);
      return value as T;
    },
  };
}

function url(env: string, fallback: string, protocols: readonly string[], doc: string): Setting<string> {
  return {
    env,
    defaultText: fallback,
    doc,
    secret: true,
    read: (value) => {
      if (value === undefined) return fallback;
      if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol))
        throw new Error(`must be a URL beginning with ${protocols.map((p) => `${p}//`).join(' or ')}`);
      return value;
    },
  };
}

/** Queue names, in the order a worker's `--queues` lists them. */
export const QUEUE_NAMES = ['imports', 'chunks'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

const MIN_ADMIN_KEY_CHARS = 32;

export const SETTINGS = {
  port: integer('PORT', 3000, { min: 0, max: 65535 }, 'Port the API listens on; 0 takes a free one.'),
  host: text('HOST', '127.0.0.1', 'Address the API listens on; 0.0.0.0 for all.'),
  databaseUrl: url(
    'DATABASE_URL',
    '',
    ['postgres:', 'postgresql:'],
    'Postgres. Empty: `npm start` runs its own.',
  ),
  redisUrl: url(
    'REDIS_URL',
    '',
    ['redis:', 'rediss:'],
    'Redis with `maxmemory-policy noeviction`. Empty: `npm start` runs its own.',
  ),
  home: text(
    'SLUICE_HOME',
    '.sluice',
    'Folder for all that `npm start` keeps: Postgres, Redis, files, the admin key.',
  ),
  adminKey: {
    env: 'SLUICE_ADMIN_KEY',
    defaultText: '',
    doc: `A first admin key given from outside (${MIN_ADMIN_KEY_CHARS} characters or more), for containers and scripts.`,
    secret: true,
    read: (value) => {
      if (value !== undefined && value.length < MIN_ADMIN_KEY_CHARS)
        throw new Error(`must have ${MIN_ADMIN_KEY_CHARS} characters or more; it has ${value.length}`);
      return value;
    },
  } satisfies Setting<string | undefined>,
  storageDir: text(
    'SLUICE_STORAGE_DIR',
    '',
    'Folder for uploads and rejects, shared by API and workers. Empty: `storage` in SLUICE_HOME.',
  ),
  datasetsDir: text(
    'SLUICE_DATASETS_DIR',
    'datasets',
    'Folder of dataset documents (JSON), applied at start.',
  ),
  maxUploadBytes: integer(
    'SLUICE_MAX_UPLOAD_BYTES',
    10 * GIB,
    { min: 1, max: 1024 * GIB },
    'Largest file taken, in bytes; also of what a gzip or ZIP file inflates to.',
  ),
  maxInflateRatio: integer(
    'SLUICE_MAX_INFLATE_RATIO',
    200,
    { min: 2, max: 10_000 },
    'A gzip or ZIP file that inflates to more than so many times its size is refused (judged beyond 8 MiB).',
  ),
  maxUndecodableLines: integer(
    'SLUICE_MAX_UNDECODABLE_LINES',
    1000,
    { min: 0, max: 100_000 },
    'A file with more lines that hold bytes which are no text in the encoding it was sent with is refused; up to so many, their records are rejected.',
  ),
  maxHeaderBytes: integer(
    'SLUICE_MAX_HEADER_BYTES',
    64 * KIB,
    { min: 64, max: MIB },
    'Longest header record, in bytes.',
  ),
  maxColumns: integer('SLUICE_MAX_COLUMNS', 1000, { min: 1, max: 16_000 }, 'Most columns in a file.'),
  maxCellBytes: integer(
    'SLUICE_MAX_CELL_BYTES',
    MIB,
    { min: 16, max: 256 * MIB },
    'Longest cell, in bytes; a longer one rejects its record.',
  ),
  maxRecordBytes: integer(
    'SLUICE_MAX_RECORD_BYTES',
    4 * MIB,
    { min: 64, max: 256 * MIB },
    'Longest record, in bytes; a longer one is rejected.',
  ),
  maxRows: integer(
    'SLUICE_MAX_ROWS',
    1_000_000_000,
    { min: 1, max: 1_000_000_000_000 },
    'Most records in a file; an import with more fails when they have been counted, before any lands.',
  ),
  chunkBytes: integer(
    'SLUICE_CHUNK_BYTES',
    4 * MIB,
    { min: 64, max: 256 * MIB },
    'Most bytes of a file loaded in one transaction (cut at the next record end); the chunks of a file are of about one size.',
  ),
  chunkCells: integer(
    'SLUICE_CHUNK_CELLS',
    1_000_000,
    { min: 1000, max: 100_000_000 },
    'A chunk also ends at so many cells, each record counting for ten more: so many that all of them may be wrong and still have room in a slot.',
  ),
  concurrency: {
    ...integer(
      'SLUICE_CONCURRENCY',
      Math.min(4, availableParallelism()),
      { min: 1, max: 256 },
      'Slots (threads) of a worker. Empty: as many as the machine has cores, 4 at most.',
    ),
    defaultText: '',
  },
  queues: {
    env: 'SLUICE_QUEUES',
    defaultText: QUEUE_NAMES.join(','),
    doc: 'Queues a worker takes work from.',
    read: (value) => {
      const names = (value ?? QUEUE_NAMES.join(',')).split(',').map((name) => name.trim());
      const unknown = names.find((name) => !(QUEUE_NAMES as readonly string[]).includes(name));
      if (unknown !== undefined)
        throw new Error(`must list queues out of ${QUEUE_NAMES.join(', ')}; there is no queue "${unknown}"`);
      return names as QueueName[];
    },
  } satisfies Setting<QueueName[]>,
  attempts: integer(
    'SLUICE_ATTEMPTS',
    5,
    { min: 1, max: 100 },
    'How often a chunk is tried before its import fails.',
  ),
  retryDelayMs: integer(
    'SLUICE_RETRY_DELAY_MS',
    1000,
    { min: 1, max: 3_600_000 },
    'Wait before the second attempt; doubled for each further one.',
  ),
  lockMs: integer(
    'SLUICE_LOCK_MS',
    15_000,
    { min: 1000, max: 600_000 },
    'Lease of a worker on a job, and of an upload on its `Idempotency-Key`; a killed worker’s job is taken over after about two of these.',
  ),
  stuckMs: integer(
    'SLUICE_STUCK_MS',
    30_000,
    { min: 1000, max: 3_600_000 },
    'A transaction of a worker that is silent for so long (frozen, cut off) is ended and its chunk taken over; a slot that computes so long without a pause is ended, and an attempt has failed.',
  ),
  slotMemoryMb: integer(
    'SLUICE_SLOT_MEMORY_MB',
    512,
    { min: 16, max: 65_536 },
    'Memory of a slot for what it computes with, in MiB; beyond it the slot is ended, and an attempt has failed. Bytes of files and rows come on top, bounded by the limits on chunks, records and cells.',
  ),
  ddlLockMs: integer(
    'SLUICE_DDL_LOCK_MS',
    200,
    { min: 1, max: 60_000 },
    'How long `datasets apply` waits for the lock of a table that it changes: readers queue behind it for so long at most. Then it lets them pass and tries again, for some twenty times.',
  ),
  sweepIntervalMs: integer(
    'SLUICE_SWEEP_INTERVAL_MS',
    5000,
    { min: 100, max: 600_000 },
    'How often unfinished work is looked for that Redis has lost.',
  ),
  shutdownGraceMs: integer(
    'SLUICE_SHUTDOWN_GRACE_MS',
    20_000,
    { min: 0, max: 3_600_000 },
    'How long a stopping process lets work in flight end.',
  ),
  maxStoredErrors: integer(
    'SLUICE_MAX_STORED_ERRORS',
    10_000,
    { min: 0, max: 10_000_000 },
    'Row errors kept in Postgres for one import; counts and the reject file stay complete.',
  ),
  resultTtlSeconds: integer(
    'SLUICE_RESULT_TTL_SECONDS',
    86_400,
    { min: 60, max: 31_536_000 },
    'How long Redis keeps a finished job and its result.',
  ),
  fileRetentionDays: integer(
    'SLUICE_FILE_RETENTION_DAYS',
    30,
    { min: 1, max: 3650 },
    'Days after which the files of a finished import (upload, rejects) are removed.',
  ),
  idempotencyKeyHours: integer(
    'SLUICE_IDEMPOTENCY_KEY_HOURS',
    24,
    { min: 24, max: 8760 },
    'Hours for which an upload sent again with its `Idempotency-Key` gets the answer of the first.',
  ),
  dryRunHours: integer(
    'SLUICE_DRY_RUN_HOURS',
    24,
    { min: 1, max: 8760 },
    'Hours for which the rows of a dry run are kept in staging tables, for the check at its commit.',
  ),
  databasePool: integer(
    'SLUICE_DATABASE_POOL',
    10,
    { min: 1, max: 1000 },
    'Postgres connections of an API process.',
  ),
  downloads: integer(
    'SLUICE_DOWNLOADS',
    2,
    { min: 1, max: 1000 },
    'Downloads of accepted.csv at once of an API process, each on a Postgres connection beside the pool; others wait 5 s, then get a 503.',
  ),
  rateLimitPerMinute: integer(
    'SLUICE_RATE_LIMIT_PER_MINUTE',
    0,
    { min: 0, max: 10_000_000 },
    'Requests a key may make in a minute; 0 sets no limit.',
  ),
  queuePrefix: text('SLUICE_QUEUE_PREFIX', 'sluice', 'Prefix of every Redis key.'),
  logLevel: oneOf(
    'SLUICE_LOG_LEVEL',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'Least level that is logged.',
  ),
  logFormat: oneOf('SLUICE_LOG_FORMAT', ['json', 'pretty'], 'json', 'Log lines for machines or for people.'),
  url: text('SLUICE_URL', 'http://127.0.0.1:3000', 'Where the `sluice` command finds the API.'),
  apiKey: text(
    'SLUICE_API_KEY',
    undefined,
    'The key the `sluice` command sends. Empty: the admin key in SLUICE_HOME.',
    { secret: true },
  ),
} as const;

type Settings = typeof SETTINGS;
/** The configuration, read once at the door and passed on. Paths are absolute; sizes are bytes; times as their names say. */
export type Config = { readonly [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never };

/**
 * Reads the whole table. An empty variable counts as not set.
 * @throws AppError CONFIG_INVALID naming the first wrong variable and what it must be.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
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
  config.home = resolve(config.home);
  config.storageDir = resolve(config.storageDir === '' ? `${config.home}/storage` : config.storageDir);
  config.datasetsDir = resolve(config.datasetsDir);
  return config;
}

/** For commands that speak to Postgres. @throws AppError CONFIG_INVALID when DATABASE_URL is missing */
export function requireDatabase(config: Config): void {
  requireSet(config.databaseUrl, 'DATABASE_URL');
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
