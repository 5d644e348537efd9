// What a sweep removes from the storage, and what it leaves.
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it, vi } from 'vitest';
import { recordExport } from '../../../src/db/records/exports.ts';
import { findImport } from '../../../src/db/imports/imports.ts';
import { createLogger } from '../../../src/logger.ts';
import { removeExports } from '../../../src/worker/upkeep/remove-exports.ts';
import { removeFiles } from '../../../src/worker/upkeep/remove-files.ts';
import { inTurn } from '../../../src/worker/upkeep/in-turn.ts';
import { removeLeftovers } from '../../../src/worker/upkeep/remove-leftovers.ts';
import { removeUploads } from '../../../src/worker/upkeep/remove-uploads.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { PEOPLE } from '../../support/uploads.ts';

const RETENTION_DAYS = 30;

let database: TestDatabase;
let folder: string;
let slot: TestSlot;

beforeAll(async () => {
  const fresh = await freshSlot([PEOPLE]);
  ({ database, folder, slot } = fresh);
  return fresh.close;
});

async function sweep(): Promise<void> {
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
  const deps = { db: database.db, storage: slot.storage, logger };
  await removeFiles(deps, { fileRetentionDays: RETENTION_DAYS }).run();
  await removeUploads(deps).run();
  await removeExports(deps).run();
  await removeLeftovers(deps).run();
}

const hasUpload = (id: string): Promise<boolean> =>
  buffer(slot.storage.read(`imports/${id}/upload.csv`)).then(
    () => true,
    () => false,
  );

it('removes the files of imports that ended long ago, once, and leaves the others', async () => {
  const [old, recent, unfinished] = [
    await addImport(slot, PEOPLE, 'name\na\n'),
    await addImport(slot, PEOPLE, 'name\nb\n'),
    await addImport(slot, PEOPLE, 'name\nc\n'),
  ];
  await runImport(slot, old);
  await runImport(slot, recent);
  await database.pool.query(
    `UPDATE sluice.tasks SET finished_at = now() - interval '${RETENTION_DAYS + 1} days' WHERE id = $1`,
    [old],
  );
  await sweep();
  expect([await hasUpload(old), await hasUpload(recent), await hasUpload(unfinished)]).toEqual([
    false,
    true,
    true,
  ]);
  const removedAt = (await findImport(slot.db, old))?.filesRemovedAt;
  expect(removedAt).toBeInstanceOf(Date);
  expect((await findImport(slot.db, recent))?.filesRemovedAt).toBeNull();
  await sweep();
  expect((await findImport(slot.db, old))?.filesRemovedAt).toEqual(removedAt);
});

it('removes what a killed upload left behind, when it has not grown for a while, and never what it does not know', async () => {
  const hourAgo = new Date(Date.now() - 3_600_000);
  const leave = async (name: string, age: Date): Promise<void> => {
    const path = join(folder, 'imports', name);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'upload.csv.1.part'), 'half a file');
    await utimes(join(path, 'upload.csv.1.part'), age, age);
    await utimes(path, hourAgo, hourAgo);
  };
  const [dead, growing] = [randomUUID(), randomUUID()];
  await leave(dead, hourAgo);
  await leave(growing, new Date());
  await leave('somebody-elses', hourAgo);
  await sweep();
  const folders: string[] = [];
  for await (const { key } of slot.storage.listFolders('imports/')) folders.push(key);
  expect(folders).not.toContain(`imports/${dead}/`);
  expect(folders).toContain(`imports/${growing}/`);
  expect(folders).toContain('imports/somebody-elses/');
});

it('takes all that is due, not the first hundred, and goes on after one whose files cannot be removed', async () => {
  const ids: string[] = [];
  for (let file = 0; file < 3; file++) ids.push(await addImport(slot, PEOPLE, `name\nold ${file}\n`));
  const { rows } = await database.pool.query<{ id: string }>(
    `WITH task AS (
       INSERT INTO sluice.tasks (id, name, status) SELECT gen_random_uuid(), 'import', 'succeeded' FROM generate_series(1, 250) RETURNING id)
     INSERT INTO sluice.imports (id, dataset, document, storage_key, bytes, sha256, encoding, had_bom, dialect, columns, data_start, data_line, data_end)
     SELECT task.id, dataset, document, 'imports/' || task.id || '/upload.csv', bytes, sha256, encoding, had_bom, dialect, columns, data_start, data_line, data_end
       FROM task, sluice.imports WHERE imports.id = $1 RETURNING id`,
    [ids[0]],
  );
  ids.push(...rows.map(({ id }) => id));
  await database.pool.query(
    `UPDATE sluice.tasks SET status = 'succeeded', finished_at = now() - interval '31 days' WHERE id = ANY($1)`,
    [ids],
  );
  const [stubborn] = ids.toSorted();
  const storage = {
    ...slot.storage,
    removeFolder: (key: string) =>
      key.includes(stubborn!) ? Promise.reject(new Error('EACCES')) : slot.storage.removeFolder(key),
  };
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
  await removeFiles({ db: database.db, storage, logger }, { fileRetentionDays: RETENTION_DAYS }).run();
  const left = await database.pool.query<{ id: string }>(
    'SELECT id FROM sluice.imports WHERE id = ANY($1) AND files_removed_at IS NULL',
    [ids],
  );
  expect(left.rows).toEqual([{ id: stubborn }]);
});

it('removes kept uploads past their time, row and file, and files that a killed API left without a row', async () => {
  const hourAgo = new Date(Date.now() - 3_600_000);
  const keep = async (hours: number, recorded: boolean): Promise<string> => {
    const id = randomUUID();
    await slot.storage.write(`uploads/${id}/file`, Readable.from(['a,b\n'], { objectMode: false }));
    const path = join(folder, 'uploads', id);
    for (const each of [join(path, 'file'), path]) await utimes(each, hourAgo, hourAgo);
    if (recorded)
      await database.pool.query(
        `INSERT INTO sluice.uploads (id, bytes, sha256, options, created_by, expires_at)
         VALUES ($1, 4, '', '{}', $1, now() + $2 * interval '1 hour')`,
        [id, hours],
      );
    return id;
  };
  const [old, recent, dead] = [await keep(-1, true), await keep(1, true), await keep(1, false)];
  await sweep();
  const folders: string[] = [];
  for await (const { key } of slot.storage.listFolders('uploads/')) folders.push(key);
  expect(folders).toEqual([`uploads/${recent}/`]);
  const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM sluice.uploads');
  expect(rows).toEqual([{ id: recent }]);
  expect([old, dead]).not.toContain(recent);
});

it('leaves the folder of an upload that is recorded while the sweep removes others', async () => {
  const hourAgo = new Date(Date.now() - 3_600_000);
  const late = await addImport(slot, PEOPLE, 'name\nlate\n');
  const recorded = await database.pool.query('DELETE FROM sluice.tasks WHERE id = $1 RETURNING *', [late]);
  expect(recorded.rowCount).toBe(1);
  const dead = '00000000-0000-7000-8000-000000000000';
  for (const id of [dead, late]) {
    await mkdir(join(folder, 'imports', id), { recursive: true });
    await writeFile(join(folder, 'imports', id, 'upload.csv'), 'name\nx\n');
    await utimes(join(folder, 'imports', id, 'upload.csv'), hourAgo, hourAgo);
    await utimes(join(folder, 'imports', id), hourAgo, hourAgo);
  }
  const storage = {
    ...slot.storage,
    // Whichever goes first, the other is recorded meanwhile.
    removeFolder: async (key: string) => {
      await slot.storage.removeFolder(key);
      const other = key.includes(dead) ? late : dead;
      await database.pool.query(
        `WITH task AS (INSERT INTO sluice.tasks (id, name) VALUES ($1, 'import') RETURNING id)
         INSERT INTO sluice.imports (id, dataset, document, storage_key, bytes, sha256, encoding, had_bom, dialect, columns, data_start, data_line, data_end)
         SELECT task.id, dataset, document, 'x', bytes, sha256, encoding, had_bom, dialect, columns, data_start, data_line, data_end
           FROM task, (SELECT * FROM sluice.imports LIMIT 1) one`,
        [other],
      );
    },
  };
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
  await removeLeftovers({ db: slot.db, storage, logger }).run();
  const folders: string[] = [];
  for await (const { key } of slot.storage.listFolders('imports/')) folders.push(key);
  expect([dead, late].filter((id) => folders.includes(`imports/${id}/`))).toHaveLength(1);
});

it('removes exports past their time, row and file, and what a killed worker has written of one', async () => {
  const [old, kept, cutOff, late] = Array.from({ length: 4 }, () => randomUUID()) as [
    string,
    string,
    string,
    string,
  ];
  const keyOf = (id: string): string => `exports/${id}/file`;
  for (const id of [old, kept, cutOff, late]) await slot.storage.write(keyOf(id), Readable.from(['name\n']));
  for (const id of [old, kept]) {
    const made = { id, dataset: 'people', format: 'csv', key: keyOf(id), records: 0, bytes: 5 } as const;
    await recordExport(slot.db, { ...made, keepHours: id === old ? 0 : 1 });
  }
  // The one that is being written is not old.
  const long = new Date(Date.now() - 3_600_000);
  for (const id of [kept, cutOff])
    for (const path of [`exports/${id}/file`, `exports/${id}`]) await utimes(join(folder, path), long, long);
  await sweep();
  const there = await Promise.all(
    [old, kept, cutOff, late].map((id) =>
      buffer(slot.storage.read(keyOf(id))).then(
        () => true,
        () => false,
      ),
    ),
  );
  expect(there).toEqual([false, true, false, true]);
  const { rows } = await database.pool.query('SELECT id FROM sluice.record_exports');
  expect(rows).toEqual([{ id: kept }]);
});

it('one of several workers lists the storage, and another one when it is due again or the first was killed at it', async () => {
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
  const listed: string[] = [];
  const letGo: (() => void)[] = [];
  const sweepOf = (worker: string) => {
    const storage = {
      ...slot.storage,
      async *listFolders(prefix: string) {
        if (prefix === 'imports/') listed.push(worker);
        if (worker === 'slow') await new Promise<void>((resolve) => letGo.push(resolve));
        yield* slot.storage.listFolders(prefix);
      },
    };
    const deps = { db: database.db, storage, logger };
    return inTurn(deps, randomUUID(), removeLeftovers(deps));
  };
  const passTime = (interval: string) =>
    database.pool.query(`UPDATE sluice.duty_turns SET next_at = next_at - $1::interval`, [interval]);
  const [one, other, slow] = [sweepOf('one'), sweepOf('other'), sweepOf('slow')];
  await Promise.all([one.run(), other.run()]);
  const [first] = listed;
  expect(listed).toHaveLength(1);
  await passTime('9 minutes');
  await Promise.all([one.run(), other.run()]);
  expect(listed).toEqual([first]);
  await passTime('2 minutes');
  await other.run();
  expect(listed).toEqual([first, 'other']);

  await passTime('11 minutes');
  const atIt = slow.run();
  await vi.waitUntil(() => letGo.length > 0);
  await one.run();
  expect(listed).toEqual([first, 'other', 'slow']);
  // It does not say that it is still at it.
  await passTime('6 minutes');
  await one.run();
  expect(listed).toEqual([first, 'other', 'slow', 'one']);
  const more = setInterval(() => letGo.splice(0).forEach((go) => go()), 1);
  await atIt;
  clearInterval(more);
  // Its end does not take the turn of the other one away.
  await other.run();
  expect(listed).toHaveLength(4);
  // The clock of Postgres was put back.
  await passTime('-1 day');
  await other.run();
  expect(listed.at(-1)).toBe('other');
});
