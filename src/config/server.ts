// How the API and every process are run.
import { integer, oneOf, text } from './setting.ts';

export const SERVER_SETTINGS = {
  port: integer('PORT', 3000, { min: 0, max: 65535 }, 'Port the API listens on; 0 takes a free one.'),
  host: text('HOST', '127.0.0.1', 'Address the API listens on; 0.0.0.0 for all.'),
  rateLimitPerMinute: integer(
    'SLUICE_RATE_LIMIT_PER_MINUTE',
    0,
    { min: 0, max: 10_000_000 },
    'Requests a key may make in a minute; 0 sets no limit.',
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
    'Least level that is logged.',
  ),
  logFormat: oneOf('SLUICE_LOG_FORMAT', ['json', 'pretty'], 'json', 'Log lines for machines or for people.'),
} as const;
