import { destination, pino, stdSerializers, type Logger } from 'pino';
import type { Config } from './config/config.ts';
import { withoutKeys } from './core/access/api-key.ts';
import { withoutValues } from './core/error-for-log.ts';
import { currentTracer } from './tracing/tracing.ts';

export type { Logger };

const STDOUT = 1;

/** One logger a process; keys and passwords are cut out wherever they might stand. */
export function createLogger(config: Pick<Config, 'logLevel' | 'logFormat'>, part: string): Logger {
  const options = {
    level: config.logLevel,
    base: { part },
    redact: [
      'req.headers.authorization',
      'headers.authorization',
      'databaseUrl',
      'databaseDirectUrl',
      'redisUrl',
      '*.password',
    ],
    hooks: { streamWrite: withoutKeys },
    serializers: { err: errorForLog },
    // What is logged within a span says which one.
    ...(currentTracer() === undefined ? {} : { mixin: () => ({ ...currentTracer()?.ids() }) }),
  };
  if (config.logFormat === 'pretty')
    return pino({
      ...options,
      transport: {
        target: 'pino-pretty',
        options: {
          ignore: 'pid,hostname,part',
          messageFormat: '[{part}] {msg}',
          translateTime: 'HH:MM:ss',
          singleLine: true,
        },
      },
    });
  // At once: of lines that wait to be written when the process exits, pino tries those that nobody reads any more for ever.
  return pino(options, destination({ dest: STDOUT, sync: true }));
}

/** An error as the log has it. */
export function errorForLog(error: unknown): unknown {
  return error instanceof Error ? withoutValues(error, { ...stdSerializers.err(error) }) : error;
}
