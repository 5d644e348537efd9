// `sluice up`, and so `npm start`: all of Sluice on one machine, under one supervisor.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { withSecrets, type Config } from '../../config/config.ts';
import { checkPostgres } from '../../db/check-postgres.ts';
import { sharedAddress } from '../../db/connection.ts';
import { AppError } from '../../errors.ts';
import type { Log } from '../../embedded/log.ts';
import { createLogger } from '../../logger.ts';
import { startPostgres } from '../../embedded/postgres.ts';
import { takeLock } from '../../embedded/process-lock.ts';
import { startRedis } from '../../embedded/redis.ts';
import { randomSecret, readOrMakeSecret } from '../../embedded/secret-file.ts';
import { checkRedis } from '../check-redis.ts';
import { checkStorage } from '../check-servers.ts';
import { makeHome, makeStorage, requireDatasets } from '../folders.ts';
import { adminKeyFile, upLockFile } from '../home-files.ts';
import { banner } from './banner.ts';
import { runCommand, startCommand, type Program } from './node-process.ts';
import { choosePorts } from './port-choice.ts';
import { forgetRunningServers, tellRunningServers } from './running-servers.ts';
import { startApi } from './start-api.ts';
import { stopOnSignal } from './stop-on-signal.ts';
import { createSupervisor, type Supervisor } from './supervise.ts';
import { startOnDemand, type WorkersOnDemand } from './workers-on-demand.ts';
import { programFile } from '../../package-files.ts';

export interface UpOptions {
  /** What the parts inherit, and where it shows whether PORT was set. */
  readonly env?: NodeJS.ProcessEnv;
  /** The file whose commands `migrate`, `datasets apply`, `api` and `worker` are run. */
  readonly main?: string;
  readonly say?: (line: string) => void;
}

/** A part that stops takes its own grace; only one that hangs is ended by us. */
const STOP_MARGIN_MS = 10_000;

/**
 * Runs Postgres and Redis (unless the configuration names others), migrations, API and worker until a signal comes.
 * Gives the exit code: 0 after a signal, or when another `up` already runs in this home; 1 when a part ended too often.
 * @throws AppError when something cannot be started in the first place; what had been started is stopped before.
 */
export async function up(config: Config, options: UpOptions = {}): Promise<number> {
  const { env = process.env, main = programFile('cli/main'), say = printLine } = options;
  if (config.tlsCert !== '' || config.tlsKey !== '')
    throw new AppError(
      'CONFIG_INVALID',
      'SLUICE_TLS_CERT and SLUICE_TLS_KEY are for "sluice api". Unset them for "sluice up", and put a proxy with TLS in front of it.',
      { variable: 'SLUICE_TLS_CERT' },
    );
  makeHome(config);
  // What this process and its parts write is for their owner alone, whatever the umask it was started with.
  process.umask(0o077);
  makeStorage(config);
  requireDatasets(config, env);
  if (config.databaseUrl !== '') await checkPostgres(config);
  if (config.redisUrl !== '') await checkRedis(config);
  await checkStorage(config);
  const attempt = await takeLock(upLockFile(config.home));
  if (!attempt.taken) {
    const { pid, note } = attempt.holder;
    say(
      note === ''
        ? `Sluice is already starting here (pid ${pid}).`
        : `Sluice is already running here (pid ${pid}): ${note}`,
    );
    return 0;
  }
  const supervisor = createSupervisor(say);
  let onDemand: WorkersOnDemand | undefined;
  const kill = () => {
    onDemand?.kill();
    supervisor.kill();
  };
  const stop = stopOnSignal(kill, say);
  try {
    // 1 what the parts need
    const adminKey =
      config.adminKey ?? readOrMakeSecret(adminKeyFile(config.home), () => `slk_${randomSecret()}`);
    const [databaseUrl, redisUrl] = await Promise.all([
      config.databaseUrl || addPostgres(supervisor, config, say),
      config.redisUrl || addRedis(supervisor, config, say),
    ]);
    stop.signal.throwIfAborted();

    // 2 tables and datasets
    const logFormat = env['SLUICE_LOG_FORMAT'] ? config.logFormat : 'pretty';
    const program: Program = {
      main,
      env: {
        ...withSecrets(env),
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        SLUICE_HOME: config.home,
        SLUICE_ADMIN_KEY: adminKey,
        SLUICE_LOG_FORMAT: logFormat,
      },
    };
    await runCommand(program, ['migrate'], stop.signal);
    await runCommand(program, ['datasets', 'apply', '--leave-api'], stop.signal);

    // 3 API and worker
    const graceMs = config.shutdownGraceMs + STOP_MARGIN_MS;
    const ports = choosePorts(config, env, say);
    const startWorker = () => startCommand(program, ['worker'], graceMs);
    if (config.workers === 'on-demand') {
      const logger = createLogger({ ...config, logFormat }, 'up');
      onDemand = startOnDemand({
        config,
        address: sharedAddress({ ...config, databaseUrl }),
        start: startWorker,
        say,
        logger,
      });
    }
    const [api] = await Promise.all([
      supervisor.add('The API', () =>
        startApi({ program, host: config.host, ports, adminKey, graceMs, signal: stop.signal }),
      ),
      onDemand ?? supervisor.add('The worker', async () => startWorker()),
    ]);
    stop.signal.throwIfAborted();

    // 4 say so, and wait
    attempt.lock.setNote(api.url);
    tellRunningServers(config.home, {
      databaseUrl,
      databaseDirectUrl: config.databaseDirectUrl,
      redisUrl,
      url: api.url,
    });
    const shown = {
      databaseUrl: config.databaseUrl ? undefined : databaseUrl,
      adminKey: config.adminKey ? undefined : adminKey,
    };
    say(banner({ url: api.url, ...shown }));
    const gaveUp = [supervisor.gaveUp, ...(onDemand === undefined ? [] : [onDemand.gaveUp])];
    const reason = await Promise.race([...gaveUp, stop.requested]);
    if (reason === undefined) return 0;
    say(reason);
    return 1;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    throw error;
  } finally {
    await onDemand?.stop();
    await supervisor.stop();
    forgetRunningServers(config.home);
    attempt.lock.release();
    stop.dispose();
    say('Sluice has stopped.');
  }
}

async function addPostgres(
  supervisor: Supervisor,
  { home }: Config,
  say: (line: string) => void,
): Promise<string> {
  const options = { dataDir: join(home, 'postgres'), log: logTo(join(home, 'postgres.log'), say) };
  let port: number | undefined;
  const start = () => startPostgres({ ...options, ...(port === undefined ? {} : { port }) });
  const postgres = await supervisor.add('Postgres', start);
  // API and worker have been told the address: a later start is to have the same.
  port = postgres.port;
  return postgres.url;
}

async function addRedis(
  supervisor: Supervisor,
  { home }: Config,
  say: (line: string) => void,
): Promise<string> {
  const log = logTo(join(home, 'redis.log'), say);
  const options = { dataDir: join(home, 'redis'), toolsDir: join(home, 'tools'), persistent: true, log };
  let port: number | undefined;
  const start = () => startRedis({ ...options, ...(port === undefined ? {} : { port }) });
  const redis = await supervisor.add('Redis', start);
  port = redis.port;
  return redis.url;
}

/** The servers' own words go to a file, anew for each `up`. */
function logTo(path: string, say: (line: string) => void): Log {
  const file = createWriteStream(path, { mode: 0o600 });
  // A full disk must not end the supervisor.
  file.on('error', () => undefined);
  return {
    info: say,
    debug: (line) => {
      file.write(`${new Date().toISOString()} ${line}\n`);
    },
  };
}

function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
