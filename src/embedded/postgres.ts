// A real Postgres server of our own, from the binaries npm has installed: for `up` and the tests.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from '../errors.ts';
import type { Log } from './log.ts';
import { launchAs, launchTied, namedUser, type Launcher, type User } from './launcher.ts';
import { freePort } from './ports.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { takeLock } from './process-lock.ts';
import { runProgram } from './run-program.ts';
import { randomSecret, readOrMakeSecret } from './secret-file.ts';
import { startServer, stopOrphan, type RunningProcess, type StopStep } from './server-process.ts';

export interface PostgresOptions {
  /** A folder of its own, made when missing: it gets `cluster` (the data), `password` and `lock`. */
  readonly dataDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Server settings on top of ours; the tests turn fsync off. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default: those that npm has installed. */
  readonly binaries?: PostgresBinaries;
  readonly log: Log;
}

export interface EmbeddedPostgres extends RunningProcess {
  /** Of the database `sluice`, as its owner: a role that may create databases and is no superuser. */
  readonly url: string;
  readonly port: number;
}

/** Of the role and of the database. */
const NAME = 'sluice';
const HOST = '127.0.0.1';
const READY_TIMEOUT_MS = 300_000; // replaying the log after a crash takes its time

/** SIGINT: roll back what is open, then end. SIGQUIT: end at once and recover at the next start. */
const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGINT', waitMs: 20_000 },
  { signal: 'SIGQUIT', waitMs: 5000 },
];

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  unix_socket_directories: '', // a socket's path has 107 characters at most; a clone's may have more
  max_connections: '100',
  shared_buffers: '256MB',
  // Nothing replicates from here: the log need only serve crash recovery, and bulk loads are to find it wide.
  wal_level: 'minimal',
  max_wal_senders: '0',
  wal_buffers: '16MB',
  min_wal_size: '256MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_line_prefix: '',
  log_checkpoints: 'off',
  // Without the details of errors: they quote values of records.
  log_error_verbosity: 'terse',
};

/**
 * Starts the server, on data made first if there is none. One that a killed supervisor has left running is stopped before.
 * @throws AppError UNAVAILABLE when it cannot run here; CONFLICT when a living process runs it, or `port` is in use.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir } = options;
  const { binaries = findPostgresBinaries() } = options;
  // Run by root, Postgres is another user, who must be able to pass. What is private inside has its own modes.
  if (mkdirSync(dataDir, { recursive: true }) !== undefined) chmodSync(dataDir, 0o711);
  const attempt = await takeLock(join(dataDir, 'lock'));
  if (!attempt.taken) {
    const { pid } = attempt.holder;
    throw new AppError('CONFLICT', `The Postgres in ${dataDir} is already run by process ${pid}.`, { pid });
  }
  try {
    await stopLeftover(clusterOf(dataDir));
    const password = readOrMakeSecret(join(dataDir, 'password'), randomSecret);
    const launcher = existsSync(clusterOf(dataDir))
      ? await launcherFor(binaries, clusterOf(dataDir))
      : await createCluster(options, binaries, password);
    const { port, server } = await startOnPort(options, binaries, launcher);
    void server.exited.then(attempt.lock.release);
    const url = `postgres://${NAME}:${password}@${HOST}:${port}/${NAME}`;
    await ensureDatabase(url).catch(async (error: unknown) => {
      await server.stop();
      throw error;
    });
    return { ...server, port, url };
  } catch (error) {
    attempt.lock.release();
    throw error;
  }
}

function clusterOf(dataDir: string): string {
  return join(dataDir, 'cluster');
}

/**
 * Stops a server that still runs on these data. We hold the lock, so whoever started it is gone. Then its pid file, if it has
 * not taken it along, says nothing any more; Postgres would be misled by it when the pid is now another process or a zombie.
 */
async function stopLeftover(cluster: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return;
  await stopOrphan(Number.parseInt(readFileSync(file, 'utf8'), 10), cluster, /^postgres$/, STOP_STEPS);
  rmSync(file, { force: true });
}

/**
 * Makes the data in `cluster.draft` and renames it when it is complete: a start that is killed half-way leaves nothing that a
 * later one takes for a cluster.
 */
async function createCluster(
  options: PostgresOptions,
  binaries: PostgresBinaries,
  password: string,
): Promise<Launcher> {
  const { dataDir, settings, log } = options;
  log.info(`Making the Postgres data in ${dataDir}`);
  const draft = `${clusterOf(dataDir)}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const launcher = await launcherFor(binaries, draft);
  const initdb = [
    binaries.initdb,
    `--pgdata=${draft}`,
    '--username=postgres',
    // The superuser gets no password, so nobody is let in as one.
    '--auth-local=reject',
    '--auth-host=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-instructions',
    ...(settings?.['fsync'] === 'off' ? ['--no-sync'] : []),
  ];
  await runProgram(initdb, { launcher });
  // Through standard input, so that no list of processes shows the password. Single-user mode takes one statement a line.
  const statements = [
    `CREATE ROLE ${NAME} LOGIN CREATEDB PASSWORD '${password}'`,
    `GRANT pg_monitor TO ${NAME}`,
    // Unknown before Postgres 15.
    `DO $$BEGIN GRANT pg_checkpoint TO ${NAME}; EXCEPTION WHEN undefined_object THEN NULL; END$$`,
    `CREATE DATABASE ${NAME} OWNER ${NAME}`,
  ];
  const single = [binaries.postgres, '--single', '-D', draft, 'postgres'];
  const output = await runProgram(single, { launcher, input: `${statements.join('\n')}\n` });
  if (/^(ERROR|FATAL):/m.test(output))
    throw new AppError('UNAVAILABLE', `Postgres could not be set up:\n${output}`);
  renameSync(draft, clusterOf(dataDir));
  return launcher;
}

/** Postgres refuses to run as root: started by root it runs as the owner of its data. */
async function launcherFor(binaries: PostgresBinaries, cluster: string): Promise<Launcher> {
  const me = process.geteuid?.();
  if (me !== 0) {
    const owner = statSync(cluster).uid;
    if (me === undefined || owner === me) return launchTied('INT');
    throw new AppError(
      'UNAVAILABLE',
      `${cluster} belongs to user ${owner}, and you are user ${me}. ` +
        'Start Sluice as the user who did before, or give it another folder with SLUICE_HOME.',
    );
  }
  const user = unprivilegedOwner(cluster);
  const launcher = await launchAs(user, 'INT', binaries.postgres, cluster);
  if (launcher !== undefined) return launcher;
  throw new AppError(
    'UNAVAILABLE',
    `Postgres does not run as root, and user ${user.uid} cannot reach ${binaries.postgres} and ${cluster}. ` +
      'Start Sluice as an ordinary user, move it to a folder that other users may enter, or set DATABASE_URL.',
  );
}

function unprivilegedOwner(cluster: string): User {
  const { uid, gid } = statSync(cluster);
  if (uid !== 0) return { uid, gid };
  const user = namedUser('postgres') ?? namedUser('nobody');
  if (user === undefined)
    throw new AppError(
      'UNAVAILABLE',
      'Postgres does not run as root, and there is no user "postgres" or "nobody" to run it as. ' +
        'Start Sluice as an ordinary user, or set DATABASE_URL.',
    );
  chownSync(cluster, user.uid, user.gid);
  return user;
}

const START_ATTEMPTS = 20;
/** Backends of a killed server see its end within a moment, and only then give their shared memory back. */
const STILL_IN_USE = /pre-existing shared memory block .* is still in use/;
const RETRY_MS = 250;

async function startOnPort(options: PostgresOptions, binaries: PostgresBinaries, launcher: Launcher) {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const settings = { ...SETTINGS, ...options.settings, port: String(port) };
    const start = await startServer({
      command: [
        ...launcher.prefix,
        binaries.postgres,
        '-D',
        clusterOf(options.dataDir),
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      cwd: '/',
      user: launcher.user,
      readyLine: /database system is ready to accept connections/,
      readyTimeoutMs: READY_TIMEOUT_MS,
      stopSteps: STOP_STEPS,
      log: options.log,
    });
    if (start.ready) return { port, server: start.server };
    const portTaken = start.output.includes('Address already in use');
    if (portTaken && options.port !== undefined)
      throw new AppError('CONFLICT', `Postgres cannot listen on port ${port}: it is in use.`, { port });
    const passing = portTaken || STILL_IN_USE.test(start.output);
    if (!passing || attempt === START_ATTEMPTS)
      throw new AppError('UNAVAILABLE', `Postgres in ${options.dataDir} did not start:\n${start.output}`);
    await delay(RETRY_MS);
  }
}

/** The database may have been dropped by hand since. This also proves that server and password belong together. */
async function ensureDatabase(url: string): Promise<void> {
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  const client = new pg.Client({ connectionString: maintenance.href });
  try {
    await client.connect();
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [NAME]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${NAME}`);
    await lookIntoPublic(client);
  } catch (error) {
    const reason = (error as Error).message;
    throw new AppError(
      'UNAVAILABLE',
      `The embedded Postgres refused its own user: ${reason}.`,
      {},
      { cause: error },
    );
  } finally {
    await client.end();
  }
}

/**
 * Datasets land in `public`. Without a search path of its own the role would look into the schema of its own name first, which
 * holds Sluice's tables: a table made through the printed psql line would go there. A search path that somebody has set stays.
 */
async function lookIntoPublic(client: pg.Client): Promise<void> {
  const chosen = await client.query(
    `SELECT FROM pg_db_role_setting s, unnest(s.setconfig) AS setting
      WHERE setting LIKE 'search_path=%' AND s.setrole IN (0, current_user::regrole)
        AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = $1))`,
    [NAME],
  );
  if (chosen.rowCount === 0) await client.query(`ALTER ROLE ${NAME} SET search_path = public`);
}
