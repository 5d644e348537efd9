// The worker process: takes jobs from BullMQ on the main thread, has them done in slots, and keeps the house in order.
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, type Job, type Processor } from 'bullmq';
import type { Config } from '../config/config.ts';
import { openDatabase } from '../db/client.ts';
import { isUnavailable } from '../db/errors.ts';
import { waitForSchema } from '../db/schema-version.ts';
import { listCancelled, listCancelling } from '../db/tasks/tasks.ts';
import { AppError } from '../errors.ts';
import { createLogger, type Logger } from '../logger.ts';
import { evictionRisk, openRedis } from '../queue/connection.ts';
import { openQueues, type ChunkJob, type ImportJob, type UndoJob } from '../queue/queues.ts';
import { onStop } from '../shutdown.ts';
import { openStorage } from '../storage/open-storage.ts';
import { settleCancel } from '../tasks/import/cancel-import.ts';
import { LockedOut } from '../tasks/locked-out.ts';
import { runChunkJob, runImportJob, runUndoJob, SHUTDOWN, type JobDeps } from './run-jobs.ts';
import { createFence } from './upkeep/end-silent-sessions.ts';
import { createFullDisk } from './full-disk.ts';
import { createLockWaits } from './lock-waits.ts';
import { createOutageLog } from './outage-log.ts';
import { createProgressReport } from './report-progress.ts';
import { createRunningTasks } from './running-tasks.ts';
import { landSmallImports } from './small-imports.ts';
import { dispatchImport } from '../queue/dispatch.ts';
import { openSlots } from './slots/slots.ts';
import { removeOldFiles, removeOldKeys, removeOldStaging, dispatchLostWork } from './upkeep/sweep.ts';

/** How soon a cancel is seen. */
const CANCEL_POLL_MS = 300;
const FILE_SWEEP_MS = 10 * 60_000;
/** Imports that were rung this recently are on their way. */
const SWEEP_AGE_FACTOR = 2;
/** A stall is a killed worker, not the job's fault; a job that kills workers is known by its `starts` in Postgres. */
const MAX_STALLS = 1000;
const MAIN_POOL = 4;

/** Runs until SIGTERM or SIGINT; then work in flight ends or goes back, and the process exits. */
export async function runWorker(config: Config): Promise<void> {
  const logger = createLogger(config, 'worker');
  const redis = openRedis(config.redisUrl, 'worker', logger);
  await refuseEviction(redis, logger);
  const database = openDatabase(config.databaseUrl, { name: 'worker', max: MAIN_POOL, logger });
  await waitForSchema(database.pool, logger);
  const queues = openQueues(redis, config, logger);
  const storage = openStorage(config);
  const slots = openSlots(config, config);
  const running = createRunningTasks();
  const deps: JobDeps = {
    db: database.db,
    queues,
    slots,
    running,
    reportProgress: createProgressReport(database.db, queues, Date.now),
    outage: createOutageLog(logger),
    fullDisk: createFullDisk(logger, Date.now),
    lockWaits: createLockWaits(logger, Date.now),
    logger,
  };

  const workers = config.queues.map((name) => {
    const processor: Processor =
      name === 'imports'
        ? (job: Job<ImportJob | UndoJob>, token?: string) =>
            'undoId' in job.data
              ? runUndoJob(deps, job as Job<UndoJob>, token ?? '')
              : runImportJob(deps, job as Job<ImportJob>, token ?? '')
        : (job: Job<ChunkJob>, token?: string) => runChunkJob(deps, job, token ?? '');
    const worker = new Worker(name, processor, {
      connection: redis,
      prefix: config.queuePrefix,
      concurrency: config.concurrency,
      lockDuration: config.lockMs,
      stalledInterval: config.lockMs,
      maxStalledCount: MAX_STALLS,
    });
    worker.on('error', (error) => logger.warn({ err: error, queue: name }, 'queue error'));
    worker.on('stalled', (id) =>
      logger.warn({ queue: name, job: id }, 'a job’s worker was lost; the job is taken over'),
    );
    return worker;
  });

  const fence = createFence(database.db, config.stuckMs, Date.now);
  const stopped = new AbortController();
  const housekeeping = [
    ...(config.queues.includes('imports')
      ? [
          landSmallImports(
            {
              databaseUrl: config.databaseUrl,
              db: database.db,
              slots,
              dispatch: ({ importId }) => dispatchImport(queues, importId),
              logger,
            },
            stopped.signal,
          ),
        ]
      : []),
    repeat('cancel', CANCEL_POLL_MS, async () => {
      const cancelling = await listCancelling(database.db);
      // Another worker may have settled the cancel of what runs here.
      for (const id of [...cancelling, ...(await listCancelled(database.db, running.ids()))])
        running.abort(id, 'cancelled');
      for (const importId of cancelling)
        await settleCancel(database.db, importId).then(
          (hasEnded) => (hasEnded ? logger.info({ task: importId }, 'task cancelled') : undefined),
          (error: unknown) => {
            if (isUnavailable(error)) throw error;
            if (error instanceof LockedOut) return deps.lockWaits.found(importId, error.message);
            logger.warn({ err: error, task: importId }, 'a cancel was not settled');
          },
        );
    }),
    repeat('sweep', config.sweepIntervalMs, () =>
      dispatchLostWork(
        { db: database.db, queues, storage, logger },
        config.sweepIntervalMs * SWEEP_AGE_FACTOR,
      ),
    ),
    repeat('fence', config.sweepIntervalMs, async () => {
      for (const { pid } of await fence())
        logger.warn(
          { pid },
          'a worker was silent in the middle of a transaction; its Postgres session is ended',
        );
    }),
    repeat('staging', config.sweepIntervalMs, () =>
      removeOldStaging({ db: database.db, logger }, config.dryRunHours),
    ),
    repeat('keys', FILE_SWEEP_MS, () => removeOldKeys({ db: database.db, queues, storage, logger })),
    repeat('files', FILE_SWEEP_MS, () =>
      removeOldFiles({ db: database.db, queues, storage, logger }, config.fileRetentionDays, new Date()),
    ),
  ];
  logger.info({ queues: config.queues, concurrency: config.concurrency }, 'worker ready');

  onStop({ logger, graceMs: config.shutdownGraceMs + 5000 }, async () => {
    const grace = setTimeout(() => running.abortAll(SHUTDOWN), config.shutdownGraceMs);
    await Promise.all(workers.map((worker) => worker.close()));
    clearTimeout(grace);
    stopped.abort();
    await Promise.all(housekeeping);
    await slots.close();
    await queues.close();
    await database.close();
    redis.disconnect();
  });

  /** Does something now and then again and again; a failure is told and does not end it. */
  async function repeat(what: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    while (!stopped.signal.aborted) {
      await work().catch((error: unknown) =>
        logger[isUnavailable(error) ? 'debug' : 'warn']({ err: error }, `${what} failed`),
      );
      await sleep(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }
}

/** An evicting Redis forgets jobs when it is full: refused when it can happen, warned of when it could be configured to. */
async function refuseEviction(redis: ReturnType<typeof openRedis>, logger: Logger): Promise<void> {
  const risk = await evictionRisk(redis);
  if (risk === undefined) return;
  const advice = `Redis has maxmemory-policy ${risk.policy}. Set "maxmemory-policy noeviction", or jobs may be thrown away when its memory is full.`;
  if (risk.limited) throw new AppError('CONFIG_INVALID', advice, { variable: 'REDIS_URL' });
  logger.warn(advice);
}
