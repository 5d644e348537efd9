import type { Config } from '../config/config.ts';
import type { DatabaseClient } from '../db/client.ts';
import type { Storage } from '../storage/storage.ts';

/** What the files that tell of an import's records are made from. */
export interface OutcomeDeps {
  readonly config: Config;
  readonly database: DatabaseClient;
  readonly storage: Storage;
}
