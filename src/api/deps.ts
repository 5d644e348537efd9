import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import type { DatabaseClient } from '../db/client.ts';
import type { Logger } from '../logger.ts';
import type { Queues } from '../queue/queues.ts';
import type { Storage } from '../storage/storage.ts';

/** What the API is built from; made in api/main.ts, or by a test. */
export interface ApiDeps {
  readonly config: Config;
  readonly logger: Logger;
  readonly database: DatabaseClient;
  readonly redis: Redis;
  readonly queues: Queues;
  readonly storage: Storage;
}
