import { once } from 'node:events';
import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import { openDatabase } from '../db/client.ts';
import type { Logger } from '../logger.ts';
import { openRedis } from '../queue/connection.ts';
import { openQueues } from '../queue/queues.ts';
import { createDiskStorage } from '../storage/disk.ts';
import type { ApiDeps } from './deps.ts';

const REDIS_START_MS = 1000;

/** Opens what the API stands on; nothing of it need be there yet. The caller closes it with `closeDeps`. */
export async function openDeps(config: Config, logger: Logger): Promise<ApiDeps> {
  const redis = openRedis(config.redisUrl, 'producer', logger);
  await waitForRedis(redis);
  return {
    config,
    logger,
    redis,
    database: openDatabase(config.databaseUrl, { name: 'api', max: config.databasePool, logger }),
    queues: openQueues(redis, config, logger),
    storage: createDiskStorage(config.storageDir),
  };
}

/** In the order in which they stand on each other. */
export async function closeDeps(deps: ApiDeps): Promise<void> {
  await deps.queues.close();
  deps.redis.disconnect();
  await deps.database.close();
}

/** A queue asks Redis for its version the moment it is opened, and this connection does not wait for anything. */
async function waitForRedis(redis: Redis): Promise<void> {
  await once(redis, 'ready', { signal: AbortSignal.timeout(REDIS_START_MS) }).catch(() => undefined);
}
