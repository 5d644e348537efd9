// (o) The rows/s of a workbook against those of the same rows as CSV, upload included; and the most memory that API and worker have had
// resident, also for a workbook of a million rows.
import { rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { peakMegabytes, startSluice } from './processes.mjs';
import { alternate, medianOf } from './rounds.mjs';
import { generate, SHAPES } from './shapes.mjs';
import { workbookOf } from './workbooks.mjs';

export const title = 'workbook / the same rows as CSV';
const LEAST = 0.25;
const MOST_MB = 250;

export async function measure({ servers, options, print }) {
  const shape = SHAPES.customers;
  const { name } = shape.dataset;
  const csv = path.join(servers.folder, 'excel.csv');
  const xlsx = path.join(servers.folder, 'excel.xlsx');
  const figures = [];
  const details = {};
  for (const rows of options.excelRows) {
    await generate(csv, shape, { rows });
    await workbookOf(csv, xlsx, shape);
    const sizes = [csv, xlsx].map((file) => Math.round(statSync(file).size / 1_000_000));
    print(`${rows} rows: CSV of ${sizes[0]} MB, workbook of ${sizes[1]} MB`);
    const sluice = await startSluice(servers, { slots: options.slots });
    try {
      const load = (file) => async () => {
        await servers.client.query(`TRUNCATE ${shape.dataset.target.table}`);
        return sluice.importFile(name, file, rows);
      };
      const alone = await load(xlsx)();
      const apiMb = peakMegabytes(sluice.api);
      const workerMb = peakMegabytes(sluice.workers[0]);
      print(`${rows} rows: API ${apiMb} MB, worker ${workerMb} MB, first ${Math.round(alone.wholeMs)} ms`);
      figures.push(
        { what: `API, workbook of ${rows} rows`, value: apiMb, atMost: MOST_MB },
        { what: `worker, workbook of ${rows} rows`, value: workerMb, atMost: MOST_MB },
      );
      const rounds = await alternate(
        rows > 200_000 ? 1 : options.rounds,
        { csv: load(csv), xlsx: load(xlsx) },
        (round, given) =>
          print(
            `round ${round}: CSV ${Math.round(given.csv.wholeMs)} ms (work ${given.csv.workMs}), workbook ${Math.round(given.xlsx.wholeMs)} ms (work ${given.xlsx.workMs})`,
          ),
      );
      const whole = medianOf(rounds, (round) => round.csv.wholeMs / round.xlsx.wholeMs);
      const work = medianOf(rounds, (round) => round.csv.workMs / round.xlsx.workMs);
      figures.push(
        { what: `${rows} rows, upload included`, value: whole, atLeast: LEAST },
        { what: `${rows} rows, the import alone`, value: work, atLeast: LEAST },
      );
      details[rows] = { apiMb, workerMb, rounds };
    } finally {
      await sluice.stop();
      rmSync(csv);
      rmSync(xlsx);
      await servers.client.query(`TRUNCATE ${shape.dataset.target.table}`);
    }
  }
  return { figures, details };
}
