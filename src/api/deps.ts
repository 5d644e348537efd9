import type { Config } from '../config/config.ts';
import type { TimesMemory } from '../core/metrics/times.ts';
import type { DatabaseClient } from '../db/client.ts';
import type { Logger } from '../logger.ts';
import type { Workbooks } from '../intake/excel/workbooks.ts';
import type { Planner } from '../intake/plan/planner.ts';
import type { RecordImport } from '../intake/recorder.ts';
import type { Queues } from '../queue/queues.ts';
import type { Storage } from '../storage/storage.ts';
import type { RedisClient } from '../queue/connection.ts';

/** What the API is built from; made in api/main.ts, or by a test. */
export interface ApiDeps {
  readonly config: Config;
  readonly logger: Logger;
  readonly database: DatabaseClient;
  /** Connections that a download may hold for as long as its client reads; the others must not wait for them. */
  readonly downloads: DatabaseClient;
  readonly redis: RedisClient;
  readonly queues: Queues;
  readonly storage: Storage;
  /** How long its operations took. */
  readonly storageTimes: TimesMemory;
  /** Reads Excel files. */
  readonly workbooks: Workbooks;
  readonly planner: Planner;
  readonly recordImport: RecordImport;
}
