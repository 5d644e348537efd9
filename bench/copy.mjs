// (a) Rows/s of an import against `psql \copy` of the same file into an equal table, for each shape, plain and quoted.
import { rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { startSluice, usedCpuMs, versionOf } from './processes.mjs';
import { copyFile, createRival, emptyBoth } from './rival-table.mjs';
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
        await emptyBoth(client, table);
        const began = performance.now();
        await copyFile({ databaseUrl, client, psql }, `${table}_copy`, columnsOf(shape), file);
        return performance.now() - began;
      },
      async sluice() {
        await emptyBoth(client, table);
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
  await emptyBoth(client, table);
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
