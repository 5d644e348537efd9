// A private Redis of our own: for `up` and the tests.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Log } from './log.ts';
import { launchTied } from './launcher.ts';
import { freePort } from './ports.ts';
import { takeLock } from './process-lock.ts';
import { findRedis, type RedisBinary } from './redis-binary.ts';
import { randomSecret, readOrMakeSecret } from './secret-file.ts';
import { startServer, stopOrphan, type RunningProcess, type StopStep } from './server-process.ts';

export interface RedisOptions {
  /** A folder of its own, made when missing: it gets the data, `password` and `lock`. */
  readonly dataDir: string;
  /** Where a server that had to be fetched is kept; may be shared. */
  readonly toolsDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Whether the data outlives a restart (append-only file, written out each second). */
  readonly persistent: boolean;
  readonly log: Log;
}

export interface EmbeddedRedis extends RunningProcess {
  readonly url: string;
  readonly port: number;
}

const HOST = '127.0.0.1';
const READY_TIMEOUT_MS = 120_000; // reading a large append-only file takes its time
const STOP_STEPS: readonly StopStep[] = [{ signal: 'SIGTERM', waitMs: 10_000 }];
const START_ATTEMPTS = 20;
const RETRY_MS = 100;

/**
 * Starts the server, fetching it first if need be. One that a killed supervisor has left running is stopped before.
 * @throws AppError UNAVAILABLE when it cannot run here; CONFLICT when a living process runs it, or `port` is in use.
 */
export async function startRedis(options: RedisOptions): Promise<EmbeddedRedis> {
  const { dataDir, toolsDir, log } = options;
  const binary = await findRedis(toolsDir, log);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const attempt = await takeLock(join(dataDir, 'lock'));
  if (!attempt.taken) {
    const { pid } = attempt.holder;
    throw new AppError('CONFLICT', `The Redis in ${dataDir} is already run by process ${pid}.`, { pid });
  }
  try {
    await stopOrphan(runningPid(dataDir), dataDir, /^(redis|valkey)-/, STOP_STEPS);
    const password = readOrMakeSecret(join(dataDir, 'password'), randomSecret);
    const { port, server } = await startOnPort(options, binary, password);
    void server.exited.then(attempt.lock.release);
    return { ...server, port, url: `redis://:${password}@${HOST}:${port}/0` };
  } catch (error) {
    attempt.lock.release();
    throw error;
  }
}

function runningPid(dataDir: string): number {
  const file = join(dataDir, 'pid');
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) || 0 : 0;
}

async function startOnPort(options: RedisOptions, binary: RedisBinary, password: string) {
  const launcher = await launchTied('TERM');
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const start = await startServer({
      command: [...launcher.prefix, binary.path, '-'],
      env: binary.env,
      cwd: '/',
      // Through standard input, so that no list of processes shows the password.
      input: configuration(options, port, password),
      readyLine: /Ready to accept connections/,
      readyTimeoutMs: READY_TIMEOUT_MS,
      stopSteps: STOP_STEPS,
      log: options.log,
    });
    if (start.ready) return { port, server: start.server };
    const portTaken = start.output.includes('Address already in use');
    if (portTaken && options.port !== undefined)
      throw new AppError('CONFLICT', `Redis cannot listen on port ${port}: it is in use.`, { port });
    if (!portTaken || attempt === START_ATTEMPTS)
      throw new AppError('UNAVAILABLE', `Redis in ${options.dataDir} did not start:\n${start.output}`);
    await delay(RETRY_MS);
  }
}

function configuration({ dataDir, persistent }: RedisOptions, port: number, password: string): string {
  return [
    `bind ${HOST}`,
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${quoted(dataDir)}`,
    `pidfile ${quoted(join(dataDir, 'pid'))}`,
    'daemonize no',
    'save ""',
    `appendonly ${persistent ? 'yes' : 'no'}`,
    'appendfsync everysec',
    'maxmemory-policy noeviction', // what BullMQ asks for: a queue must not lose entries
    '',
  ].join('\n');
}

/** As Redis reads words in its configuration. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
