import type { Config } from '../config/config.ts';
import { directAddress, sharedAddress } from '../db/connection.ts';
import { openDatabase } from '../db/client.ts';
import type { Logger } from '../logger.ts';
import { openRedis } from '../queue/connection.ts';
import { openQueues } from '../queue/queues.ts';
import { openWorkbooks } from '../intake/excel/workbooks.ts';
import { openPlanner } from '../intake/plan/planner.ts';
import { createRecorder } from '../intake/recorder.ts';
import { storageTimesMemory } from '../storage/measured.ts';
import { openStorage } from '../storage/open-storage.ts';
import type { ApiDeps } from './deps.ts';

/** Opens what the API stands on; nothing of it need be there yet. The caller closes it with `closeDeps`. */
export function openDeps(config: Config, logger: Logger): ApiDeps {
  const redis = openRedis(config, 'producer', logger);
  const storageTimes = storageTimesMemory();
  const measured = { ...config, storageTimes };
  const database = openDatabase(sharedAddress(config), { name: 'api', max: config.databasePool, logger });
  return {
    config,
    logger,
    redis,
    database,
    downloads: openDatabase(directAddress(config), {
      name: 'downloads',
      max: config.downloads,
      logger,
    }),
    queues: openQueues(redis, config, logger),
    storage: openStorage(measured),
    storageTimes,
    workbooks: openWorkbooks(measured, logger),
    planner: openPlanner(config, logger),
    recordImport: createRecorder(database.db),
  };
}

/** In the order in which they stand on each other. */
export async function closeDeps(deps: ApiDeps): Promise<void> {
  await deps.workbooks.close();
  await deps.planner.close();
  await deps.queues.close();
  deps.redis.disconnect();
  await deps.downloads.close();
  await deps.database.close();
}
