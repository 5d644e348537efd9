// Postgres and Redis.
import { integer, text, url } from './setting.ts';

export const CONNECTIONS_SETTINGS = {
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
    'How many downloads of accepted.csv an API process serves at once, each on its own Postgres connection. Others wait 5 s and then get a 503.',
  ),
  queuePrefix: text('SLUICE_QUEUE_PREFIX', 'sluice', 'Prefix of every Redis key.'),
  ddlLockMs: integer(
    'SLUICE_DDL_LOCK_MS',
    200,
    { min: 1, max: 60_000 },
    'How long `datasets apply` waits for the lock of a table that it changes: readers queue behind it for so long at most. Then it lets them pass and tries again, up to twenty times.',
  ),
} as const;
