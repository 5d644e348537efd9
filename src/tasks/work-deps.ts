import type { Config } from '../config/config.ts';
import type { Connection } from '../db/transaction.ts';
import type { SlotMemory } from './slot-memory.ts';
import type { StorageSettings } from '../storage/open-storage.ts';
import type { Storage } from '../storage/storage.ts';

export type SlotSettings = StorageSettings &
  Pick<
    Config,
    | 'databaseUrl'
    | 'databaseDirectUrl'
    | 'chunkBytes'
    | 'chunkCells'
    | 'maxRecordBytes'
    | 'maxCellBytes'
    | 'maxRows'
    | 'maxStoredErrors'
    | 'attempts'
    | 'stuckMs'
    | 'lockWaitMs'
  >;

/** What the work in a slot uses: one connection of its own, the storage, the clock and chance. */
export interface SlotDeps {
  readonly db: Connection;
  readonly storage: Storage;
  readonly memory: SlotMemory;
  readonly settings: SlotSettings;
  readonly now: () => Date;
  readonly random: (bytes: Uint8Array) => void;
}
