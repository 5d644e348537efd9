// The API process: opens what the app stands on, listens, and closes all of it in order.
import { Server } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { requireConnections, type Config } from '../config/config.ts';
import { ensureAdminKey, type AdminKeyState } from '../db/access/api-keys.ts';
import { checkPostgres } from '../db/check-postgres.ts';
import { isUnavailable } from '../db/errors.ts';
import { requireSchema } from '../db/schema-version.ts';
import { createLogger, type Logger } from '../logger.ts';
import { onStop } from '../shutdown.ts';
import { startTracing } from '../tracing/start-tracing.ts';
import { buildApp } from './app.ts';
import type { ApiDeps } from './deps.ts';
import { followCertificate } from './http/tls.ts';
import { growNewSpace } from './new-space.ts';
import { closeDeps, openDeps } from './open-deps.ts';

const RETRY_MS = 1000;

/**
 * Resolves when it listens, Postgres has the tables it needs, and SLUICE_ADMIN_KEY opens it; the process then runs until it is told to stop.
 * @throws AppError CONFIG_INVALID (also for tables of another version), or what listening says (port in use); nothing is left open then
 */
export async function runApi(config: Config): Promise<void> {
  requireConnections(config);
  // V8 may decide, by what it sees at the start, that what streams allocate for each piece of a body lives long, and puts it where it is
  // collected late: an upload of gigabytes then leaves tens of megabytes of it.
  setFlagsFromString('--no-allocation-site-pretenuring');
  // Bodies lie outside the heap, but V8 counts them in: it would collect all of it for each 12 MB that come in, which takes a third of the time
  // of an upload. So it waits until what is held has grown by so much.
  setFlagsFromString('--heap-growing-percent=70');
  const stopTracing = await startTracing('api', (message) => logger.warn(message));
  const logger = createLogger(config, 'api');
  const deps = openDeps(config, logger);
  const app = await buildApp(deps);
  const stopping = new AbortController();
  const unfollow =
    app.server instanceof Server ? followCertificate(app.server, config, logger) : () => undefined;
  const close = async () => {
    stopping.abort();
    unfollow();
    await app.close();
    await closeDeps(deps);
    await stopTracing();
  };
  try {
    // Before it listens if that can be, so that whoever finds it ready can use the key.
    const prepared = await prepare(deps);
    await app.listen({
      port: config.port,
      host: config.host,
      listenTextResolver: (at) => `listening on ${at}`,
    });
    growNewSpace();
    onStop({ logger, graceMs: config.shutdownGraceMs }, close);
    if (!prepared) await untilPrepared(deps, stopping.signal);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Without Postgres the API answers 503 and waits for it, rather than being started again and again. */
async function untilPrepared(deps: ApiDeps, signal: AbortSignal): Promise<void> {
  deps.logger.warn('Postgres cannot be reached; trying again until it can');
  while (!signal.aborted) {
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || (await prepare(deps))) return;
  }
}

/** @returns false when Postgres is away. @throws AppError CONFIG_INVALID when its tables are not those of this Sluice */
async function prepare({ config, database, logger }: ApiDeps): Promise<boolean> {
  try {
    await checkPostgres(config);
    await requireSchema(database.pool);
    if (config.adminKey !== undefined)
      sayAdminKey(await ensureAdminKey(database.db, config.adminKey), logger);
    return true;
  } catch (error) {
    if (isUnavailable(error)) return false;
    throw error;
  }
}

/** Why the key given from outside opens nothing: an admin has decided so, and a restart does not undo it. */
const ADMIN_KEY_REFUSED: Record<Exclude<AdminKeyState, 'added' | 'known'>, string> = {
  revoked: 'it was revoked',
  expired: 'it has expired',
  'user-removed': 'an admin has removed the user it was made for',
  'user-demoted': 'the user it was made for is not an admin any more',
};

function sayAdminKey(state: AdminKeyState, logger: Logger): void {
  if (state === 'known') return;
  if (state === 'added') return logger.info('the key of SLUICE_ADMIN_KEY now works, as the user admin');
  logger.warn(
    `The key of SLUICE_ADMIN_KEY (or of admin.key in SLUICE_HOME) does not work: ${ADMIN_KEY_REFUSED[state]}. ` +
      'Make another key with "sluice keys create --name <name> --role admin".',
  );
}
