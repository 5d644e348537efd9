// The table that a rival of an import fills, and `psql \copy` into it.
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';

/** Equal in columns, types, constraints and indexes; Postgres fills the columns of Sluice's own. */
export async function createRival(client, table) {
  const id = `'00000000-0000-7000-8000-000000000000'`;
  await client.query(`DROP TABLE IF EXISTS ${table}_copy;
    CREATE TABLE ${table}_copy (LIKE ${table} INCLUDING ALL);
    ALTER TABLE ${table}_copy ALTER id SET DEFAULT uuidv7(), ALTER created_at SET DEFAULT now(), ALTER updated_at SET DEFAULT now(),
      ALTER import_id SET DEFAULT ${id}, ALTER import_row SET DEFAULT 1, ALTER created_by SET DEFAULT ${id}, ALTER updated_by SET DEFAULT ${id}`);
}

/** Both begin with empty tables, and nothing of the one before them left to be written. */
export async function emptyBoth(client, table) {
  await client.query(`TRUNCATE ${table}, ${table}_copy`);
  await client.query('CHECKPOINT').catch(() => undefined);
}

/**
 * `psql \copy`, or the same COPY over the wire where psql is missing.
 * @param hasHeader whether the file's first line is left out
 */
export async function copyFile({ databaseUrl, client, psql }, table, columns, file, hasHeader = true) {
  const list = columns.join(', ');
  const format = hasHeader ? 'CSV HEADER' : 'CSV';
  if (psql === null)
    return pipeline(
      createReadStream(file, { highWaterMark: 1 << 20 }),
      client.query(copyFrom(`COPY ${table} (${list}) FROM STDIN ${format}`)),
    );
  const command = `\\copy ${table} (${list}) from '${file}' ${format.toLowerCase()}`;
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', databaseUrl, '-c', command];
  const child = spawn('psql', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  if (code !== 0) throw new Error(`psql exited with ${code}`);
}
