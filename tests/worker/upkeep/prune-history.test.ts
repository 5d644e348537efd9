// What retention removes from Postgres, in which order, and what it leaves.
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../../src/logger.ts';
import { pruneHistory, type HistorySettings } from '../../../src/worker/upkeep/prune-history.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { PEOPLE } from '../../support/uploads.ts';

let database: TestDatabase;
let slot: TestSlot;

beforeAll(async () => {
  const fresh = await freshSlot([PEOPLE]);
  ({ database, slot } = fresh);
  return fresh.close;
});
beforeEach(() => query('DELETE FROM sluice.tasks; DELETE FROM sluice.import_row_errors'));

const query = (text: string, values?: unknown[]) => database.pool.query(text, values);

async function prune(settings: Partial<HistorySettings>): Promise<void> {
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
  const kept = { rowErrorRetentionDays: 0, taskRetentionDays: 0 };
  await pruneHistory({ db: database.db, logger }, { ...kept, ...settings }).run();
}

/** An import with one row error, ended `days` ago. */
async function ended(days: number, change = ''): Promise<string> {
  const id = await addImport(slot, PEOPLE, `name,age\na,1\nb,x\n`);
  await runImport(slot, id);
  await query(
    `UPDATE sluice.tasks SET finished_at = now() - $2 * interval '1 day', created_at = now() - $2 * interval '1 day' WHERE id = $1`,
    [id, days],
  );
  if (change !== '') await query(`UPDATE sluice.imports SET ${change} WHERE id = $1`, [id]);
  return id;
}

const GONE = 'files_removed_at = now()';

async function ids(table: string, column: string): Promise<string[]> {
  const { rows } = await query(`SELECT DISTINCT ${column} AS id FROM sluice.${table} ORDER BY 1`);
  return (rows as { id: string }[]).map(({ id }) => id);
}

it('keeps all of it without a setting', async () => {
  const id = await ended(4000, GONE);
  await prune({});
  expect(await ids('tasks', 'id')).toEqual([id]);
  expect(await ids('import_row_errors', 'import_id')).toEqual([id]);
});

it('row errors go after their time, all that are due, and nothing else of the import', async () => {
  const [old, another, recent] = [await ended(11), await ended(12), await ended(9)];
  await query(
    `INSERT INTO sluice.import_row_errors (import_id, row, no, chunk_no, line, code, message)
     SELECT $1, row, 0, 0, row, 'type-error', 'x' FROM generate_series(10, 12000) row`,
    [old],
  );
  await prune({ rowErrorRetentionDays: 10 });
  expect(await ids('import_row_errors', 'import_id')).toEqual([recent]);
  expect(await ids('tasks', 'id')).toEqual([old, another, recent].toSorted());
  expect(await ids('import_chunks', 'import_id')).toEqual([old, another, recent].toSorted());
});

it('tasks go after their time with all that is known of them, however many are due; rows that landed stay', async () => {
  const [old, recent] = [await ended(11, GONE), await ended(9, GONE)];
  await query(
    `INSERT INTO sluice.tasks (id, name, status, finished_at)
     SELECT gen_random_uuid(), 'undo', 'succeeded', now() - interval '20 days' FROM generate_series(1, 350)`,
  );
  await query('INSERT INTO sluice.kept_rows (import_id, id, row) VALUES ($1, gen_random_uuid(), 1)', [old]);
  await prune({ taskRetentionDays: 10 });
  expect(await ids('tasks', 'id')).toEqual([recent]);
  for (const table of ['import_row_errors', 'import_chunks'])
    expect(await ids(table, 'import_id')).toEqual([recent]);
  expect(await ids('kept_rows', 'import_id')).toEqual([]);
  const { rows } = await query('SELECT count(*)::int AS people FROM people WHERE import_id = $1', [old]);
  expect(rows).toEqual([{ people: 1 }]);
});

it('an import stays while it has files, while one it mends has, and while it has retries; unfinished ones stay', async () => {
  const withFiles = await ended(11);
  const retryOfIt = await ended(11, `${GONE}, parent_id = '${withFiles}', root_id = '${withFiles}'`);
  const root = await ended(11, GONE);
  const recentRetry = await ended(9, `${GONE}, parent_id = '${root}', root_id = '${root}'`);
  const unfinished = await addImport(slot, PEOPLE, 'name\na\n');
  const all = [withFiles, retryOfIt, root, recentRetry, unfinished].toSorted();
  await prune({ taskRetentionDays: 10 });
  expect(await ids('tasks', 'id')).toEqual(all);
  // With the last file and the time of the last retry, all go: retries first.
  await query(`UPDATE sluice.imports SET ${GONE}`);
  await query(
    `UPDATE sluice.tasks SET finished_at = now() - interval '11 days' WHERE finished_at IS NOT NULL`,
  );
  await prune({ taskRetentionDays: 10 });
  await prune({ taskRetentionDays: 10 });
  expect(await ids('tasks', 'id')).toEqual([unfinished]);
});

it('an undo stays as long as the import that names it', async () => {
  const id = await ended(9, GONE);
  const { rows } = await query(
    `INSERT INTO sluice.tasks (id, name, args, status, finished_at)
     VALUES (gen_random_uuid(), 'undo', jsonb_build_object('importId', $1::text), 'succeeded', now() - interval '11 days') RETURNING id`,
    [id],
  );
  const undo = (rows as { id: string }[])[0]!.id;
  await query('UPDATE sluice.imports SET undo_id = $1', [undo]);
  await prune({ taskRetentionDays: 10 });
  expect(await ids('tasks', 'id')).toEqual([id, undo].toSorted());
});

it('a task that cannot be removed does not keep the others', async () => {
  const [held, free] = [await ended(12, GONE), await ended(11, GONE)];
  await query(`CREATE TABLE audits (import_id uuid REFERENCES sluice.imports)`);
  await query('INSERT INTO audits VALUES ($1)', [held]);
  await prune({ taskRetentionDays: 10 });
  expect(await ids('tasks', 'id')).toEqual([held]);
  expect(free).not.toBe(held);
  await query('DROP TABLE audits');
});
