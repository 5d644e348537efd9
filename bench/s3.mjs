// (t) Rows/s of an import whose file is in S3 (on loopback) against one whose file is in a folder, and what an upload to S3 holds in memory.
import { createReadStream, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { peakMegabytes, startNode, startSluice, stopProcess, usedCpuMs } from './processes.mjs';
import { alternate, medianOf } from './rounds.mjs';
import { generate, SHAPES } from './shapes.mjs';

export const title = 'import from S3 / from a folder';
const MB = 1_000_000;
const LEAST = 0.8;

export async function measure({ servers, options, print }) {
  const shape = SHAPES.customers;
  const { table } = shape.dataset.target;
  const file = path.join(servers.folder, 's3.csv');
  const rows = await generate(file, shape, { bytes: options.mb * MB });
  const server = await startNode(
    [path.join(import.meta.dirname, 's3-server.mjs')],
    /listening on (http:[^"]+)"/,
    process.env,
  );
  const inS3 = {
    SLUICE_STORAGE_URL: 's3://bench/files',
    SLUICE_S3_ENDPOINT: server.found,
    SLUICE_S3_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
  };
  /** One of them at a time: a worker takes whatever waits in Postgres, also what the other is to measure. */
  const importFrom = (env) => async () => {
    const sluice = await startSluice(servers, { slots: options.slots, env });
    try {
      // The first import pays for what is loaded with it.
      await sluice.importFile(shape.dataset.name, file, rows);
      await servers.client.query(`TRUNCATE ${table} CASCADE`);
      const before = usedCpuMs(sluice.workers[0]);
      const taken = await sluice.importFile(shape.dataset.name, file, rows);
      return { ...taken, workerCpuMs: usedCpuMs(sluice.workers[0]) - before };
    } finally {
      await sluice.stop();
      await servers.client.query(`TRUNCATE ${table} CASCADE`);
    }
  };
  try {
    const rounds = await alternate(
      options.rounds,
      { folder: importFrom({}), s3: importFrom(inS3) },
      (round, given) =>
        print(
          `round ${round}: ${Object.entries(given)
            .map(
              ([name, { workMs, wholeMs }]) =>
                `${name} ${perSecond(rows, workMs)} rows/s (with upload ${perSecond(rows, wholeMs)})`,
            )
            .join(', ')}`,
        ),
    );
    const ratio = (ms) => medianOf(rounds, ({ folder, s3 }) => folder[ms] / s3[ms]);
    const memory = await uploadMemory({ servers, options, inS3 });
    print(`memory of the API: ${JSON.stringify(memory)}`);
    return {
      figures: [
        { what: 'customers plain, the work', value: ratio('workMs'), atLeast: LEAST },
        { what: 'customers plain, with the upload', value: ratio('wholeMs'), atLeast: LEAST },
      ],
      details: {
        rows,
        megabytes: Math.round(statSync(file).size / MB),
        folderRowsPerSecond: perSecond(
          rows,
          medianOf(rounds, ({ folder }) => folder.workMs),
        ),
        s3RowsPerSecond: perSecond(
          rows,
          medianOf(rounds, ({ s3 }) => s3.workMs),
        ),
        workerCpuFolderMs: medianOf(rounds, ({ folder }) => folder.workerCpuMs),
        workerCpuS3Ms: medianOf(rounds, ({ s3 }) => s3.workerCpuMs),
        memory,
      },
    };
  } finally {
    await stopProcess(server);
    rmSync(file);
    await servers.client.query('TRUNCATE sluice.tasks CASCADE');
  }
}

/** Peak resident megabytes of an API that takes one file, by where the file goes and how large it is. */
async function uploadMemory({ servers, options, inS3 }) {
  const peaks = {};
  for (const [name, env] of Object.entries({ folder: {}, s3: inS3 }))
    for (const megabytes of [options.uploadMb / 4, options.uploadMb]) {
      const file = path.join(servers.folder, 'memory.csv');
      await generate(file, SHAPES.customers, { bytes: megabytes * MB });
      // Without a worker: what is uploaded is not loaded.
      const sluice = await startSluice(servers, { workers: 0, env });
      try {
        await sluice.send(SHAPES.customers.dataset.name, createReadStream(file));
        peaks[`${name} ${megabytes} MB`] = peakMegabytes(sluice.api);
      } finally {
        await sluice.stop();
        rmSync(file);
        await servers.client.query('TRUNCATE sluice.tasks CASCADE');
      }
    }
  return peaks;
}

const perSecond = (rows, ms) => Math.round((rows / ms) * 1000);
