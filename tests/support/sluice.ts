// Sluice as users have it: an API and workers as processes of their own, over a fresh database and queues of their own.
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { inject } from 'vitest';
import { applyDatasets } from '../../src/cli/apply-datasets.ts';
import { apiKeyText } from '../../src/core/access/api-key.ts';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { startPgbouncer } from './pgbouncer.ts';
import { REPOSITORY, spawnProcess, type TestProcess } from './processes.ts';
import { uniquePrefix } from './redis.ts';
import { waitFor } from './wait-for.ts';

export interface TaskJson {
  readonly id: string;
  readonly status: string;
  readonly progress: {
    readonly rowsDone: number;
    readonly rowsTotal: number | null;
    readonly chunksDone: number;
    readonly chunksTotal: number | null;
  };
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly error: { readonly message: string } | null;
}

export interface Sluice {
  readonly url: string;
  readonly key: string;
  readonly folder: string;
  /** What its keys in Redis begin with. */
  readonly queuePrefix: string;
  /** What its processes are started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly database: Pick<TestDatabase, 'pool' | 'url'>;
  readonly api: TestProcess;
  /** Another API beside the first, or in its place. @param place `on`: what its command begins with (hosts.ts) */
  startApi(place?: Place): Promise<{ readonly url: string; readonly api: TestProcess }>;
  startWorker(env?: Readonly<Record<string, string>>, on?: readonly string[]): Promise<TestProcess>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a file's content as raw CSV. */
  send(dataset: string, content: string | Blob | Buffer, query?: string): Promise<Response>;
  task(id: string): Promise<TaskJson>;
  /** Waits for a final status. */
  ended(id: string, timeoutMs?: number): Promise<TaskJson>;
  /** Kills what is left, drops the database, removes the files. */
  stop(): Promise<void>;
}

interface Place {
  readonly on?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface SluiceOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Servers of the test's own, to be stopped and started; default: those of the whole run. */
  readonly servers?: {
    readonly databaseUrl: string;
    readonly redisUrl: string;
    readonly database: TestDatabase;
  };
  /** How its database is reached, made for the URL; default: directly, or through PgBouncer with SLUICE_TEST_PGBOUNCER=1. */
  readonly addresses?: (url: string) => Addresses;
  /** Dataset documents, or paths of them from the repository's root. */
  readonly datasets?: readonly (string | Dataset)[];
}

/** The way to a database: with SLUICE_TEST_PGBOUNCER=1 through the PgBouncer of the whole run, or one before the test's own server. */
async function addressesOf(
  url: string,
  folder: string,
  cleanUps: (() => Promise<void>)[],
): Promise<Addresses> {
  const pooler = inject('pgbouncerUrl');
  if (pooler === '') return { DATABASE_URL: url };
  if (new URL(url).host !== new URL(inject('databaseUrl')).host) {
    const own = await startPgbouncer(url, join(folder, 'pgbouncer'), { default_pool_size: '3' });
    cleanUps.push(own.stop);
    return { DATABASE_URL: own.through(url), DATABASE_DIRECT_URL: url };
  }
  const through = new URL(url);
  through.host = new URL(pooler).host;
  return { DATABASE_URL: through.href, DATABASE_DIRECT_URL: url };
}

type Addresses = Readonly<Record<'DATABASE_URL', string> & Partial<Record<'DATABASE_DIRECT_URL', string>>>;

/** Of one request that waits for the end of a task. */
const WAIT_SECONDS = 5;
const FINAL = ['succeeded', 'failed', 'cancelled'];

const MOST_LOCK_MS = 2000;

/** Short leases, so that a killed worker is noticed within seconds. */
const QUICK = {
  SLUICE_LOCK_MS: '1000',
  SLUICE_SWEEP_INTERVAL_MS: '300',
  SLUICE_RETRY_DELAY_MS: '100',
  SLUICE_WORKER_LOST_MS: '5000',
};

export async function startSluice(options: SluiceOptions = {}): Promise<Sluice> {
  const database = options.servers?.database ?? (await createDatabase());
  const url = options.servers?.databaseUrl ?? database.url;
  const folder = await mkdtemp(join(tmpdir(), 'sluice-e2e-'));
  const datasets = join(folder, 'datasets');
  await mkdir(datasets);
  for (const [at, document] of (options.datasets ?? ['datasets/customers.json']).entries()) {
    const path = join(datasets, `${at}.json`);
    if (typeof document === 'string') await copyFile(join(REPOSITORY, document), path);
    else await writeFile(path, JSON.stringify(document));
  }
  const key = apiKeyText(randomBytes(32));
  const queuePrefix = uniquePrefix();
  const cleanUps: (() => Promise<void>)[] = [];
  const env = {
    ...QUICK,
    PORT: '0',
    HOST: '127.0.0.1',
    ...(options.addresses?.(url) ?? (await addressesOf(url, folder, cleanUps))),
    REDIS_URL: options.servers?.redisUrl ?? inject('redisUrl'),
    SLUICE_HOME: folder,
    SLUICE_DATASETS_DIR: datasets,
    SLUICE_QUEUE_PREFIX: queuePrefix,
    SLUICE_ADMIN_KEY: key,
    SLUICE_LOG_LEVEL: 'info',
    SLUICE_SLOTS: '2',
    ...options.env,
  };
  const started: TestProcess[] = [];
  const start = (part: string, { on = [], env: extra = {} }: Place = {}): TestProcess => {
    const child = spawnProcess([...on, process.execPath, join(REPOSITORY, 'dist/cli/main.js'), part], {
      env: { ...env, ...extra },
    });
    started.push(child);
    return child;
  };
  // As `sluice datasets apply` does; a process for it would take longer than most tests.
  await applyDatasets(
    database,
    { path: datasets, named: 'setting' },
    { lockMs: MOST_LOCK_MS },
    pino({ level: 'silent' }),
  );
  const startApi: Sluice['startApi'] = async (place) => {
    const process = start('api', place);
    return { api: process, url: (await process.says(/listening on (https?:[^"]+)"/))[1]! };
  };
  const { api, url: apiUrl } = await startApi();

  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${apiUrl}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) },
    });
  const task = async (id: string, waitSeconds = 0): Promise<TaskJson> =>
    (await (await call(`/v1/tasks/${id}?wait=${waitSeconds}`)).json()) as TaskJson;
  return {
    url: apiUrl,
    key,
    folder,
    queuePrefix,
    env,
    database,
    api,
    startApi,
    async startWorker(extra = {}, on = []) {
      const worker = start('worker', { on, env: extra });
      await worker.says(/worker ready/);
      return worker;
    },
    fetch: call,
    send: (dataset, content, query = '') =>
      call(`/v1/imports?dataset=${dataset}${query}`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: content,
      }),
    task: (id) => task(id),
    // The API waits: a poll each few milliseconds would take the processor from what is waited for.
    ended: (id, timeoutMs = 60_000) =>
      waitFor(async () => [await task(id, WAIT_SECONDS)].find((each) => FINAL.includes(each.status)), {
        what: `task ${id} to end`,
        timeoutMs,
      }),
    async stop() {
      for (const child of started) child.kill('SIGKILL');
      await Promise.all(started.map((child) => child.exited));
      for (const cleanUp of cleanUps) await cleanUp();
      if (options.servers === undefined) await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
