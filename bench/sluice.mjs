// Postgres, Redis, and an API and a worker as processes of their own, for a benchmark of the built program.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../dist/embedded/postgres.js';
import { startRedis } from '../dist/embedded/redis.js';

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const CLI = path.join(ROOT, 'dist', 'cli', 'main.js');
const KEY = 'bench-key-bench-key-bench-key-bench-key';
const FINAL = ['succeeded', 'failed', 'cancelled'];
const quiet = { info: (line) => console.error(line), debug() {} };

/** With the dataset `people` (people.json). The caller calls `stop()`. */
export async function startSluice() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-bench-'));
  const children = [];
  const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres'), log: quiet });
  const redis = await startRedis({
    dataDir: path.join(folder, 'redis'),
    toolsDir: path.join(ROOT, '.sluice', 'tools'),
    persistent: true,
    log: quiet,
  });
  const stop = async () => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exit = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exit;
    }
    await redis.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  /** Starts a program; resolves with what the pattern catches in its output. */
  const start = (args, pattern, extra = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, {
        env: { ...env, ...extra },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        if (output === undefined) return;
        output += text;
        const match = pattern.exec(output);
        if (match === null) return;
        output = undefined;
        resolve(match[1] ?? '');
      });
      child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
    });
  const datasets = path.join(folder, 'datasets');
  mkdirSync(datasets);
  copyFileSync(path.join(ROOT, 'bench', 'people.json'), path.join(datasets, 'people.json'));
  const env = {
    ...process.env,
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    SLUICE_HOME: folder,
    SLUICE_DATASETS_DIR: datasets,
    SLUICE_ADMIN_KEY: KEY,
    SLUICE_CONCURRENCY: '2',
    PORT: '0',
  };
  try {
    for (const args of [['migrate'], ['datasets', 'apply']])
      execFileSync(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const url = await start([CLI, 'api'], /listening on (http:[^"]+)"/);
    await start([CLI, 'worker'], /worker ready/);
    const headers = { authorization: `Bearer ${KEY}` };
    return {
      url,
      headers,
      folder,
      databaseUrl: postgres.url,
      start,
      stop,
      pids: { api: children[0].pid, worker: children[1].pid },
      /** @param content bytes, or an async iterable of them @returns the import's id */
      async send(content, query = '') {
        const response = await fetch(`${url}/v1/imports?dataset=people${query}`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'text/csv' },
          body: content,
          duplex: 'half',
        });
        const { id, detail } = await response.json();
        if (response.status !== 202) throw new Error(`The upload was refused: ${detail}`);
        return id;
      },
      /** Polls to the end. */
      async ended(id, everyMs) {
        for (;;) {
          const task = await (await fetch(`${url}/v1/tasks/${id}`, { headers })).json();
          if (FINAL.includes(task.status)) {
            if (task.status !== 'succeeded')
              throw new Error(`The import went wrong: ${JSON.stringify(task)}`);
            return task;
          }
          await sleep(everyMs);
        }
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The most memory a process has had resident, in MB; null where the system does not tell. */
export function peakMegabytes(pid) {
  try {
    return Math.round(
      Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000,
    );
  } catch {
    return null;
  }
}

export const quantile = (numbers, q) =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * q))];
export const median = (numbers) => quantile(numbers, 0.5);

export function writeResult(name, result) {
  const folder = path.join(ROOT, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

export function machine() {
  return `${os.cpus().length} × ${os.cpus()[0].model}, Node ${process.versions.node}`;
}
