// The worker process: takes jobs from BullMQ on the main thread, has them done in slots, and keeps the house in order.
import { randomFillSync } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { createUuidV7 } from '../core/uuid.ts';
import { checkPostgres } from '../db/check-postgres.ts';
import { directAddress } from '../db/connection.ts';
import { waitForSchema } from '../db/schema-version.ts';
import { AppError } from '../errors.ts';
import { createLogger, type Logger } from '../logger.ts';
import { evictionRisk, openRedis, type RedisClient } from '../queue/connection.ts';
import { onStop } from '../shutdown.ts';
import { startTracing } from '../tracing/start-tracing.ts';
import { readVersion } from '../version.ts';
import { closeDeps, openDeps } from './open-deps.ts';
import { createControl } from './control.ts';
import { followCommands, followLastSaid } from './control-commands.ts';
import { serveHealth, type HealthSources } from './health.ts';
import { openWorkerMetrics } from './metrics.ts';
import { SHUTDOWN } from './run-jobs.ts';
import { runTasks } from './run-tasks.ts';
import { takeSmallImports } from './small-imports.ts';
import { takeJobs } from './take-jobs.ts';
import { createHello } from './upkeep/beat.ts';
import { allDuties } from './upkeep/duties.ts';
import { keepDoing } from './upkeep/duty.ts';
import { deliverWebhooks } from './webhooks/deliver-webhooks.ts';
import { createDeliveryTimes } from './webhooks/delivery-times.ts';

/** Runs until SIGTERM or SIGINT; then work in flight ends or goes back, and the process exits. */
export async function runWorker(config: Config): Promise<void> {
  const stopTracing = await startTracing('worker', (message) => logger.warn(message));
  const logger = createLogger(config, 'worker');
  const redis = openRedis(config, 'worker', logger);
  const deps = openDeps(config, redis, logger);
  const deliveryTimes = createDeliveryTimes();
  // While it waits for Postgres and Redis it is as well as it can be: to start it again would not help.
  let state: HealthSources['state'] = () => ({ quietMs: 0 });
  const openMetrics = () => openWorkerMetrics(config, { ...deps, deliveryTimes });
  const stopHealth = await serveHealth(config, { state: () => state(), openMetrics }, logger);
  await refuseEviction(redis, config, logger);
  await waitForSchema(deps.database.pool, () => checkPostgres(config), logger);
  const id = createUuidV7(randomFillSync)(Date.now());
  const jobs = takeJobs(deps);
  const smallImports = takeSmallImports(deps);
  const tasks = await runTasks(deps, id);
  state = tasks.state;
  const identity = { id, version: readVersion(), tasks: tasks.names };
  const { db } = deps.database;
  const control = createControl({ ...deps, jobs, smallImports, tasks, exit: stopThisProcess });
  await followLastSaid(db, config.workerName, control);
  const hello = createHello({ ...deps, db, taskState: tasks.state, jobs, control }, identity);
  const stopUpkeep = keepDoing(
    allDuties({ ...deps, db }, config, { id: identity.id, hello }, () => performance.now()),
    logger,
  );
  const webhooks = deliverWebhooks({ ...deps, db, chance: Math.random, times: deliveryTimes });
  const stopFollowing = followCommands({
    ...deps,
    address: directAddress(config),
    db,
    workerId: identity.id,
    control,
    sayHello: hello,
  });
  logger.info(
    {
      worker: identity.id,
      ...(config.workerName === '' ? {} : { name: config.workerName }),
      queues: config.queues ?? 'all',
      slots: config.slots,
      concurrency: config.concurrency,
    },
    'worker ready',
  );

  onStop({ logger, graceMs: config.shutdownGraceMs + 5000 }, async () => {
    const graceMs = control.stopping();
    const grace = setTimeout(() => deps.running.abortAll(SHUTDOWN), graceMs);
    // Another command, such as to go on, must not have it take work again.
    await stopFollowing();
    void hello().catch(() => undefined);
    await Promise.all([jobs.close(), tasks.stop(graceMs), webhooks.stop(graceMs)]);
    clearTimeout(grace);
    await smallImports.stop();
    await stopUpkeep();
    await stopHealth();
    await closeDeps(deps);
    await stopTracing();
  });
}

/** As a signal from outside would: there is one way to stop. */
function stopThisProcess(): void {
  process.kill(process.pid, 'SIGTERM');
}

/** An evicting Redis forgets jobs when it is full: refused when it can happen, warned of when it could be configured to. */
async function refuseEviction(redis: RedisClient, config: Config, logger: Logger): Promise<void> {
  const risk = await evictionRisk(redis, config);
  if (risk === undefined) return;
  const advice = `Redis has maxmemory-policy ${risk.policy}. Set "maxmemory-policy noeviction", or jobs may be thrown away when its memory is full.`;
  if (risk.limited) throw new AppError('CONFIG_INVALID', advice, { variable: 'REDIS_URL' });
  logger.warn(advice);
}
