// (n) Rows/s of an import against the toughest rivals of one machine: DuckDB, which reads the file with types, checks it in SQL and hands the
// good records to COPY through a FIFO; and two `\copy` of the file cut in two.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { startSluice, versionOf } from './processes.mjs';
import { copyFile, createRival, emptyBoth } from './rival-table.mjs';
import { alternate, medianOf } from './rounds.mjs';
import { columnsOf, generate, SHAPES } from './shapes.mjs';

export const title = 'import / DuckDB, and / two \\copy at once';
const MB = 1_000_000;
const HOME = path.join(import.meta.dirname, 'duckdb');
const TYPES = { string: 'VARCHAR', integer: 'BIGINT', number: 'DECIMAL(18,2)', date: 'DATE' };

export async function measure({ servers, options, print }) {
  if (!existsSync(path.join(HOME, 'node_modules')))
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: HOME });
  const duckdb = fork(path.join(HOME, 'load.mjs'));
  await once(duckdb, 'message');
  const sluice = await startSluice(servers, { slots: options.slots });
  const second = new pg.Client(servers.databaseUrl);
  await second.connect();
  const details = {};
  try {
    for (const [name, shape] of Object.entries(SHAPES))
      for (const quoted of [false, true]) {
        const file = `${name} ${quoted ? 'quoted' : 'plain'}`;
        details[file] = await measureFile(
          { servers, options, print, sluice, duckdb, second },
          shape,
          quoted,
          file,
        );
      }
  } finally {
    await second.end();
    await sluice.stop();
    duckdb.kill();
  }
  const figures = Object.entries(details).flatMap(([file, ratios]) => [
    { what: `${file} / DuckDB`, value: ratios.toDuckdb, atLeast: file.startsWith('customers') ? 1.2 : 1 },
    {
      what: `${file} / DuckDB, with the upload`,
      value: ratios.wholeToDuckdb,
      ...(file.startsWith('customers') ? { atLeast: 1.05 } : {}),
    },
    { what: `${file} / two \\copy`, value: ratios.toTwo },
    { what: `${file} / two \\copy, with the upload`, value: ratios.wholeToTwo },
  ]);
  return { figures, details };
}

async function measureFile({ servers, options, print, sluice, duckdb, second }, shape, quoted, name) {
  const { client, folder, databaseUrl } = servers;
  const { table } = shape.dataset.target;
  const columns = columnsOf(shape);
  const file = path.join(folder, 'duckdb.csv');
  const rows = await generate(file, shape, { bytes: options.mb * MB, quoted });
  const halves = await cutInTwo(file);
  const fifo = path.join(folder, 'duckdb.fifo');
  await createRival(client, table);
  const psql = versionOf('psql');
  const rival = `${table}_copy`;
  const timed = async (load) => {
    await emptyBoth(client, table);
    const began = performance.now();
    await load();
    const ms = performance.now() - began;
    const { rows: counted } = await client.query(`SELECT count(*)::int FROM ${rival}`);
    if (counted[0].count !== rows)
      throw new Error(`The rival has landed ${counted[0].count} of ${rows} rows`);
    return ms;
  };
  const rounds = await alternate(
    options.rounds,
    {
      duckdb: () =>
        timed(async () => {
          execFileSync('mkfifo', [fifo]);
          const answer = once(duckdb, 'message');
          duckdb.send({ file, to: fifo, fields: fieldsOf(shape) });
          await copyFile({ databaseUrl, client, psql }, rival, columns, fifo, false);
          const [{ error }] = await answer;
          rmSync(fifo);
          if (error !== undefined) throw new Error(error);
        }),
      two: () =>
        timed(() =>
          Promise.all(
            halves.map((half, at) =>
              copyFile(
                { databaseUrl, client: at === 0 ? client : second, psql },
                rival,
                columns,
                half,
                at === 0,
              ),
            ),
          ),
        ),
      async sluice() {
        await emptyBoth(client, table);
        return sluice.importFile(shape.dataset.name, file, rows);
      },
    },
    (round, given) => {
      const perSecond = (ms) => Math.round((rows / ms) * 1000);
      print(
        `${name}, round ${round}: DuckDB ${perSecond(given.duckdb)} rows/s, two copies ${perSecond(given.two)}, import ${perSecond(given.sluice.workMs)} (with upload ${perSecond(given.sluice.wholeMs)})`,
      );
    },
  );
  for (const each of [file, ...halves]) rmSync(each);
  await emptyBoth(client, table);
  return {
    rows,
    toDuckdb: medianOf(rounds, (round) => round.duckdb / round.sluice.workMs),
    wholeToDuckdb: medianOf(rounds, (round) => round.duckdb / round.sluice.wholeMs),
    toTwo: medianOf(rounds, (round) => round.two / round.sluice.workMs),
    wholeToTwo: medianOf(rounds, (round) => round.two / round.sluice.wholeMs),
  };
}

/** The rules of the dataset as types and conditions of DuckDB. */
function fieldsOf({ dataset }) {
  const text = (value) => `'${value.replaceAll("'", "''")}'`;
  return dataset.schema.fields.map(({ name, type, format, constraints = {} }) => {
    const { required, maxLength, minimum, pattern } = constraints;
    const orNull = (condition) => `(${name} IS NULL OR ${condition})`;
    return {
      name,
      type: TYPES[type],
      checks: [
        ...(required ? [`${name} IS NOT NULL`] : []),
        ...(maxLength === undefined ? [] : [orNull(`length(${name}) <= ${maxLength}`)]),
        ...(minimum === undefined ? [] : [orNull(`${name} >= ${minimum}`)]),
        ...(pattern === undefined ? [] : [orNull(`regexp_full_match(${name}, ${text(pattern)})`)]),
        ...(format === 'email' ? [orNull(`regexp_full_match(${name}, '[^@ ]+@[^@ ]+\\.[^@ .]+')`)] : []),
      ],
    };
  });
}

/** At a record's end near the middle; the files of the bench have no line end within a cell. */
async function cutInTwo(file) {
  const { size } = statSync(file);
  const middle = Buffer.alloc(64 * 1024);
  const descriptor = openSync(file);
  readSync(descriptor, middle, 0, middle.length, Math.floor(size / 2));
  closeSync(descriptor);
  const cut = Math.floor(size / 2) + middle.indexOf(10) + 1;
  const halves = [`${file}.1`, `${file}.2`];
  await pipeline(createReadStream(file, { end: cut - 1 }), createWriteStream(halves[0]));
  await pipeline(createReadStream(file, { start: cut }), createWriteStream(halves[1]));
  return halves;
}
