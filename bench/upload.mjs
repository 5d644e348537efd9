// (c) Upload bytes/s, raw and multipart, against a bare Node server that pipes to disk; both sync before they answer.
import { execFile } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { startNode, startSluice, stopProcess, usedCpuMs } from './processes.mjs';
import { alternate, medianOf } from './rounds.mjs';
import { generate, SHAPES } from './shapes.mjs';

export const title = 'upload / bare server';
const MB = 1_000_000;
const LEAST = 0.8;
const here = (name) => path.join(import.meta.dirname, name);

export async function measure({ servers, options, print }) {
  const file = path.join(servers.folder, 'upload.csv');
  await generate(file, SHAPES.customers, { bytes: options.uploadMb * MB });
  const { size } = statSync(file);
  const bareFolder = path.join(servers.folder, 'bare');
  const bare = await startNode([here('bare-upload.mjs')], /listening on (http:[^"]+)"/, {
    ...process.env,
    BARE_FOLDER: bareFolder,
  });
  // Without a worker: what is uploaded is not loaded.
  const sluice = await startSluice(servers, { workers: 0 });
  const url = `${sluice.url}/v1/imports?dataset=${SHAPES.customers.dataset.name}`;
  const key = `authorization: ${sluice.headers.authorization}`;
  const upload =
    (server, to, kind, ...headers) =>
    async () => {
      const before = usedCpuMs(server);
      const args = [here('upload-client.mjs'), to, file, kind, ...headers];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      return { ms: Number(stdout), cpuMs: usedCpuMs(server) - before };
    };
  try {
    const rounds = await alternate(
      options.rounds,
      {
        bare: upload(bare, bare.found, 'raw'),
        raw: upload(sluice.api, url, 'raw', key),
        multipart: upload(sluice.api, url, 'multipart', key),
      },
      (round, given) =>
        print(
          `round ${round}: ${Object.entries(given)
            .map(([name, { ms }]) => `${name} ${Math.round(size / 1000 / ms)} MB/s`)
            .join(', ')}`,
        ),
    );
    const ratio = (name) => medianOf(rounds, (round) => round.bare.ms / round[name].ms);
    const tell = (name) => ({
      megabytesPerSecond: size / 1000 / medianOf(rounds, (round) => round[name].ms),
      serverCpuMs: medianOf(rounds, (round) => round[name].cpuMs),
    });
    return {
      figures: [
        { what: 'raw body', value: ratio('raw'), atLeast: LEAST },
        { what: 'multipart', value: ratio('multipart'), atLeast: LEAST },
      ],
      details: { bytes: size, bare: tell('bare'), raw: tell('raw'), multipart: tell('multipart') },
    };
  } finally {
    await sluice.stop();
    await stopProcess(bare);
    rmSync(bareFolder, { recursive: true, force: true });
    rmSync(file);
    // Nobody shall load what only this has asked for.
    await servers.client.query(`TRUNCATE sluice.tasks CASCADE`);
  }
}
