// (a) Rows/s of an import against `psql \copy` of the same file into an equal table, for each shape, plain and quoted.
import { spawn } from 'node:child_process';
import { createReadStream, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { startSluice, usedCpuMs, versionOf } from './processes.mjs';
import { alternate, medianOf } from './rounds.mjs';
import { columnsOf, generate, SHAPES } from './shapes.mjs';

export const title = 'import / psql \\copy';
const MB = 1_000_000;
/** The least ratio each file is to have. */
const GOALS = { 'customers plain': 1, 'customers quoted': 1 };
const LEAST = 0.85;

export async function measure({ servers, options, print }) {
  const details = {};
  const sluice = await startSluice(servers, { slots: options.slots });
  try {
    for (const [name, shape] of Object.entries(SHAPES))
      for (const quoted of [false, true]) {
        const file = `${name} ${quoted ? 'quoted' : 'plain'}`;
        details[file] = await measureFile({ servers, options, print, sluice }, shape, quoted, file);
      }
  } finally {
    await sluice.stop();
  }
  const figures = Object.entries(details).map(([file, { importToCopy, importWithUploadToCopy }]) => ({
    what: `${file} (with upload ${importWithUploadToCopy.toFixed(2)})`,
    value: importToCopy,
    atLeast: GOALS[file] ?? LEAST,
  }));
  return { figures, details };
}

async function measureFile({ servers, options, print, sluice }, shape, quoted, name) {
  const { client, folder, databaseUrl } = servers;
  const { table } = shape.dataset.target;
  const file = path.join(folder, 'copy.csv');
  const rows = await generate(file, shape, { bytes: options.mb * MB, quoted });
  await createRival(client, table);
  const psql = versionOf('psql');
  const rounds = await alternate(
    options.rounds,
    {
      async copy() {
        await empty(client, table);
        const began = performance.now();
        await copyFile(databaseUrl, client, `${table}_copy`, columnsOf(shape), file, psql);
        return performance.now() - began;
      },
      async sluice() {
        await empty(client, table);
        const before = usedCpuMs(sluice.workers[0]);
        const taken = await sluice.importFile(shape.dataset.name, file, rows);
        return { ...taken, workerCpuMs: usedCpuMs(sluice.workers[0]) - before };
      },
    },
    (round, { copy, sluice: { workMs } }) =>
      print(
        `${name}, round ${round}: copy ${perSecond(rows, copy)} rows/s, import ${perSecond(rows, workMs)} rows/s`,
      ),
  );
  const megabytes = Math.round(statSync(file).size / MB);
  rmSync(file);
  await empty(client, table);
  return {
    rows,
    megabytes,
    copyRowsPerSecond: perSecond(
      rows,
      medianOf(rounds, (round) => round.copy),
    ),
    importRowsPerSecond: perSecond(
      rows,
      medianOf(rounds, (round) => round.sluice.workMs),
    ),
    importToCopy: medianOf(rounds, (round) => round.copy / round.sluice.workMs),
    importWithUploadToCopy: medianOf(rounds, (round) => round.copy / round.sluice.wholeMs),
    workerCpuMicrosPerRow: medianOf(rounds, (round) => (round.sluice.workerCpuMs * 1000) / rows),
    ratios: rounds.map((round) => round.copy / round.sluice.workMs),
  };
}

const perSecond = (rows, ms) => Math.round((rows / ms) * 1000);

/** Equal in columns, types, constraints and indexes; Postgres fills the columns of Sluice's own. */
async function createRival(client, table) {
  const id = `'00000000-0000-7000-8000-000000000000'`;
  await client.query(`DROP TABLE IF EXISTS ${table}_copy;
    CREATE TABLE ${table}_copy (LIKE ${table} INCLUDING ALL);
    ALTER TABLE ${table}_copy ALTER id SET DEFAULT uuidv7(), ALTER created_at SET DEFAULT now(), ALTER updated_at SET DEFAULT now(),
      ALTER import_id SET DEFAULT ${id}, ALTER import_row SET DEFAULT 1, ALTER created_by SET DEFAULT ${id}, ALTER updated_by SET DEFAULT ${id}`);
}

/** Both begin with empty tables, and nothing of the one before them left to be written. */
async function empty(client, table) {
  await client.query(`TRUNCATE ${table}, ${table}_copy`);
  await client.query('CHECKPOINT').catch(() => undefined);
}

/** `psql \copy`, or the same COPY over the wire where psql is missing. */
async function copyFile(databaseUrl, client, table, columns, file, psql) {
  const list = columns.join(', ');
  if (psql === null)
    return pipeline(
      createReadStream(file, { highWaterMark: 1 << 20 }),
      client.query(copyFrom(`COPY ${table} (${list}) FROM STDIN CSV HEADER`)),
    );
  const command = `\\copy ${table} (${list}) from '${file}' csv header`;
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', databaseUrl, '-c', command];
  const child = spawn('psql', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  if (code !== 0) throw new Error(`psql exited with ${code}`);
}
