import { pino, type Logger } from 'pino';
import type { Config } from './config.ts';

export type { Logger };

/** One logger a process; keys and passwords are cut out wherever they might stand. */
export function createLogger(config: Pick<Config, 'logLevel' | 'logFormat'>, part: string): Logger {
  return pino({
    level: config.logLevel,
    base: { part },
    redact: ['req.headers.authorization', 'headers.authorization', 'databaseUrl', 'redisUrl', '*.password'],
    ...(config.logFormat === 'pretty'
      ? {
          transport: {
            target: 'pino-pretty',
            options: {
              ignore: 'pid,hostname,part',
              messageFormat: '[{part}] {msg}',
              translateTime: 'HH:MM:ss',
            },
          },
        }
      : {}),
  });
}
