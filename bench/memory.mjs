// (b) The most memory API and worker have had resident after one import, for growing files; fresh processes for each.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { peakMegabytes, startSluice } from './processes.mjs';
import { generate, SHAPES } from './shapes.mjs';

export const title = 'peak memory, MB';
const MB = 1_000_000;
const MOST_MB = 200;

export async function measure({ servers, options, print }) {
  const shape = SHAPES.customers;
  const file = path.join(servers.folder, 'memory.csv');
  const details = [];
  for (const megabytes of options.memory) {
    const rows = await generate(file, shape, { bytes: megabytes * MB });
    const sluice = await startSluice(servers, { slots: options.slots });
    try {
      const { workMs } = await sluice.importFile(shape.dataset.name, file, rows);
      details.push({
        megabytes,
        rows,
        rowsPerSecond: Math.round((rows / workMs) * 1000),
        workerPeakMb: peakMegabytes(sluice.workers[0]),
        apiPeakMb: peakMegabytes(sluice.api),
      });
    } finally {
      await sluice.stop();
      rmSync(file);
      await servers.client.query(`TRUNCATE ${shape.dataset.target.table}`);
    }
    const { rowsPerSecond, workerPeakMb, apiPeakMb } = details.at(-1);
    print(`${megabytes} MB: worker ${workerPeakMb} MB, API ${apiPeakMb} MB, ${rowsPerSecond} rows/s`);
  }
  const figures = details.flatMap(({ megabytes, workerPeakMb, apiPeakMb }) => [
    { what: `worker, file of ${megabytes} MB`, value: workerPeakMb, atMost: MOST_MB },
    { what: `API, file of ${megabytes} MB`, value: apiPeakMb, atMost: MOST_MB },
  ]);
  return { figures, details };
}
