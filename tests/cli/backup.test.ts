// What `sluice backup` and `sluice restore` refuse, replace and leave out; tests/e2e/backup.test.ts has the whole way.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { restore, type RestoreOptions } from '../../src/cli/backup/restore-backup.ts';
import { backUp, type BackupOptions } from '../../src/cli/backup/write-backup.ts';
import { readConfig, type Config } from '../../src/config/config.ts';
import { importFolder, uploadKey } from '../../src/storage/keys.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { loadChunk } from '../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../src/tasks/import/plan-import.ts';
import type { TestDatabase } from '../support/database.ts';
import { freshSlot } from '../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../support/slot.ts';
import { startS3 } from '../support/s3.ts';
import { PEOPLE } from '../support/uploads.ts';

let database: TestDatabase;
let slot: TestSlot;
let config: Config;
let folder: string;
let backups = 0;

beforeAll(async () => {
  const fresh = await freshSlot([PEOPLE], { chunkBytes: 4096 });
  ({ database, slot } = fresh);
  config = { ...readConfig({}), databaseUrl: database.url, storageDir: fresh.folder };
  folder = await mkdtemp(join(tmpdir(), 'sluice-backup-'));
  return fresh.close;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const query = async (text: string, values: unknown[] = []) =>
  (await database.pool.query<Record<string, unknown>>(text, values)).rows;
async function saying(work: (out: { write: (text: string) => boolean }) => Promise<void>): Promise<string> {
  let said = '';
  await work({ write: (text) => ((said += text), true) });
  return said;
}
async function save(options: BackupOptions = {}): Promise<{ path: string; said: string }> {
  const path = join(folder, String(++backups));
  return { path, said: await saying((out) => backUp(config, path, options, out)) };
}
const putBack = (path: string, options: RestoreOptions = {}) =>
  saying((out) => restore(config, path, options, out));

async function imported(): Promise<string> {
  const id = await addImport(slot, PEOPLE, 'name,age\na,1\nb,x\n');
  await runImport(slot, id);
  return id;
}

it('--replace puts all back as it was, and a file that went meanwhile is known to be gone', async () => {
  const [whole, removed] = [await imported(), await imported()];
  // As by an erasure between the moment of the tables and the copy of the file.
  await slot.storage.remove(uploadKey(removed));
  const { path, said } = await save();
  expect(said).toContain('1 file went while the backup was made');
  const later = await imported();
  await expect(putBack(path)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('--replace'),
  });
  await slot.storage.removeFolder(`imports/${whole}/`);
  expect(await putBack(path, { replace: true })).toMatch(/^Restored /);
  expect(await query('SELECT id, files_removed_at IS NULL AS files FROM sluice.imports ORDER BY id')).toEqual(
    [
      { id: whole, files: true },
      { id: removed, files: false },
    ],
  );
  expect(await query('SELECT DISTINCT import_id AS id FROM people ORDER BY 1')).toEqual([
    { id: whole },
    { id: removed },
  ]);
  expect((await buffer(slot.storage.read(uploadKey(whole)))).toString()).toBe('name,age\na,1\nb,x\n');
  expect(later).not.toBe(whole);
});

it('refuses while a worker runs, and to write over what is there', async () => {
  const { path } = await save();
  await query(
    `INSERT INTO sluice.workers (id, name, host, pid, version, queues, slots, running, beat_at)
     VALUES (gen_random_uuid(), 'w1', 'h', 1, '0', '[]', 1, '[]', now())`,
  );
  await expect(putBack(path, { replace: true })).rejects.toMatchObject({
    message: expect.stringContaining('This database is in use: worker w1'),
  });
  await query('DELETE FROM sluice.workers');
  await expect(backUp(config, path, {}, process.stdout)).rejects.toMatchObject({
    message: expect.stringContaining('is not empty'),
  });
  await expect(putBack(folder)).rejects.toMatchObject({ message: expect.stringContaining('is no backup') });
});

it('a column that somebody has added to a table comes back where it is there, and is asked for where it is not', async () => {
  const id = await imported();
  await query(`ALTER TABLE people ADD COLUMN remark text DEFAULT 'by hand'`);
  const { path } = await save();
  await query('ALTER TABLE people DROP COLUMN remark');
  await expect(putBack(path, { replace: true })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('"public"."people" has no column "remark"'),
  });
  expect(await query('SELECT FROM people WHERE import_id = $1', [id])).toHaveLength(1);
  await query('ALTER TABLE people ADD COLUMN remark text');
  await putBack(path, { replace: true });
  expect(await query('SELECT remark FROM people WHERE import_id = $1', [id])).toEqual([
    { remark: 'by hand' },
  ]);
  await query('ALTER TABLE people DROP COLUMN remark');
});

it('files come from S3, and go back there', async () => {
  const s3 = await startS3();
  const ofFolder = config;
  config = { ...s3.settings(), databaseUrl: database.url };
  const storage = openStorage(config);
  const id = await imported();
  await storage.write(uploadKey(id), Readable.from(['in S3'], { objectMode: false }));
  // Those of the other tests are in the folder.
  await query('UPDATE sluice.imports SET files_removed_at = now() WHERE id <> $1', [id]);
  const { path, said } = await save();
  expect(said).toContain('1 file went while the backup was made');
  await storage.removeFolder(importFolder(id));
  await putBack(path, { replace: true });
  expect((await buffer(storage.read(uploadKey(id)))).toString()).toBe('in S3');
  await s3.stop();
  config = ofFolder;
});

it('--storage-only has the files that the database names, and leaves the database alone', async () => {
  const id = await imported();
  const { path, said } = await save({ storageOnly: true });
  expect(said).toMatch(/^Saved \d+ files as of /);
  expect(await readdir(path)).not.toContain('tables');
  await slot.storage.removeFolder(`imports/${id}/`);
  const before = await query('SELECT count(*) FROM sluice.tasks');
  expect(await putBack(path)).toMatch(/^Restored \d+ files, as of /);
  expect(await query('SELECT count(*) FROM sluice.tasks')).toEqual(before);
  expect((await buffer(slot.storage.read(uploadKey(id)))).length).toBeGreaterThan(0);
});

it('an import that had staged some of its rows stages all of them once more', async () => {
  const records = Array.from({ length: 2000 }, (_, at) => `person ${at},${at % 1000 === 7 ? 'x' : at}\n`);
  const id = await addImport(slot, PEOPLE, `name,age\n${records.join('')}`, { mode: 'replace' });
  const planned = await planImport(slot, id);
  const [first] = (planned as { chunkNos: readonly number[] }).chunkNos;
  await loadChunk(slot, id, first!);
  const { path } = await save();
  await runImport(slot, id);
  await putBack(path, { replace: true });
  expect(await query('SELECT status FROM sluice.tasks WHERE id = $1', [id])).toEqual([{ status: 'running' }]);
  await runImport(slot, id);
  const [task] = await query('SELECT status, result FROM sluice.tasks WHERE id = $1', [id]);
  expect(task).toMatchObject({ status: 'succeeded', result: { records: 2000, inserted: 1998, rejected: 2 } });
  expect(
    await query('SELECT count(*)::int AS rows, count(DISTINCT import_row)::int AS different FROM people'),
  ).toEqual([{ rows: 1998, different: 1998 }]);
});
