// What most tests of work begin with: a database with datasets in it, a folder for files, and a slot over both.
import type { Config } from '../../src/config/config.ts';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { openSlot, type TestSlot } from './slot.ts';
import { folderForFile } from './temp-folder.ts';
import { addDataset } from './uploads.ts';

export interface FreshSlot {
  readonly database: TestDatabase;
  /** The storage. */
  readonly folder: string;
  readonly slot: TestSlot;
  /** Also when the slot's connection is lost, or others are open. */
  readonly close: () => Promise<void>;
}

export async function freshSlot(
  datasets: readonly Dataset[],
  settings: Partial<Config> = {},
): Promise<FreshSlot> {
  const database = await createDatabase();
  for (const dataset of datasets) await addDataset(database.pool, dataset);
  const folder = folderForFile();
  const slot = await openSlot(database.url, folder, settings);
  return {
    database,
    folder,
    slot,
    close: async () => {
      await slot.close().catch(() => undefined);
      await database.drop();
    },
  };
}
