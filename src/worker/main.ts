// The worker process: takes jobs from BullMQ on the main thread, has them done in slots, and keeps the house in order.
import { randomFillSync } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import { createUuidV7 } from '../core/uuid.ts';
import { waitForSchema } from '../db/schema-version.ts';
import { AppError } from '../errors.ts';
import { createLogger, type Logger } from '../logger.ts';
import { evictionRisk, openRedis } from '../queue/connection.ts';
import { onStop } from '../shutdown.ts';
import { readVersion } from '../version.ts';
import { closeDeps, openDeps } from './open-deps.ts';
import { SHUTDOWN } from './run-jobs.ts';
import { runTasks } from './run-tasks.ts';
import { takeSmallImports } from './small-imports.ts';
import { takeJobs } from './take-jobs.ts';
import { allDuties } from './upkeep/duties.ts';
import { keepDoing } from './upkeep/duty.ts';

/** Runs until SIGTERM or SIGINT; then work in flight ends or goes back, and the process exits. */
export async function runWorker(config: Config): Promise<void> {
  const logger = createLogger(config, 'worker');
  const redis = openRedis(config.redisUrl, 'worker', logger);
  await refuseEviction(redis, logger);
  const deps = openDeps(config, redis, logger);
  await waitForSchema(deps.database.pool, logger);
  const id = createUuidV7(randomFillSync)(Date.now());
  const stopJobs = takeJobs(deps);
  const stopSmallImports = takeSmallImports(deps);
  const tasks = await runTasks(deps, id);
  const identity = { id, version: readVersion(), tasks: tasks.names };
  const stopUpkeep = keepDoing(
    allDuties({ ...deps, db: deps.database.db, taskState: tasks.state }, config, identity, () =>
      performance.now(),
    ),
    logger,
  );
  logger.info(
    {
      worker: identity.id,
      queues: config.queues ?? 'all',
      slots: config.slots,
      concurrency: config.concurrency,
    },
    'worker ready',
  );

  onStop({ logger, graceMs: config.shutdownGraceMs + 5000 }, async () => {
    const grace = setTimeout(() => deps.running.abortAll(SHUTDOWN), config.shutdownGraceMs);
    await Promise.all([stopJobs(), tasks.stop(config.shutdownGraceMs)]);
    clearTimeout(grace);
    await stopSmallImports();
    await stopUpkeep();
    await closeDeps(deps);
  });
}

/** An evicting Redis forgets jobs when it is full: refused when it can happen, warned of when it could be configured to. */
async function refuseEviction(redis: Redis, logger: Logger): Promise<void> {
  const risk = await evictionRisk(redis);
  if (risk === undefined) return;
  const advice = `Redis has maxmemory-policy ${risk.policy}. Set "maxmemory-policy noeviction", or jobs may be thrown away when its memory is full.`;
  if (risk.limited) throw new AppError('CONFIG_INVALID', advice, { variable: 'REDIS_URL' });
  logger.warn(advice);
}
