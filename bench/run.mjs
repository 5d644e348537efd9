// `npm run bench`: rows/s of an import against `psql \copy` of the same file into an equal table, and peak memory.
// One run, one machine, one server; rounds alternate and medians are quoted. Figures are ratios; nothing is asserted.
//   --mb N       size of the file of the speed rounds (default 100)
//   --rounds N   rounds of each (default 5)
//   --memory A,B sizes in MB for peak memory, a fresh API and worker each (default 100,1000; "none" skips)
//   --slots N    slots of the worker (default 2)
import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openAsBlob,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createReadStream } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { startPostgres } from '../dist/embedded/postgres.js';
import { startRedis } from '../dist/embedded/redis.js';
import { COLUMNS, generate } from './generate.mjs';
import { peakMegabytes } from './sluice.mjs';

const { values: options } = parseArgs({
  options: {
    mb: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
    memory: { type: 'string', default: '100,1000' },
    slots: { type: 'string', default: '2' },
  },
});
const MB = 1_000_000;
const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const CLI = path.join(ROOT, 'dist', 'cli', 'main.js');
const ADMIN_KEY = 'bench-key-bench-key-bench-key-bench-key';
const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-bench-'));
const quiet = { info: (line) => console.error(line), debug() {} };

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const perSecond = (rows, ms) => Math.round((rows / ms) * 1000);

function startSluice(env) {
  const start = (args) => {
    const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.setEncoding('utf8');
    return child;
  };
  return { api: start(['api']), worker: start(['worker', '--concurrency', options.slots]) };
}

async function stopSluice({ api, worker }) {
  for (const child of [worker, api]) {
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await exit;
  }
}

/** Processor time a process has used, in ms, which other load disturbs less than the clock; null where the system does not tell. */
function usedCpuMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}

async function untilReady(url) {
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
}

/** Sends the file and waits for the end. @returns milliseconds from the first byte sent to `succeeded`, and of the work alone */
async function importFile(url, file, rows) {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const began = performance.now();
  const response = await fetch(`${url}/v1/imports?dataset=people`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'text/csv' },
    body: await openAsBlob(file),
  });
  const { id, detail } = await response.json();
  if (response.status !== 202) throw new Error(`The upload was refused: ${detail}`);
  for (;;) {
    const task = await (await fetch(`${url}/v1/tasks/${id}`, { headers })).json();
    if (task.finishedAt === null) {
      await sleep(20);
      continue;
    }
    const wholeMs = performance.now() - began;
    if (task.status !== 'succeeded' || task.result.loaded !== rows)
      throw new Error(`The import went wrong: ${JSON.stringify(task)}`);
    return { wholeMs, workMs: new Date(task.finishedAt) - new Date(task.startedAt) };
  }
}

function hasPsql() {
  try {
    return execFileSync('psql', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/** The rival: `psql \copy`, or the same COPY over the wire where psql is missing. @returns milliseconds */
async function copyFile(databaseUrl, client, file, psql) {
  const columns = COLUMNS.join(', ');
  const began = performance.now();
  if (psql !== null)
    await new Promise((resolve, reject) => {
      const child = spawn(
        'psql',
        [
          '-X',
          '-q',
          '-v',
          'ON_ERROR_STOP=1',
          databaseUrl,
          '-c',
          `\\copy people_copy (${columns}) from '${file}' csv header`,
        ],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      );
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`psql exited with ${code}`))));
    });
  else
    await pipeline(
      createReadStream(file, { highWaterMark: 1 << 20 }),
      client.query(copyFrom(`COPY people_copy (${columns}) FROM STDIN CSV HEADER`)),
    );
  return performance.now() - began;
}

async function empty(client) {
  await client.query('TRUNCATE people, people_copy');
  await client.query('CHECKPOINT').catch(() => undefined);
}

const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres'), log: quiet });
const redis = await startRedis({
  dataDir: path.join(folder, 'redis'),
  toolsDir: path.join(ROOT, '.sluice', 'tools'),
  persistent: true,
  log: quiet,
});
const client = new pg.Client(postgres.url);
let sluice;
try {
  const datasets = path.join(folder, 'datasets');
  mkdirSync(datasets);
  copyFileSync(path.join(ROOT, 'bench', 'people.json'), path.join(datasets, 'people.json'));
  const port = 20_000 + (process.pid % 20_000);
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    SLUICE_HOME: folder,
    SLUICE_DATASETS_DIR: datasets,
    SLUICE_ADMIN_KEY: ADMIN_KEY,
    SLUICE_LOG_LEVEL: 'warn',
    PORT: String(port),
  };
  for (const args of [['migrate'], ['datasets', 'apply']])
    execFileSync(process.execPath, [CLI, ...args], { env, stdio: 'inherit' });
  await client.connect();
  // Equal in columns, types, constraints and indexes; Postgres fills the columns of Sluice's own.
  await client.query(`CREATE TABLE people_copy (LIKE people INCLUDING ALL);
    ALTER TABLE people_copy ALTER id SET DEFAULT uuidv7(), ALTER created_at SET DEFAULT now(), ALTER updated_at SET DEFAULT now(),
      ALTER import_id SET DEFAULT '00000000-0000-7000-8000-000000000000', ALTER import_row SET DEFAULT 1,
      ALTER created_by SET DEFAULT '00000000-0000-7000-8000-000000000000', ALTER updated_by SET DEFAULT '00000000-0000-7000-8000-000000000000'`);

  const psql = hasPsql();
  const file = path.join(folder, 'people.csv');
  const rows = await generate(file, { bytes: Number(options.mb) * MB });
  console.log(
    `${os.cpus().length} × ${os.cpus()[0].model}, Node ${process.versions.node}, ${(await client.query('SHOW server_version')).rows[0].server_version}, ${psql ?? 'COPY over the wire (no psql here)'}`,
  );
  console.log(
    `${rows} rows, ${(statSync(file).size / MB).toFixed(0)} MB, 10 columns, ${options.slots} slots, ${options.rounds} rounds\n`,
  );

  sluice = startSluice(env);
  await untilReady(url);
  const rounds = [];
  for (let round = 0; round <= Number(options.rounds); round++) {
    await empty(client);
    const copyMs = await copyFile(postgres.url, client, file, psql);
    await empty(client);
    const usedBefore = usedCpuMs(sluice.worker.pid);
    const { wholeMs, workMs } = await importFile(url, file, rows);
    if (round === 0) continue; // warms up both
    const workerCpuMs = usedCpuMs(sluice.worker.pid) - usedBefore;
    rounds.push({ copyMs, wholeMs, workMs, workerCpuMs });
    console.log(
      `round ${round}: copy ${perSecond(rows, copyMs)} rows/s, import ${perSecond(rows, workMs)} rows/s, with upload ${perSecond(rows, wholeMs)} rows/s`,
    );
  }
  const copyMs = median(rounds.map((each) => each.copyMs));
  const result = {
    rows,
    copyRowsPerSecond: perSecond(rows, copyMs),
    importRowsPerSecond: perSecond(rows, median(rounds.map((each) => each.workMs))),
    workerCpuMicrosPerRow: median(rounds.map((each) => (each.workerCpuMs * 1000) / rows)),
    importToCopy: median(rounds.map((each) => each.copyMs / each.workMs)),
    importWithUploadToCopy: median(rounds.map((each) => each.copyMs / each.wholeMs)),
    memory: [],
  };
  console.log(
    `\nimport / copy: ${result.importToCopy.toFixed(2)} (with upload: ${result.importWithUploadToCopy.toFixed(2)}); the worker's processor time: ${result.workerCpuMicrosPerRow.toFixed(2)} µs/row\n`,
  );
  await stopSluice(sluice);
  sluice = undefined;

  for (const megabytes of options.memory === 'none' ? [] : options.memory.split(',').map(Number)) {
    const big = path.join(folder, 'big.csv');
    const bigRows = await generate(big, { bytes: megabytes * MB });
    await empty(client);
    sluice = startSluice(env);
    await untilReady(url);
    const { workMs } = await importFile(url, big, bigRows);
    const memory = {
      megabytes,
      rows: bigRows,
      rowsPerSecond: perSecond(bigRows, workMs),
      workerPeakMb: peakMegabytes(sluice.worker.pid),
      apiPeakMb: peakMegabytes(sluice.api.pid),
    };
    result.memory.push(memory);
    console.log(
      `${megabytes} MB: ${memory.rowsPerSecond} rows/s, peak worker ${memory.workerPeakMb} MB, api ${memory.apiPeakMb} MB`,
    );
    await stopSluice(sluice);
    sluice = undefined;
    rmSync(big);
  }
  mkdirSync(path.join(ROOT, 'bench', 'results'), { recursive: true });
  writeFileSync(path.join(ROOT, 'bench', 'results', 'import.json'), `${JSON.stringify(result, null, 2)}\n`);
} finally {
  if (sluice !== undefined) await stopSluice(sluice);
  await client.end().catch(() => undefined);
  await redis.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
