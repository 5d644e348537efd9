// `sluice backup`: the tables as of one moment, and then the files that they name. A file is always written before the row that names it,
// so each is there by then, unless it was removed meanwhile.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, createGzip } from 'node:zlib';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { requireDatabase, type Config } from '../../config/config.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { counted } from '../../core/counted.ts';
import { createClient, directAddress } from '../../db/connection.ts';
import { readSchemaState, requireSchema } from '../../db/schema-version.ts';
import { AppError } from '../../errors.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { readVersion } from '../../version.ts';
import { say, type Out } from '../print.ts';
import { writeManifest, type SavedTable } from './manifest.ts';
import { listBeside, listTables, rowsOf } from './saved-tables.ts';
import { noteNames, saveFiles } from './stored-files.ts';
import { writeFileOf } from './written-files.ts';

export interface BackupOptions {
  /** The database is backed up by other means. */
  readonly storageOnly?: boolean;
}

/** @throws AppError CONFIG_INVALID when the folder has something in it, or the database has another version of Sluice's tables */
export async function backUp(
  config: Config,
  folder: string,
  { storageOnly = false }: BackupOptions,
  out: Out,
): Promise<void> {
  requireDatabase(config);
  await makeEmpty(folder);
  const { tablesVersion, takenAt, tables, datasets } = await saveTables(config, folder, storageOnly);
  const { list, files, gone } = await saveFiles(openStorage(config), folder);
  await writeManifest(folder, {
    sluice: readVersion(),
    tablesVersion,
    takenAt,
    tables,
    datasets,
    list,
    files,
    gone,
  });
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const ofTables = storageOnly ? '' : `${counted(rows, 'row')} of ${counted(tables.length, 'table')} and `;
  say(out, `Saved ${ofTables}${counted(files, 'file')} as of ${takenAt} in ${folder}.`);
  if (gone > 0)
    say(out, `${counted(gone, 'file')} went while the backup was made: erased, deleted, or past their time.`);
  if (!storageOnly)
    say(
      out,
      'Not in it: your settings and secrets, Redis (nothing is lost with it), and tables that no dataset lands in.',
    );
}

async function makeEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0)
    throw new AppError(
      'CONFIG_INVALID',
      `${folder} is not empty. Name a folder that is, or that is not there yet.`,
    );
}

interface SavedDatabase {
  readonly tablesVersion: number;
  readonly takenAt: string;
  readonly tables: readonly SavedTable[];
  readonly datasets: readonly Dataset[];
}

async function saveTables(config: Config, folder: string, storageOnly: boolean): Promise<SavedDatabase> {
  const client = createClient(directAddress(config), 'backup');
  await client.connect();
  try {
    await requireSchema(client);
    const { found: tablesVersion } = await readSchemaState(client);
    // All of it is of the moment of the first statement.
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query("SET LOCAL extra_float_digits = 3; SET LOCAL intervalstyle = 'postgres'");
    const { rows } = await client.query<{ at: Date; datasets: Dataset[] }>(
      `SELECT now() AS at, (SELECT coalesce(json_agg(document ORDER BY name), '[]') FROM sluice.datasets) AS datasets`,
    );
    const { at, datasets } = rows[0]!;
    await noteNames(client, folder);
    const tables = storageOnly ? [] : await copyOut(client, folder, datasets);
    await client.query('COMMIT');
    return { tablesVersion, takenAt: at.toISOString(), tables, datasets: storageOnly ? [] : datasets };
  } finally {
    await client.end();
  }
}

async function copyOut(
  client: pg.Client,
  folder: string,
  datasets: readonly Dataset[],
): Promise<SavedTable[]> {
  const saved: SavedTable[] = [];
  const beside = await listBeside(client);
  for (const [at, found] of (await listTables(client, datasets)).entries()) {
    const { schema, table, columns } = found;
    const path = `tables/${String(at).padStart(3, '0')}.copy.gz`;
    const rows = client.query(copyTo(`COPY (${rowsOf(found, beside)}) TO STDOUT`));
    const gzip = createGzip({ level: constants.Z_BEST_SPEED });
    const written = await writeFileOf(join(folder, path), rows, gzip);
    saved.push({ schema, table, columns, rows: rows.rowCount, path, ...written });
  }
  return saved;
}
