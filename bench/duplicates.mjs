// (i) An import whose every record is refused, for the table has its key already, to the clean import of the same file; by the clock and
// by processor time (worker and Postgres), which other load disturbs less.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { startSluice, usedByPostgresMs, usedCpuMs } from './processes.mjs';
import { alternate, medianOf } from './rounds.mjs';
import { generate, KEYED_SHAPES } from './shapes.mjs';

export const title = 'clean import / import of nothing but duplicates';
const LEAST = 0.3;

export async function measure({ servers, options, print }) {
  const details = {};
  const sluice = await startSluice(servers, { slots: options.slots });
  try {
    for (const rows of options.duplicates)
      for (const [name, shape] of Object.entries(KEYED_SHAPES)) {
        const file = `${name}, ${rows} rows`;
        details[file] = await measureFile({ servers, options, print, sluice }, shape, rows, file);
      }
  } finally {
    await sluice.stop();
  }
  const figures = Object.entries(details).flatMap(([file, { byClock, byProcessor }]) => [
    { what: file, value: byClock, atLeast: LEAST },
    { what: `${file}, processor time`, value: byProcessor },
  ]);
  return { figures, details };
}

async function measureFile({ servers, options, print, sluice }, shape, rows, name) {
  const { client, folder } = servers;
  const { name: dataset, target } = shape.dataset;
  const { table, links = [] } = target;
  const file = path.join(folder, 'duplicates.csv');
  await generate(file, shape, { rows });
  const empty = async () => {
    await client.query(`TRUNCATE ${[table, ...links.map((link) => link.table)].join(', ')}`);
    await client.query('CHECKPOINT').catch(() => undefined);
  };
  const run = async (counts) => {
    const used = () => usedCpuMs(sluice.workers[0]) + usedByPostgresMs(servers);
    const before = used();
    const { workMs } = await sluice.importFile(dataset, file, counts);
    return { workMs, cpuMs: used() - before };
  };
  const rounds = await alternate(
    options.duplicateRounds,
    {
      async clean() {
        await empty();
        return run({ loaded: rows, rejected: 0 });
      },
      async duplicates() {
        const found = await client.query(`SELECT count(*)::int AS count FROM ${table}`);
        if (found.rows[0].count !== rows) await run({ loaded: rows, rejected: 0 });
        return run({ loaded: 0, rejected: rows });
      },
    },
    (round, { clean, duplicates }) =>
      print(
        `${name}, round ${round}: clean ${perRow(clean, rows)}, duplicates ${perRow(duplicates, rows)}, ratio ${(clean.workMs / duplicates.workMs).toFixed(2)}`,
      ),
  );
  rmSync(file);
  await empty();
  const ofRow = (tell) => medianOf(rounds, (round) => (tell(round) * 1000) / rows);
  return {
    rows,
    byClock: medianOf(rounds, ({ clean, duplicates }) => clean.workMs / duplicates.workMs),
    byProcessor: medianOf(rounds, ({ clean, duplicates }) => clean.cpuMs / duplicates.cpuMs),
    cleanCpuMicrosPerRow: ofRow(({ clean }) => clean.cpuMs),
    duplicatesCpuMicrosPerRow: ofRow(({ duplicates }) => duplicates.cpuMs),
  };
}

const perRow = ({ workMs, cpuMs }, rows) =>
  `${Math.round((rows / workMs) * 1000)} rows/s (${((cpuMs * 1000) / rows).toFixed(1)} µs of processor time a row)`;
