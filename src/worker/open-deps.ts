import type { Config } from '../config/config.ts';
import { sharedAddress } from '../db/connection.ts';
import { openDatabase, type DatabaseClient } from '../db/client.ts';
import type { Logger } from '../logger.ts';
import { openQueues, type Queues } from '../queue/queues.ts';
import type { TimesMemory } from '../core/metrics/times.ts';
import { storageTimesMemory } from '../storage/measured.ts';
import { openStorage } from '../storage/open-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { createFullDisk, type FullDisk } from './full-disk.ts';
import { createLockWaits, type LockWaits } from './lock-waits.ts';
import { createOutageLog, type OutageLog } from './outage-log.ts';
import { createProgressReport, type ReportProgress } from './report-progress.ts';
import { createRunningTasks, type RunningTasks } from './running-tasks.ts';
import { openSlots, type Slots } from './slots/slots.ts';
import type { RedisClient } from '../queue/connection.ts';

/** What a worker is built from; jobs and upkeep each take of it what they use. */
export interface WorkerDeps {
  readonly config: Config;
  readonly logger: Logger;
  readonly redis: RedisClient;
  /** Of the main thread; each slot has a connection of its own. */
  readonly database: DatabaseClient;
  readonly queues: Queues;
  readonly storage: Storage;
  /** Of all threads. */
  readonly storageTimes: TimesMemory;
  readonly slots: Slots;
  readonly running: RunningTasks;
  readonly reportProgress: ReportProgress;
  readonly outage: OutageLog;
  readonly fullDisk: FullDisk;
  readonly lockWaits: LockWaits;
}

const MAIN_POOL = 4;

/** Milliseconds. Nobody can set this clock, so no wait becomes longer. */
const sinceStart = (): number => performance.now();

/** Opens what a worker stands on; nothing of it need be there yet. The caller closes it with `closeDeps`. */
export function openDeps(config: Config, redis: RedisClient, logger: Logger): WorkerDeps {
  const database = openDatabase(sharedAddress(config), { name: 'worker', max: MAIN_POOL, logger });
  const queues = openQueues(redis, config, logger);
  const storageTimes = storageTimesMemory();
  const measured = { ...config, storageTimes };
  return {
    config,
    logger,
    redis,
    database,
    queues,
    storage: openStorage(measured),
    storageTimes,
    slots: openSlots(config, measured, logger),
    running: createRunningTasks(),
    reportProgress: createProgressReport(database.db, queues, sinceStart),
    outage: createOutageLog(logger, sinceStart),
    fullDisk: createFullDisk(logger, sinceStart),
    lockWaits: createLockWaits(logger, sinceStart),
  };
}

/** In the order in which they stand on each other. */
export async function closeDeps(deps: WorkerDeps): Promise<void> {
  await deps.slots.close();
  await deps.queues.close();
  await deps.database.close();
  deps.redis.disconnect();
}
