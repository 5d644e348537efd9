// A slot without its thread: planning and loading in the test's own process, over the test's own connection.
import { pino } from 'pino';
import { openPlanner } from '../../src/intake/plan/planner.ts';
import { randomFillSync } from 'node:crypto';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { openWorkbooks, type Workbooks } from '../../src/intake/excel/workbooks.ts';
import { newImportRow } from '../../src/intake/new-import-row.ts';
import { storeUpload } from '../../src/intake/store-upload.ts';
import { readOptions, type RawUploadOptions } from '../../src/intake/upload-options.ts';
import { readConfig, type Config } from '../../src/config/config.ts';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { createUuidV7 } from '../../src/core/uuid.ts';
import { createClient } from '../../src/db/connection.ts';
import { findMapping } from '../../src/db/imports/mappings.ts';
import { datasets } from '../../src/db/schema/datasets.ts';
import { insertImport } from '../../src/db/imports/imports.ts';
import { databaseOn } from '../../src/db/transaction.ts';
import { createDiskStorage } from '../../src/storage/disk.ts';
import { loadChunk } from '../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../src/tasks/import/plan-import.ts';
import { createSlotMemory } from '../../src/tasks/slot-memory.ts';
import type { SlotDeps } from '../../src/tasks/work-deps.ts';

export interface TestSlot extends SlotDeps {
  /** What `addImport` takes of a file. */
  readonly limits: Config;
  /** What `db` goes through. */
  readonly client: pg.Client;
  /** Its thread is started for the first workbook, and stays. */
  readonly workbooks: Workbooks;
  close(): Promise<void>;
}

/** Opens one connection; settings are the usual ones but for those given. */
export async function openSlot(
  databaseUrl: string,
  storageDir: string,
  settings: Partial<Config> = {},
): Promise<TestSlot> {
  const all = { ...readConfig({}), databaseUrl, storageDir, ...settings };
  const client = createClient({ url: databaseUrl }, 'test slot', {
    settings: { lock_timeout: String(all.lockWaitMs) },
  });
  // A test that terminates the backend sees it by the query that fails.
  client.on('error', () => undefined);
  await client.connect();
  const limits = { ...readConfig({}), smallFileBytes: 0, ...settings };
  const workbooks = openWorkbooks({ ...limits, storageDir }, pino({ level: 'silent' }));
  return {
    client,
    workbooks,
    db: databaseOn(client),
    storage: createDiskStorage(storageDir),
    memory: createSlotMemory(),
    settings: all,
    limits,
    now: () => new Date(),
    random: (bytes) => randomFillSync(bytes),
    close: async () => {
      await workbooks.close();
      await client.end();
    },
  };
}

const nextId = createUuidV7((bytes) => randomFillSync(bytes));

/** Stores a file and records it, as the API does. @returns the import's id */
export async function addImport(
  slot: TestSlot,
  dataset: Dataset,
  content: string | Buffer,
  options: RawUploadOptions & { createdBy?: string } = {},
): Promise<string> {
  const id = nextId(Date.now());
  const { createdBy, ...rest } = options;
  const read = readOptions({ dataset: dataset.name, ...rest });
  const source = Readable.from([Buffer.from(content)]);
  const find = (fingerprint: string) => findMapping(slot.db, dataset.name, fingerprint);
  const planner = openPlanner({ ...slot.limits, plansAhead: 0 }, pino({ level: 'silent' }));
  const deps = { ...slot, planner };
  const stored = await storeUpload(deps, id, { source }, dataset, read, slot.limits, find);
  const file = {
    ...stored,
    dataset: dataset.name,
    document: dataset,
    fileName: read.fileName,
    mode: read.mode,
    onError: read.onError,
    maxErrors: read.maxErrors,
    ifDuplicate: read.ifDuplicate,
    parentId: null,
    rootId: null,
  };
  const own = {
    id,
    createdBy: createdBy ?? null,
    dryRun: read.dryRun,
    commitOf: null,
    rerunOf: null,
    plan: null,
  };
  await slot.db.insert(datasets).values({ name: dataset.name, document: dataset }).onConflictDoNothing();
  await insertImport(slot.db, newImportRow(file, own));
  return id;
}

/** Does all there is to do for an import, as the queue would have it done. */
export async function runImport(slot: SlotDeps, importId: string): Promise<void> {
  for (
    let outcome = await planImport(slot, importId);
    outcome.kind === 'chunks';
    outcome = await planImport(slot, importId)
  )
    for (const chunkNo of outcome.chunkNos) await loadChunk(slot, importId, chunkNo);
}
