// Postgres and Redis for the whole run; an API and workers of the built program, as processes of their own, for each measure.
import { execFileSync, spawn } from 'node:child_process';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startPostgres } from '../dist/embedded/postgres.js';
import { startRedis } from '../dist/embedded/redis.js';
import { KEYED_SHAPES, RULED_DATASET, SHAPES } from './shapes.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const KEY = 'bench-key-bench-key-bench-key-bench-key';
/** Of a file at once. */
const READ_BYTES = 256 * 1024;
/** Of one request that waits for the end of a task. */
const WAIT_SECONDS = 50;
const FINAL = ['succeeded', 'failed', 'cancelled'];
const quiet = { info: (line) => console.error(line), debug() {} };

/**
 * With the tables of all shapes; the caller calls `stop()`, which removes everything.
 * @param root the checkout whose build is measured, this one when left out; it must be built
 * @param settings of Postgres, on top of those of `sluice up`
 */
export async function startServers(root = ROOT, settings = {}) {
  const cli = path.join(root, 'dist', 'cli', 'main.js');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-bench-'));
  const datasets = path.join(folder, 'datasets');
  mkdirSync(datasets);
  const keyed = Object.values(KEYED_SHAPES);
  for (const dataset of [
    ...[...Object.values(SHAPES), ...keyed].map((shape) => shape.dataset),
    RULED_DATASET,
  ])
    writeFileSync(path.join(datasets, `${dataset.name}.json`), JSON.stringify(dataset));
  const start = (port) =>
    startPostgres({ dataDir: path.join(folder, 'postgres'), log: quiet, settings, port });
  let postgres = await start();
  const restartPostgres = async () => {
    await postgres.stop();
    postgres = await start(postgres.port);
  };
  const redis = await startRedis({
    dataDir: path.join(folder, 'redis'),
    toolsDir: path.join(ROOT, '.sluice', 'tools'),
    persistent: true,
    log: quiet,
  });
  const env = {
    ...process.env,
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    SLUICE_HOME: folder,
    SLUICE_DATASETS_DIR: datasets,
    SLUICE_ADMIN_KEY: KEY,
    PORT: '0',
  };
  const client = new pg.Client(postgres.url);
  const stop = async () => {
    await client.end().catch(() => undefined);
    await redis.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const args of [['migrate'], ['datasets', 'apply']])
      execFileSync(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    await client.connect();
  } catch (error) {
    await stop();
    throw error;
  }
  return { cli, folder, env, client, databaseUrl: postgres.url, restartPostgres, stop };
}

/** Starts a Node program; resolves with it and what the pattern catches in its output. The caller calls `stopProcess`. */
export function startNode(args, pattern, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      if (output === undefined) return;
      output += text;
      const match = pattern.exec(output);
      if (match === null) return;
      output = undefined;
      resolve({ child, found: match[1] ?? '' });
    });
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
  });
}

export async function stopProcess({ child }) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exit;
}

/** An API and so many workers of so many slots; `env` on top of the servers'. The caller calls `stop()`, which also removes what was uploaded. */
export async function startSluice(servers, { slots = 2, workers = 1, env: more = {} } = {}) {
  const env = { ...servers.env, SLUICE_SLOTS: String(slots), SLUICE_LOG_LEVEL: 'info', ...more };
  const running = [];
  const start = async (args, pattern) => {
    const started = await startNode([servers.cli, ...args], pattern, env);
    running.push(started);
    return started;
  };
  const stop = async () => {
    for (const each of running.toReversed()) await stopProcess(each);
    rmSync(path.join(servers.folder, 'storage'), { recursive: true, force: true });
  };
  try {
    const api = await start(['api'], /listening on (http:[^"]+)"/);
    const started = [];
    for (let at = 0; at < workers; at++) started.push(await start(['worker'], /worker ready/));
    return {
      api,
      workers: started,
      stop,
      ...clientOf(api.found),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function clientOf(url) {
  const headers = { authorization: `Bearer ${KEY}` };
  // Fewer cycles than those of fetch: the client shares the processors with what is measured.
  const agent = new http.Agent({ keepAlive: true });
  const ask = async (method, place, more = {}, body = Buffer.alloc(0)) => {
    const request = http.request(url + place, { method, agent, headers: { ...headers, ...more } });
    const answered = once(request, 'response');
    if (Buffer.isBuffer(body)) request.end(body);
    else await Promise.all([pipeline(body, request), answered]);
    const [response] = await answered;
    return { code: response.statusCode, json: JSON.parse(await text(response)) };
  };
  /**
   * @param body a Buffer, or an async iterable of them
   * @param bytes of the body, where it is a file's: what sends files says it
   */
  const send = async (dataset, body, query = '', bytes) => {
    const { code, json } = await ask(
      'POST',
      `/v1/imports?dataset=${dataset}${query}`,
      { 'content-type': 'text/csv', ...(bytes === undefined ? {} : { 'content-length': bytes }) },
      body,
    );
    if (code !== 202) throw new Error(`The upload was refused: ${json.detail}`);
    return json.id;
  };
  /**
   * Asks to the end, which must be a success.
   * @param everyMs between two polls; left out: asks to be answered at the end (`wait`), as a client does that is in a hurry
   */
  const ended = async (id, everyMs) => {
    for (;;) {
      const wait = everyMs === undefined ? `?wait=${WAIT_SECONDS}` : '';
      const { json: task } = await ask('GET', `/v1/tasks/${id}${wait}`);
      if (FINAL.includes(task.status)) {
        if (task.status !== 'succeeded') throw new Error(`The import went wrong: ${JSON.stringify(task)}`);
        return task;
      }
      if (everyMs !== undefined) await sleep(everyMs);
    }
  };
  /**
   * @param counts the result must have; a number is that of the records that land
   * @returns milliseconds from the first byte sent to `succeeded`, and of the work alone
   */
  const importFile = async (dataset, file, counts, query = '') => {
    const began = performance.now();
    const body = createReadStream(file, { highWaterMark: READ_BYTES });
    const task = await ended(await send(dataset, body, query, statSync(file).size));
    const wholeMs = performance.now() - began;
    const expected = Object.entries(typeof counts === 'number' ? { loaded: counts } : counts);
    if (expected.some(([name, count]) => task.result[name] !== count))
      throw new Error(`Not what was to become of the records: ${JSON.stringify(task)}`);
    return { wholeMs, workMs: new Date(task.finishedAt) - new Date(task.startedAt) };
  };
  return { url, headers, send, ended, importFile };
}

/** The most memory a process has had resident, in MB; null where the system does not tell. */
export function peakMegabytes({ child }) {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) / 1000);
  } catch {
    return null;
  }
}

/** Processor time a process has used, in ms, which other load disturbs less than the clock; NaN where the system does not tell. */
export function usedCpuMs({ child }) {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return NaN;
  }
}

/** Processor time of Postgres, all its processes together, also those that have ended; NaN where the system does not tell. */
export function usedByPostgresMs({ folder }) {
  try {
    const pidFile = path.join(folder, 'postgres', 'cluster', 'postmaster.pid');
    const postmaster = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return processes.map(statOf).reduce((sum, stat) => {
      if (stat?.pid === postmaster) return sum + stat.usedMs + stat.usedByEndedMs;
      return stat?.parent === postmaster ? sum + stat.usedMs : sum;
    }, 0);
  } catch {
    return NaN;
  }
}

/** Undefined when the process has ended meanwhile. */
function statOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').map(Number);
    const ms = (at) => (fields[at] + fields[at + 1]) * 10;
    return { pid: Number(pid), parent: fields[1], usedMs: ms(11), usedByEndedMs: ms(13) };
  } catch {
    return undefined;
  }
}

export function versionOf(program) {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/** What the figures depend on. */
export async function describeMachine({ client }) {
  const { rows } = await client.query('SHOW server_version');
  return {
    processors: `${os.cpus().length} × ${os.cpus()[0].model}`,
    memoryGb: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()}`,
    load: os.loadavg().map((load) => Number(load.toFixed(2))),
    node: process.versions.node,
    postgres: rows[0].server_version,
    psql: versionOf('psql') ?? 'none: COPY over the wire instead',
  };
}
