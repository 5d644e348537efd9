// The house that is stormed: Postgres, Redis, an API and two workers as processes of their own, each restarted when it ends.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { apiKeyText } from '../../src/core/access/api-key.ts';
import { migrate } from '../../src/db/migrate.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { startPgbouncer } from '../support/pgbouncer.ts';
import { REPOSITORY, spawnProcess, waitFor, type TestProcess } from '../support/processes.ts';
import { startStormRedis, type RedisForm, type StormRedis } from './redis.ts';
import { openStormStorage, type StorageForm, type StormStorage } from './storage.ts';
import { makeOrders } from './table-model.ts';
import { createTally, writeStormTasks } from './tasks.ts';
import { openReceiver, type StormReceiver } from './webhooks.ts';

/** A program that is started again whenever it ends, as a supervisor does. */
export interface Kept {
  readonly name: string;
  readonly pid: () => number;
  /** Ends it by a signal; the next one starts at once. Resolves when it has ended. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Waits until it has said that it is ready. */
  ready(): Promise<void>;
}

/** With the key of an admin, whatever else it has. */
type CallInit = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

export interface StormHouse {
  readonly pool: pg.Pool;
  readonly redis: Pick<StormRedis, 'kill' | 'flush'>;
  readonly api: Kept;
  readonly workers: readonly Kept[];
  readonly storage: StormStorage;
  readonly apiPort: number;
  call(path: string, init?: CallInit): Promise<Response>;
  readonly authorization: string;
  /** `SIGINT`: fast, transactions are cut off. `SIGQUIT`: immediate, as a crash. */
  restartPostgres(signal: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  /** As kill -9 of the PgBouncer, and another one at its address; undefined: there is none. */
  readonly restartPooler: (() => Promise<void>) | undefined;
  /** Hears of all that happens. */
  readonly receiver: StormReceiver;
  /** Programs that ended by themselves after they had been ready, with their last words. */
  readonly deaths: readonly string[];
  /** Writes all that was said below the folder, and gives its path. */
  keepLogs(): Promise<string>;
  /** Ends all of it. `keepFolder` leaves what `keepLogs` has written. */
  stop(options: { readonly keepFolder: boolean }): Promise<void>;
}

/** Leases as short as they may be, so that what dies is noticed within seconds; chunks of some hundred rows. */
const SETTINGS = {
  SLUICE_LOCK_MS: '1000',
  SLUICE_SWEEP_INTERVAL_MS: '300',
  SLUICE_STUCK_MS: '2000',
  SLUICE_RETRY_DELAY_MS: '100',
  SLUICE_CHUNK_BYTES: '16000',
  SLUICE_SLOTS: '2',
  SLUICE_LOG_LEVEL: 'info',
  // Workers are killed all the time, and no task is to blame.
  SLUICE_MOST_LOST: '1000',
  SLUICE_WORKER_LOST_MS: '2000',
  SLUICE_KEPT_UPLOADS: '1000000',
  // All errors of a record are compared.
  SLUICE_MAX_STORED_ERRORS: '1000000',
};
const WORKERS = 2;
const KEPT_LOG_LINES = 2000;
const KEPT_LOG_CHARS = 500_000;
/** A line of the log before a process ends because of an error that nobody caught. */
const FATAL = /"level":60/;
/** Before a program that ended by itself is started again. */
const RESTART_MS = 100;

/** What stands between Sluice and its servers. */
export interface HouseForm {
  /** The processes reach Postgres through a PgBouncer in transaction mode. */
  readonly pgbouncer: boolean;
  readonly redis: RedisForm;
  readonly storage: StorageForm;
}

export async function openHouse(form: HouseForm): Promise<StormHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-storm-'));
  const storageDir = join(folder, 'storage');
  const datasetsDir = join(folder, 'datasets');
  await mkdir(datasetsDir);
  for (const name of ['members.json', 'visits.json', 'orders.json'])
    await copyFile(join(REPOSITORY, 'tests', 'storm', name), join(datasetsDir, name));
  const storage = await openStormStorage(form.storage, storageDir);

  const said: string[] = [];
  const log = {
    info: () => undefined,
    debug: (line: string) => keepLast(said, `postgres, redis: ${line}`),
  };
  const postgresOptions = {
    dataDir: join(folder, 'postgres'),
    settings: { fsync: 'off', shared_buffers: '64MB' },
    log,
  };
  let postgres = await startPostgres(postgresOptions);
  const redis = await startStormRedis(form.redis, { folder, log });
  const pooler = form.pgbouncer ? await startPgbouncer(postgres.url, join(folder, 'pgbouncer')) : undefined;
  const postgresPort = postgres.port;
  await migrate(postgres.url);
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4, application_name: 'storm' });
  pool.on('error', () => undefined);
  await makeOrders(pool);

  const key = apiKeyText(randomBytes(32));
  const apiPort = await freePort();
  const env = {
    ...SETTINGS,
    PORT: String(apiPort),
    HOST: '127.0.0.1',
    DATABASE_URL: pooler?.through(postgres.url) ?? postgres.url,
    ...(pooler === undefined ? {} : { DATABASE_DIRECT_URL: postgres.url }),
    ...redis.env,
    SLUICE_HOME: folder,
    SLUICE_STORAGE_DIR: storageDir,
    ...storage.env,
    SLUICE_DATASETS_DIR: datasetsDir,
    SLUICE_ADMIN_KEY: key,
    SLUICE_TASKS: await writeStormTasks(folder),
    SLUICE_WEBHOOK_PRIVATE_HOSTS: '127.0.0.1',
  };
  const spawn = (...args: string[]): TestProcess =>
    spawnProcess([process.execPath, join(REPOSITORY, 'dist/cli/main.js'), ...args], { env });
  const applied = spawn('datasets', 'apply');
  if ((await applied.exited).code !== 0) throw new Error(applied.output());

  const deaths: string[] = [];
  const api = keep('api', () => spawn('api'), /listening on http:/, deaths);
  const workers = Array.from({ length: WORKERS }, (_, at) =>
    keep(`worker ${at + 1}`, () => spawn('worker'), /worker ready/, deaths),
  );
  await createTally(pool);
  const forget = whenCutOff(() => {
    for (const each of [api, ...workers]) each.release();
    storage.cutOff();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  await Promise.all([api, ...workers].map((each) => each.ready()));
  const call: StormHouse['call'] = (path, { headers = {}, ...init } = {}) =>
    fetch(`http://127.0.0.1:${apiPort}${path}`, {
      ...init,
      headers: { ...headers, authorization: `Bearer ${key}` },
    });
  const receiver = await openReceiver();
  await receiver.subscribe(call);

  return {
    pool,
    redis,
    api,
    workers,
    storage,
    apiPort,
    authorization: `Bearer ${key}`,
    call,
    receiver,
    async restartPostgres(signal) {
      process.kill(postgres.pid, signal);
      await postgres.exited;
      postgres = await startPostgres({ ...postgresOptions, port: postgresPort });
    },
    restartPooler: pooler && (() => pooler.restart()),
    deaths,
    async keepLogs() {
      await writeFile(join(folder, 'servers.log'), said.join('\n'));
      for (const each of [api, ...workers])
        await writeFile(join(folder, `${each.name.replace(' ', '-')}.log`), each.output());
      return folder;
    },
    async stop({ keepFolder }) {
      forget();
      for (const each of [api, ...workers]) each.release();
      receiver.close();
      await pool.end().catch(() => undefined);
      await Promise.all([api, ...workers].map((each) => each.ended()));
      await pooler?.stop();
      await Promise.all([postgres.stop(), redis.stop()]);
      await storage.stop();
      if (!keepFolder) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Ctrl-C, or the run that this is a part of is gone: nothing is left running. @returns to be called when all has been ended */
function whenCutOff(end: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'disconnect'] as const;
  const cutOff = (): never => {
    end();
    process.exit(1);
  };
  for (const signal of signals) process.once(signal, cutOff);
  return () => {
    for (const signal of signals) process.off(signal, cutOff);
  };
}

interface OwnedKept extends Kept {
  output(): string;
  /** Kills it for good. */
  release(): void;
  ended(): Promise<unknown>;
}

function keep(name: string, start: () => TestProcess, readyWords: RegExp, deaths: string[]): OwnedKept {
  let current: TestProcess;
  let asked = false;
  let released = false;
  let spoken = '';
  begin();

  function begin(): void {
    asked = false;
    current = start();
    void beginAgainAfter(current);
  }

  async function beginAgainAfter(child: TestProcess): Promise<void> {
    const { code, signal } = await child.exited;
    const end = `ended with code ${code}, signal ${signal}`;
    spoken = `${spoken}${child.output()}\n--- ${end}\n`.slice(-KEPT_LOG_CHARS);
    if (released) return;
    // One that never came up found Postgres or Redis away at its start.
    if ((!asked || FATAL.test(child.output())) && readyWords.test(child.output()))
      deaths.push(`${name} ${end} by itself:\n${child.output().slice(-3000)}`);
    if (!asked) await delay(RESTART_MS);
    begin();
  }

  return {
    name,
    pid: () => current.pid,
    async kill(signal) {
      const child = current;
      asked = true;
      // A stopped process would not see a SIGTERM.
      child.kill('SIGCONT');
      child.kill(signal);
      await child.exited;
    },
    signal: (signal) => current.kill(signal),
    ready: () =>
      waitFor(() => readyWords.test(current.output()), { what: `${name} to be ready` }).then(() => undefined),
    output: () => spoken + current.output(),
    release() {
      released = true;
      current.kill('SIGKILL');
    },
    ended: () => current.exited,
  };
}

function keepLast(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > KEPT_LOG_LINES) lines.shift();
}
