// Retention by dataset: who says it, what it holds for, and that nothing is removed in large batches.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { recordExport } from '../../../src/db/records/exports.ts';
import { createLogger } from '../../../src/logger.ts';
import * as storageKeys from '../../../src/storage/keys.ts';
import { forgetOld } from '../../../src/worker/upkeep/forget.ts';
import { pruneAudit } from '../../../src/worker/upkeep/prune-audit.ts';
import { pruneHistory } from '../../../src/worker/upkeep/prune-history.ts';
import { pruneWebhooks } from '../../../src/worker/upkeep/prune-webhooks.ts';
import { removeFiles } from '../../../src/worker/upkeep/remove-files.ts';
import { removeKeys } from '../../../src/worker/upkeep/remove-keys.ts';
import { removeScheduleRuns } from '../../../src/worker/upkeep/remove-schedule-runs.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { REPOSITORY } from '../../support/processes.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { PEOPLE } from '../../support/uploads.ts';

const SHORT = {
  ...PEOPLE,
  name: 'short',
  retention: { files: 'P2D', rowErrors: 'P3D', imports: 'P4D', exports: 'PT1H' },
};
const LONG = {
  ...PEOPLE,
  name: 'long',
  retention: { files: 'forever', rowErrors: 'forever', imports: 'forever' },
};
const CONFIG = readConfig({ SLUICE_TASK_RETENTION_DAYS: '40', SLUICE_ROW_ERROR_RETENTION_DAYS: '35' });

let database: TestDatabase;
let slot: TestSlot;

beforeAll(async () => {
  const fresh = await freshSlot([PEOPLE]);
  ({ database, slot } = fresh);
  return fresh.close;
});

const query = async (text: string, values: unknown[] = []) =>
  (await database.pool.query<Record<string, unknown>>(text, values)).rows;
const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');

async function prune(): Promise<void> {
  const deps = { db: database.db, storage: slot.storage, logger };
  await removeFiles(deps, CONFIG).run();
  await pruneHistory(deps, CONFIG).run();
  await removeKeys(deps).run();
  await pruneAudit(deps, CONFIG).run();
  await pruneWebhooks(deps, CONFIG).run();
  await removeScheduleRuns(deps, CONFIG).run();
  await forgetOld(deps, CONFIG).run();
}

async function ended(dataset: typeof PEOPLE, days: number): Promise<string> {
  const id = await addImport(slot, dataset, 'name,age\na,1\nb,x\n');
  await runImport(slot, id);
  await query(
    `UPDATE sluice.tasks SET finished_at = now() - $2 * interval '1 day', created_at = now() - $2 * interval '1 day' WHERE id = $1`,
    [id, days],
  );
  return id;
}

/** What is left of an import. */
async function left(id: string): Promise<string> {
  const [row] = await query(
    `SELECT i.files_removed_at IS NULL AS files, EXISTS (SELECT FROM sluice.import_row_errors WHERE import_id = $1) AS errors
       FROM sluice.imports i WHERE id = $1`,
    [id],
  );
  return row === undefined
    ? 'nothing'
    : `${row['files'] ? 'files ' : ''}${row['errors'] ? 'errors ' : ''}import`;
}

describe('the retention of a dataset', () => {
  it('goes before the settings, for files, row errors and imports, whichever is longer', async () => {
    const ids = {
      'short, 1 day': await ended(SHORT, 1),
      'short, 2.5 days': await ended(SHORT, 2.5),
      'short, 3.5 days': await ended(SHORT, 3.5),
      'short, 5 days': await ended(SHORT, 5),
      'usual, 5 days': await ended(PEOPLE, 5),
      'usual, 31 days': await ended(PEOPLE, 31),
      'usual, 36 days': await ended(PEOPLE, 36),
      'usual, 41 days': await ended(PEOPLE, 41),
      'long, 41 days': await ended(LONG, 41),
    };
    await prune();
    const found: Record<string, string> = {};
    for (const [name, id] of Object.entries(ids)) found[name] = await left(id);
    expect(found).toEqual({
      'short, 1 day': 'files errors import',
      'short, 2.5 days': 'errors import',
      'short, 3.5 days': 'import',
      'short, 5 days': 'nothing',
      'usual, 5 days': 'files errors import',
      'usual, 31 days': 'errors import',
      'usual, 36 days': 'import',
      'usual, 41 days': 'nothing',
      'long, 41 days': 'files errors import',
    });
    // What the newest document says holds, also for imports from before, and after the dataset is deleted.
    await query(`UPDATE sluice.datasets SET document = document - 'retention' WHERE name = 'long'`);
    const late = await ended(SHORT, 2.5);
    await query(
      `INSERT INTO sluice.dataset_versions (dataset, version, document, managed_by)
       SELECT name, version, document, managed_by FROM sluice.datasets WHERE name = 'short'`,
    );
    await query(`DELETE FROM sluice.datasets WHERE name = 'short'`);
    await prune();
    expect([await left(ids['long, 41 days']), await left(late)]).toEqual(['nothing', 'errors import']);
    expect(await query('SELECT count(*)::int AS people FROM people')).toEqual([{ people: 10 }]);
  });

  it('says how long exports are kept; the setting says it of other datasets', async () => {
    await query(`INSERT INTO sluice.datasets (name, document) VALUES ('short', $1) ON CONFLICT DO NOTHING`, [
      SHORT,
    ]);
    const hours = async (dataset: string): Promise<number> => {
      const [{ id }] = (await query('SELECT gen_random_uuid() AS id')) as [{ id: string }];
      const made = { id, dataset, format: 'csv', key: 'x', records: 0, bytes: 0, keepHours: 24 } as const;
      return Math.round(((await recordExport(slot.db, made)).getTime() - Date.now()) / 3_600_000);
    };
    expect([await hours('short'), await hours(PEOPLE.name)]).toEqual([1, 24]);
  });
});

it('removes all that is old, and never more than 5,000 rows in one statement', async () => {
  const id = await ended(PEOPLE, 41);
  await query(`
    CREATE TABLE batches (of text, rows int);
    CREATE FUNCTION note_batch() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO batches SELECT TG_TABLE_NAME, count(*) FROM gone HAVING count(*) > 0; RETURN NULL; END $$`);
  const tables = [
    'import_row_errors',
    'import_matches',
    'kept_rows',
    'idempotency_keys',
    'unique_keys',
    'record_reads',
    'inbox_files',
    'audit_log',
    'webhook_deliveries',
    'schedule_runs',
    'tasks',
  ];
  for (const table of tables)
    await query(
      `CREATE TRIGGER note AFTER DELETE ON sluice.${table} REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION note_batch()`,
    );
  const past = `now() - interval '400 days'`;
  const many = `generate_series(10, 5509) n`;
  await query(`
    INSERT INTO sluice.import_row_errors (import_id, row, no, chunk_no, line, code, message) SELECT '${id}', n, 0, 0, n, 'type-error', 'x' FROM ${many};
    INSERT INTO sluice.import_matches (import_id, row, id) SELECT '${id}', n, gen_random_uuid() FROM ${many};
    INSERT INTO sluice.kept_rows (import_id, row, id) SELECT '${id}', n, gen_random_uuid() FROM ${many};
    INSERT INTO sluice.idempotency_keys (user_id, key, import_id, options_hash, expires_at) SELECT gen_random_uuid(), n, gen_random_uuid(), '', ${past} FROM ${many};
    INSERT INTO sluice.unique_keys (name, key, task_id, expires_at) SELECT 'x', n, gen_random_uuid(), ${past} FROM ${many};
    INSERT INTO sluice.record_reads (dataset, record, reads, last_read_at) SELECT 'x', n, 1, ${past} FROM ${many};
    INSERT INTO sluice.inbox_files (dataset, path, version, import_id, task_id, seen_at) SELECT 'x', n, 'x', gen_random_uuid(), gen_random_uuid(), ${past} FROM ${many};
    INSERT INTO sluice.audit_log (id, at, via, action, subject_type) SELECT gen_random_uuid(), ${past}, 'cli', 'key.create', 'key' FROM ${many};
    INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload, created_at) SELECT gen_random_uuid(), gen_random_uuid(), n, 'x', '{}', ${past} FROM ${many};
    INSERT INTO sluice.schedules (id, name, time_zone, timed_at, misfire, enabled, task_name, task_args, task_options, planned_at, created_at, updated_at)
      VALUES ('${id}', 'x', 'UTC', now(), 'skip', false, 'x', '{}', '{}', now(), now(), now());
    INSERT INTO sluice.schedule_runs (id, schedule_id, task_id, due_at, created_at) SELECT gen_random_uuid(), '${id}', gen_random_uuid(), ${past} + n * interval '1 s', ${past} FROM ${many};
    INSERT INTO sluice.tasks (id, name, status, queue, finished_at) SELECT gen_random_uuid(), 'x', 'succeeded', 'x', ${past} FROM ${many}`);
  await prune();
  const removed = await query(
    'SELECT of, sum(rows)::int AS rows, max(rows) <= 5000 AS small FROM batches GROUP BY 1',
  );
  expect(
    Object.fromEntries(removed.map(({ of, rows, small }) => [of, [(rows as number) >= 5500, small]])),
  ).toEqual(Object.fromEntries(tables.map((table) => [table, [true, true]])));
});

it('the page on operating names each table and each folder of the storage, and what bounds it', async () => {
  const page = await readFile(join(REPOSITORY, 'docs/operating.md'), 'utf8');
  const section = page.slice(page.indexOf('## What grows'), page.indexOf('## Clocks'));
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  const tables = (await query(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'sluice'`,
  )) as { name: string }[];
  const folders = Object.entries(storageKeys).flatMap(([name, value]) =>
    name.endsWith('_FOLDER') && typeof value === 'string' ? [value] : [],
  );
  expect(folders).not.toEqual([]);
  const missing = [
    ...tables.map(({ name }) => `\`sluice.${name}\``),
    ...folders.map((folder) => `\`${folder}{id}/\``),
  ].filter((thing) => !rows.some((row) => row.includes(thing)));
  expect(missing).toEqual([]);
  // Each row says what removes it, or that it stays.
  expect(rows.filter((row) => row.split('|')[4]!.trim() === '')).toEqual([]);
});
