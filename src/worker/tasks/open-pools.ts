// The connections that tasks are claimed, written and run with.
import pg from 'pg';
import { connectionOptions, NO_LIMIT, PreparingClient } from '../../db/connection.ts';
import type { Logger } from '../../logger.ts';

/**
 * All that is asked by these goes by an index, in its order. Postgres keeps a statement's plan for minutes, and plans it for the tables as
 * they are then: one that is made while nearly no tasks are there would read and sort all of them at each claim when a hundred thousand wait.
 * Older versions take a plan that cannot do without what is off here for so costly that they compile it.
 */
const BY_INDEX = '-c enable_seqscan=off -c enable_sort=off -c enable_incremental_sort=off -c jit=off';
/** A claim that Postgres forgets in a crash is made again: it need not wait for the disk. */
const NEED_NOT_LAST = '-c synchronous_commit=off';

/** For claims alone, which are made one after the other. */
export function openClaims(databaseUrl: string, logger: Logger): pg.Pool {
  return openPool(databaseUrl, 'claims', { max: 1, settings: `${BY_INDEX} ${NEED_NOT_LAST}`, logger });
}

/** For what is written of attempts. */
export function openWrites(databaseUrl: string, max: number, logger: Logger): pg.Pool {
  return openPool(databaseUrl, 'tasks', { max, settings: BY_INDEX, logger });
}

/** For `ctx.db`: a task may do other things between its statements. */
export function openTransactions(databaseUrl: string, max: number, logger: Logger): pg.Pool {
  return openPool(databaseUrl, 'task', { max, idleInTransactionMs: NO_LIMIT, logger });
}

function openPool(
  databaseUrl: string,
  name: string,
  options: {
    readonly max: number;
    readonly settings?: string;
    readonly idleInTransactionMs?: number;
    readonly logger: Logger;
  },
): pg.Pool {
  const base = connectionOptions(databaseUrl, name, options.idleInTransactionMs);
  const pool = new pg.Pool({
    ...base,
    options: `${base.options ?? ''} ${options.settings ?? ''}`,
    max: options.max,
    Client: PreparingClient,
  });
  pool.on('error', ({ message }) =>
    options.logger.debug({ reason: message }, 'an idle Postgres connection was lost'),
  );
  // One that is in use tells by the query that fails; without a listener the event would end the process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}
