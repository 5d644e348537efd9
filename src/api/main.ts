// The API process: opens what the app stands on, listens, and closes all of it in order.
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { requireConnections, type Config } from '../config/config.ts';
import { ensureAdminKey } from '../db/access/api-keys.ts';
import { databaseError, isUnavailable, SQLSTATE } from '../db/errors.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../logger.ts';
import { onStop } from '../shutdown.ts';
import { buildApp } from './app.ts';
import type { ApiDeps } from './deps.ts';
import { closeDeps, openDeps } from './open-deps.ts';

const RETRY_MS = 1000;
/** Postgres: there is no such table, or schema. */
const NOT_MIGRATED = [SQLSTATE.undefinedTable, SQLSTATE.invalidSchemaName] as string[];

/**
 * Resolves when it listens and SLUICE_ADMIN_KEY opens it; the process then runs until it is told to stop.
 * @throws AppError CONFIG_INVALID, or what listening says (port in use); nothing is left open then
 */
export async function runApi(config: Config): Promise<void> {
  requireConnections(config);
  // V8 may decide, by what it sees at the start, that what streams allocate for each piece of a body lives long, and puts it where it is
  // collected late: an upload of gigabytes then leaves tens of megabytes of it.
  setFlagsFromString('--no-allocation-site-pretenuring');
  const deps = openDeps(config, createLogger(config, 'api'));
  const { logger } = deps;
  const app = await buildApp(deps);
  const stopping = new AbortController();
  const close = async () => {
    stopping.abort();
    await app.close();
    await closeDeps(deps);
  };
  try {
    // Before it listens if that can be, so that whoever finds it ready can use the key.
    const added = await tryAdminKey(deps);
    await app.listen({
      port: config.port,
      host: config.host,
      listenTextResolver: (at) => `listening on ${at}`,
    });
    onStop({ logger, graceMs: config.shutdownGraceMs }, close);
    if (!added) await addAdminKey(deps, stopping.signal);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Without Postgres the API answers 503 and waits for it, rather than being started again and again. */
async function addAdminKey(deps: ApiDeps, signal: AbortSignal): Promise<void> {
  deps.logger.warn('Postgres cannot be reached; trying again until it can');
  while (!signal.aborted) {
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || (await tryAdminKey(deps))) return;
  }
}

/** @returns false when Postgres is away. @throws AppError CONFIG_INVALID when the database has no tables of Sluice */
async function tryAdminKey({ config, database, logger }: ApiDeps): Promise<boolean> {
  if (config.adminKey === undefined) return true;
  try {
    if (await ensureAdminKey(database.db, config.adminKey))
      logger.info('the key of SLUICE_ADMIN_KEY now opens the API as the user admin');
    return true;
  } catch (error) {
    if (isUnavailable(error)) return false;
    if (!NOT_MIGRATED.includes(databaseError(error)?.code ?? '')) throw error;
    throw new AppError('CONFIG_INVALID', 'The database has no tables of Sluice yet. Run "sluice migrate".');
  }
}
