// `sluice restore`: files first, then all tables in one transaction, so that no row names a file that is not there.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { requireDatabase, type Config } from '../../config/config.ts';
import { counted } from '../../core/counted.ts';
import { createClient, directAddress, sessionName } from '../../db/connection.ts';
import { isExisting, planProvenance } from '../../db/datasets/existing-tables.ts';
import { applyTables } from '../../db/datasets/dataset-tables.ts';
import { columnList, qualifiedName } from '../../db/identifiers.ts';
import { migrate } from '../../db/migrate.ts';
import { readSchemaState } from '../../db/schema-version.ts';
import { databaseOn, inTransaction, type Tx } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { inOrder } from '../apply-datasets.ts';
import { makeStorage } from '../folders.ts';
import { say, type Out } from '../print.ts';
import { noteGone } from './gone-files.ts';
import { readManifest, type Manifest, type SavedTable } from './manifest.ts';
import { restageImports } from './restage.ts';
import { AS_LEFT } from './saved-tables.ts';
import { LIST_FILE, listFiles, pathOf, restoreFiles } from './stored-files.ts';
import { checkFile } from './written-files.ts';

export interface RestoreOptions {
  /** Only look whether the backup is whole. */
  readonly check?: boolean;
  /** What Sluice has in the database goes, with the rows of the datasets' tables. */
  readonly replace?: boolean;
}

/** @throws AppError CONFIG_INVALID when the backup is damaged or of another version, CONFLICT when the database is in use */
export async function restore(
  config: Config,
  folder: string,
  { check = false, replace = false }: RestoreOptions,
  out: Out,
): Promise<void> {
  const manifest = await readManifest(folder);
  await checkAll(folder, manifest);
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  const ofTables =
    manifest.tables.length === 0
      ? ''
      : `${counted(rows, 'row')} of ${counted(manifest.tables.length, 'table')} and `;
  const what = `${ofTables}${counted(manifest.files, 'file')}`;
  if (check) return say(out, `The backup of ${manifest.takenAt} is whole: ${what}.`);
  makeStorage(config);
  if (manifest.tables.length > 0) await restoreAll(config, folder, manifest, replace);
  else await restoreFiles(openStorage(config), folder);
  say(out, `Restored ${what}, as of ${manifest.takenAt}.`);
  say(out, 'Start the APIs and workers now. Imports and tasks go on where they were.');
}

/** Before anything is touched. */
async function checkAll(folder: string, manifest: Manifest): Promise<void> {
  for (const table of manifest.tables) await checkFile(folder, table.path, table);
  await checkFile(folder, LIST_FILE, manifest.list);
  for await (const { key, written } of listFiles(folder))
    if (written !== null) await checkFile(folder, pathOf(key), written);
}

async function restoreAll(
  config: Config,
  folder: string,
  manifest: Manifest,
  replace: boolean,
): Promise<void> {
  requireDatabase(config);
  const client = createClient(directAddress(config), 'restore');
  await client.connect();
  try {
    await requireVersion(client, manifest);
    await requireFree(client, replace);
    await migrate(directAddress(config).url);
    const db = databaseOn(client);
    // Tables that exist are somebody else's: they have to be there.
    const made = manifest.datasets.filter((dataset) => !isExisting(dataset));
    for (const dataset of inOrder(made)) await applyTables(db, dataset);
    await restoreFiles(openStorage(config), folder);
    await inTransaction(db, async (tx) => {
      await makeRoom(tx, manifest, replace);
      await fill(tx, folder, manifest);
      await restageImports(tx);
      await noteGone(tx, listFiles(folder));
    });
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

async function requireVersion(client: pg.Client, manifest: Manifest): Promise<void> {
  const { found, needed } = await readSchemaState(client);
  if (manifest.tablesVersion !== needed)
    throw new AppError(
      'CONFIG_INVALID',
      `The backup has version ${manifest.tablesVersion} of Sluice's tables, and this Sluice has ${needed}. Restore it with Sluice ${manifest.sluice}, and upgrade then.`,
    );
  if (found > needed)
    throw new AppError(
      'CONFIG_INVALID',
      `The database has version ${found} of Sluice's tables, and the backup ${needed}. Name another database, or drop the schema "sluice" in this one.`,
    );
}

async function requireFree(client: pg.Client, replace: boolean): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('sluice.workers') IS NOT NULL AS there`,
  );
  if (!rows[0]!.there) return;
  const alive = await client.query<{ name: string }>(
    `SELECT 'worker ' || coalesce(nullif(name, ''), host || ' ' || pid) AS name FROM sluice.workers WHERE beat_at > now() - lost_ms * interval '1 ms'
     UNION ALL
     SELECT 'an API at ' || coalesce(host(client_addr), 'this machine') FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = $1 GROUP BY client_addr`,
    [sessionName('api')],
  );
  if (alive.rows.length > 0)
    throw new AppError(
      'CONFLICT',
      `This database is in use: ${alive.rows.map(({ name }) => name).join(', ')}. Stop all workers and APIs first.`,
    );
  const used = await client.query(
    'SELECT FROM (SELECT id FROM sluice.users UNION ALL SELECT id FROM sluice.tasks LIMIT 1) used',
  );
  const datasets = await client.query('SELECT FROM sluice.datasets LIMIT 1');
  if (!replace && used.rows.length + datasets.rows.length > 0)
    throw new AppError(
      'CONFLICT',
      'This database has users, tasks or datasets of Sluice. Name an empty one, or say --replace: all that Sluice has in this one goes then, with the rows of the tables that the backup fills.',
    );
}

/** Empties Sluice's own tables, also of what migrations have put there; those of datasets must be empty, unless they are replaced. */
async function makeRoom(tx: Tx, { tables }: Manifest, replace: boolean): Promise<void> {
  const own = tables.filter(({ schema }) => schema === 'sluice');
  const landing = tables.filter(({ schema }) => !schema.startsWith('sluice'));
  for (const table of landing) {
    const { rows } = await tx.$client.query<{ there: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS there',
      [qualifiedName(table)],
    );
    if (!rows[0]!.there)
      throw new AppError(
        'CONFLICT',
        `The table ${qualifiedName(table)} is missing. Sluice has not made it, so make it as it was, and restore again.`,
      );
    await requireColumns(tx, table);
    const found = replace
      ? { rows: [] }
      : await tx.$client.query(`SELECT FROM ${qualifiedName(table)} LIMIT 1`);
    if (found.rows.length > 0)
      throw new AppError(
        'CONFLICT',
        `The table ${qualifiedName(table)} has rows. Empty it, or say --replace, and they go.`,
      );
  }
  const beside = await tx.$client.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace IN ('sluice_provenance'::regnamespace, 'sluice_staging'::regnamespace)`,
  );
  for (const { name } of beside.rows) await tx.$client.query(`DROP TABLE ${name}`);
  await tx.$client.query(`TRUNCATE ${[...own, ...(replace ? landing : [])].map(qualifiedName).join(', ')}`);
}

/** Columns that somebody has added to a table that Sluice made are in no document. */
async function requireColumns(tx: Tx, table: SavedTable): Promise<void> {
  const { rows } = await tx.$client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [qualifiedName(table)],
  );
  const missing = table.columns.filter((column) => !rows.some(({ name }) => name === column));
  if (missing.length > 0)
    throw new AppError(
      'CONFLICT',
      `The table ${qualifiedName(table)} has no column ${columnList(missing)}, and had in the backup: somebody had added it. Add it, or make the table as it was (pg_dump --schema-only), and restore again.`,
    );
}

async function fill(tx: Tx, folder: string, { tables, datasets }: Manifest): Promise<void> {
  const isBeside = ({ schema }: SavedTable): boolean => schema === 'sluice_provenance';
  for (const table of tables.filter((each) => !isBeside(each))) await copyIn(tx, folder, table);
  for (const dataset of datasets.filter(isExisting))
    for (const statement of await planProvenance(tx, dataset)) await tx.$client.query(statement);
  for (const table of tables.filter(isBeside)) {
    await copyIn(tx, folder, table);
    await tx.$client.query(
      `UPDATE ${qualifiedName(table)} SET version = pg_current_xact_id()::xid WHERE version = '${AS_LEFT}'::xid`,
    );
  }
}

async function copyIn(tx: Tx, folder: string, table: SavedTable): Promise<void> {
  const name = qualifiedName(table);
  const rows = await withoutTriggers(tx, name, async () => {
    const sink = tx.$client.query(copyFrom(`COPY ${name} (${columnList(table.columns)}) FROM STDIN`));
    await pipeline(createReadStream(join(folder, table.path)), createGunzip(), sink);
    return sink.rowCount;
  });
  if (rows !== table.rows)
    throw new AppError(
      'CONFIG_INVALID',
      `${name} has ${rows} rows after the restore, and had ${table.rows} in the backup. Nothing was restored.`,
    );
  await countOn(tx, name);
}

/** What triggers of the table do was done when the rows came first. */
async function withoutTriggers<T>(tx: Tx, name: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await tx.$client.query<{ trigger: string; enable: string }>(
    `SELECT quote_ident(tgname) AS trigger, CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END AS enable FROM pg_trigger
      WHERE tgrelid = $1::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 4 <> 0`,
    [name],
  );
  for (const { trigger } of rows) await tx.$client.query(`ALTER TABLE ${name} DISABLE TRIGGER ${trigger}`);
  const result = await work();
  for (const { trigger, enable } of rows)
    await tx.$client.query(`ALTER TABLE ${name} ${enable} TRIGGER ${trigger}`);
  return result;
}

/** Columns that number their rows go on behind the greatest number. */
async function countOn(tx: Tx, name: string): Promise<void> {
  const { rows } = await tx.$client.query<{ column: string; sequence: string }>(
    `SELECT quote_ident(attname) AS column, pg_get_serial_sequence($1, attname) AS sequence
       FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND pg_get_serial_sequence($1, attname) IS NOT NULL`,
    [name],
  );
  for (const { column, sequence } of rows)
    await tx.$client.query(
      `SELECT setval($1, coalesce(max(${column}), 1), count(${column}) > 0) FROM ${name}`,
      [sequence],
    );
}
