// What tasks take files in with; its thread loads it when the first of them needs it.
import { sharedAddress } from '../../db/connection.ts';
import { openDatabase } from '../../db/client.ts';
import { openWorkbooks } from '../../intake/excel/workbooks.ts';
import { openPlanner } from '../../intake/plan/planner.ts';
import type { IntakeDeps } from '../../intake/intake-deps.ts';
import { createRecorder } from '../../intake/recorder.ts';
import type { Logger } from '../../logger.ts';
import { openRedis } from '../../queue/connection.ts';
import { openQueues } from '../../queue/queues.ts';
import { openStorage } from '../../storage/open-storage.ts';
import type { IoSettings } from './messages.ts';

export interface OpenIntake {
  readonly deps: IntakeDeps;
  close(): Promise<void>;
}

/** Of files that come at the same time. */
const CONNECTIONS = 4;

export function openIntake(settings: IoSettings, logger: Logger): OpenIntake {
  const database = openDatabase(sharedAddress(settings), { name: 'intake', max: CONNECTIONS, logger });
  const redis = openRedis(settings, 'producer', logger);
  const deps: IntakeDeps = {
    config: settings,
    database,
    storage: openStorage(settings),
    workbooks: openWorkbooks(settings, logger),
    planner: openPlanner(settings, logger),
    queues: openQueues(redis, settings, logger),
    recordImport: createRecorder(database.db),
    logger,
  };
  return {
    deps,
    close: async () => {
      await deps.workbooks.close();
      await deps.planner.close();
      await deps.queues.close();
      redis.disconnect();
      await database.close();
    },
  };
}
