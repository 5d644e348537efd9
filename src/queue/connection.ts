import { Redis } from 'ioredis';
import type { Logger } from '../logger.ts';

/** An answer that takes longer counts as no answer for a request; workers wait as long as it takes. */
const PRODUCER_COMMAND_TIMEOUT_MS = 2000;

/**
 * Opens a Redis connection. A `producer` (API, CLI) fails at once when Redis is away: Postgres has the truth and the
 * sweeper rings later. A `worker` waits for Redis to come back. The caller closes it; lost connections come back by themselves.
 */
export function openRedis(url: string, role: 'producer' | 'worker', logger: Logger): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 5), 2000),
    ...(role === 'producer'
      ? { enableOfflineQueue: false, commandTimeout: PRODUCER_COMMAND_TIMEOUT_MS }
      : {}),
  });
  let away = false;
  redis.on('error', ({ message }: Error) => {
    // Not the error itself: it holds the command, which is AUTH with the password.
    if (!away) logger.warn({ reason: message }, 'Redis cannot be reached; trying again until it can');
    away = true;
  });
  redis.on('ready', () => {
    if (away) logger.info('Redis is back');
    away = false;
  });
  return redis;
}

/** How Redis could throw jobs away when its memory is full; undefined when it cannot, or does not tell (managed Redis). */
export async function evictionRisk(redis: Redis): Promise<{ policy: string; limited: boolean } | undefined> {
  const memory = await redis.info('memory');
  const policy = /^maxmemory_policy:(.+?)\r?$/m.exec(memory)?.[1];
  if (policy === undefined || policy === 'noeviction') return undefined;
  return { policy, limited: /^maxmemory:0\r?$/m.exec(memory) === null };
}
