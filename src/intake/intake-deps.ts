import type { Config } from '../config/config.ts';
import type { DatabaseClient } from '../db/client.ts';
import type { Logger } from '../logger.ts';
import type { Queues } from '../queue/queues.ts';
import type { Storage } from '../storage/storage.ts';
import type { Workbooks } from './excel/workbooks.ts';
import type { Planner } from './plan/planner.ts';
import type { RecordImport } from './recorder.ts';

/** What a stream needs to become a recorded import. */
export interface IntakeDeps {
  readonly config: Config;
  readonly database: DatabaseClient;
  readonly storage: Storage;
  readonly workbooks: Workbooks;
  readonly planner: Planner;
  readonly queues: Queues;
  readonly recordImport: RecordImport;
  /** Of the request, where there is one. */
  readonly logger: Pick<Logger, 'warn'>;
}
