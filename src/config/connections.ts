// Postgres and Redis.
import { readFileSync } from 'node:fs';
import { readNatMap, readRedisAddress, type NatMap } from '../core/redis/redis-address.ts';
import { integer, text, url, type Setting } from './setting.ts';

export const CONNECTIONS_SETTINGS = {
  databaseUrl: url(
    'DATABASE_URL',
    '',
    ['postgres:', 'postgresql:'],
    'Postgres, or a pooler before it. Empty: `npm start` runs its own.',
  ),
  databaseDirectUrl: url(
    'DATABASE_DIRECT_URL',
    '',
    ['postgres:', 'postgresql:'],
    'Behind a pooler in transaction mode, such as PgBouncer: the same database without it, for `LISTEN`, migrations, and what holds a session for long ([poolers](docs/postgres.md#behind-pgbouncer)). Empty: `DATABASE_URL` needs no other.',
  ),
  redisUrl: {
    env: 'REDIS_URL',
    defaultText: '',
    doc: 'Redis with `maxmemory-policy noeviction`: `redis://`, with TLS `rediss://`; Sentinels as `redis+sentinel://host:26379,host:26379/NAME`; a Cluster as `redis+cluster://host:6379,host:6379` ([the forms](docs/redis.md)). Empty: `npm start` runs its own.',
    secret: true,
    read: (value) => {
      if (value !== undefined) readRedisAddress(value);
      return value ?? '';
    },
  } satisfies Setting<string>,
  redisTlsCa: pemFile(
    'REDIS_TLS_CA',
    'CERTIFICATE',
    'File with the certificates (PEM) of the authority that has signed those of Redis; no other is trusted then. Empty: those that Node trusts, and those of `NODE_EXTRA_CA_CERTS`.',
  ),
  redisTlsCert: pemFile(
    'REDIS_TLS_CERT',
    'CERTIFICATE',
    'File with the certificate (PEM) that Sluice shows to Redis. Empty: none.',
  ),
  redisTlsKey: pemFile('REDIS_TLS_KEY', 'PRIVATE KEY', 'File with the key (PEM) of `REDIS_TLS_CERT`.'),
  redisNatMap: {
    env: 'REDIS_NAT_MAP',
    defaultText: '',
    doc: 'Addresses that Sentinels or a Cluster name, and how they are reached from here: `10.0.0.1:6379=redis.example.com:7001`, with commas between them.',
    read: (value) => readNatMap(value ?? ''),
  } satisfies Setting<NatMap>,
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
  queuePrefix: text(
    'SLUICE_QUEUE_PREFIX',
    'sluice',
    'Prefix of every Redis key. In a Cluster it is put into braces if it has none, so that all keys are in one slot.',
  ),
  ddlLockMs: integer(
    'SLUICE_DDL_LOCK_MS',
    200,
    { min: 1, max: 60_000 },
    'How long `datasets apply` waits for the lock of a table that it changes: readers queue behind it for so long at most. Then it lets them pass and tries again, up to twenty times.',
  ),
} as const;

/** The setting is a path; its value is the file's content, read once like everything else. */
function pemFile(env: string, what: string, doc: string): Setting<string | undefined> {
  return {
    env,
    defaultText: '',
    doc,
    read: (path) => {
      if (path === undefined) return undefined;
      let pem: string;
      try {
        pem = readFileSync(path, 'utf8');
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        throw new Error(`names the file ${path}, which cannot be read (${code ?? message})`, {
          cause: error,
        });
      }
      if (!new RegExp(`-----BEGIN ([A-Z]+ )*${what}-----`).test(pem))
        throw new Error(`names the file ${path}, which has no "-----BEGIN ${what}-----"`);
      return pem;
    },
  };
}
