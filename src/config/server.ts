// How the API and every process are run.
import { isIP } from 'node:net';
import { integer, oneOf, text, url, type Setting } from './setting.ts';

/** As Fastify takes it: whose word counts on the address a request comes from. */
export type TrustProxy = boolean | number | string;

/** Sluice's own addresses: a path in front that begins like one of them could be taken for it. */
const OWN_ADDRESSES = ['v1', 'docs', 'dashboard', 'healthz', 'readyz', 'metrics', 'openapi.json'];

function readBasePath(value: string | undefined): string {
  const path = (value ?? '').replace(/\/$/, '');
  const [, first = '', ...rest] = path.split('/');
  if (path === '') return '';
  if (!/^(?:\/[\w.~-]+)+$/.test(path) || [first, ...rest].some((part) => /^\.+$/.test(part)))
    throw new Error(`must be a path such as "/sluice", of letters, digits and ._~-, not "${value}"`);
  if (OWN_ADDRESSES.includes(first))
    throw new Error(`must not begin with "/${first}", which is an address of Sluice itself`);
  return path;
}

const MIN_METRICS_KEY_CHARS = 16;
/** Ranges that Fastify knows by name. */
const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];
const TRUST_PROXY_FORMS =
  'must be true, a number of proxies, or a list of addresses and ranges as in "10.0.0.0/8, loopback"';

function readTrustProxy(value: string | undefined): TrustProxy {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  if (/^\d{1,2}$/.test(value)) return Number(value);
  const parts = value.split(',').map((part) => part.trim());
  if (!parts.every(isAddressOrRange)) throw new Error(`${TRUST_PROXY_FORMS}, not "${value}"`);
  return parts.join(',');
}

/** As browsers send it: without a path, and without the port that its scheme has by itself. */
function readOrigins(value: string | undefined): readonly string[] {
  const origins = (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const origin of origins)
    if (origin !== '*' && !isOrigin(origin))
      throw new Error(
        `must be origins such as "https://app.example.com", with commas between them and without a path, or "*"; "${origin}" is none`,
      );
  return origins;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

function isAddressOrRange(text: string): boolean {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return NAMED_RANGES.includes(text);
  return bits === undefined || Number(bits) <= (version === 4 ? 32 : 128);
}

export const SERVER_SETTINGS = {
  port: integer('PORT', 3000, { min: 0, max: 65535 }, 'Port the API listens on; 0 takes a free one.'),
  host: text('HOST', '127.0.0.1', 'Address the API listens on; 0.0.0.0 for all.'),
  basePath: {
    env: 'SLUICE_BASE_PATH',
    defaultText: '',
    doc: 'Path in front of all addresses, such as `/sluice`, where a proxy has Sluice below a path of its host. The proxy may keep it or take it off. The same for APIs and workers.',
    read: readBasePath,
  } satisfies Setting<string>,
  tlsCert: text(
    'SLUICE_TLS_CERT',
    '',
    'File of the certificate of the API, and of those above it, in PEM form: the API then speaks TLS and nothing else. New files are taken up without a restart. Empty: plain HTTP. Not with `sluice up`.',
  ),
  tlsKey: text('SLUICE_TLS_KEY', '', 'File of its key, in PEM form and not encrypted.'),
  rateLimitPerMinute: integer(
    'SLUICE_RATE_LIMIT_PER_MINUTE',
    0,
    { min: 0, max: 10_000_000 },
    'Requests a key may make in a minute; 0 sets no limit.',
  ),
  badKeysPerMinute: integer(
    'SLUICE_BAD_KEYS_PER_MINUTE',
    60,
    { min: 0, max: 1_000_000 },
    'How many invalid keys one address may send in a minute. After that it gets 429; keys that were valid a moment ago still work. 0 sets no limit.',
  ),
  trustProxy: {
    env: 'SLUICE_TRUST_PROXY',
    defaultText: '',
    doc: 'Which proxies in front of the API to believe about `X-Forwarded-For`: `true` for all, a number of proxies, or their addresses (`10.0.0.0/8, loopback`). Empty: none; the sender is the address that has connected.',
    read: readTrustProxy,
  } satisfies Setting<TrustProxy>,
  corsOrigins: {
    env: 'SLUICE_CORS_ORIGINS',
    defaultText: '',
    doc: 'Origins whose pages may call the API from a browser (CORS), such as `https://app.example.com, http://localhost:5173`; `*` is any. Empty: none but those that the API serves itself.',
    read: readOrigins,
  } satisfies Setting<readonly string[]>,
  uploadsAtOnce: integer(
    'SLUICE_UPLOADS_AT_ONCE',
    200,
    { min: 0, max: 100_000 },
    'Uploads an API process takes at once; another gets 503 with `Retry-After`. 0 sets no limit.',
  ),
  uploadsAtOncePerKey: integer(
    'SLUICE_UPLOADS_AT_ONCE_PER_KEY',
    100,
    { min: 0, max: 100_000 },
    'Uploads of one key at once. 0 sets no limit.',
  ),
  minUploadBytesPerSecond: integer(
    'SLUICE_MIN_UPLOAD_BYTES_PER_SECOND',
    100,
    { min: 0, max: 1_000_000_000 },
    'Slowest upload, in bytes per second, measured over 30 s. A slower one is ended with 408. 0 sets no limit.',
  ),
  streamsPerKey: integer(
    'SLUICE_STREAMS_PER_KEY',
    50,
    { min: 0, max: 100_000 },
    'Event streams one key may have open at an API process; another gets 429. 0 sets no limit.',
  ),
  activeMinutes: integer(
    'SLUICE_ACTIVE_MINUTES',
    15,
    { min: 1, max: 10_080 },
    'For how many minutes after their last request a user counts as active (`GET /v1/active-users`).',
  ),
  mostBells: integer(
    'SLUICE_MOST_BELLS',
    300,
    { min: 0, max: 100_000 },
    'How many jobs that wake workers may wait in a queue of Redis. While there are as many, tasks asked for over HTTP are recorded in Postgres alone, and workers find them there.',
  ),
  metricsKey: {
    env: 'SLUICE_METRICS_KEY',
    defaultText: '',
    doc: `A key of ${MIN_METRICS_KEY_CHARS} characters or more that \`/metrics\` wants as \`Authorization: Bearer <key>\`. Empty: anybody may read it.`,
    secret: true,
    read: (value) => {
      if (value !== undefined && value.length < MIN_METRICS_KEY_CHARS)
        throw new Error(`must have ${MIN_METRICS_KEY_CHARS} characters or more; it has ${value.length}`);
      return value;
    },
  } satisfies Setting<string | undefined>,
  workers: oneOf(
    'SLUICE_WORKERS',
    ['always', 'on-demand'],
    'always',
    'When `sluice up` has a worker: always, or only while there is work.',
  ),
  workersIdleMs: integer(
    'SLUICE_WORKERS_IDLE_MS',
    300_000,
    { min: 0, max: 86_400_000 },
    'With `SLUICE_WORKERS=on-demand`: how long there is nothing to do until `sluice up` stops the worker.',
  ),
  shutdownGraceMs: integer(
    'SLUICE_SHUTDOWN_GRACE_MS',
    20_000,
    { min: 0, max: 3_600_000 },
    'How long a stopping process lets work in flight end.',
  ),
  logLevel: oneOf(
    'SLUICE_LOG_LEVEL',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'Lowest level that is logged.',
  ),
  otlpEndpoint: {
    ...url(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      '',
      ['http:', 'https:'],
      'Where traces go (OTLP over HTTP), such as `http://127.0.0.1:4318`. Other `OTEL_*` variables hold too: docs/watching.md. Empty: nothing is traced.',
    ),
    secret: false,
  },
  logFormat: oneOf('SLUICE_LOG_FORMAT', ['json', 'pretty'], 'json', 'Log lines for machines or for people.'),
} as const;
