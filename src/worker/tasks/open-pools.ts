// The connections that tasks are claimed, written and run with.
import type pg from 'pg';
import { openPool, type PostgresAddress } from '../../db/connection.ts';
import { NO_LIMIT, type SessionSettings } from '../../db/session-settings.ts';
import type { Logger } from '../../logger.ts';

/**
 * All that is asked by these goes by an index, in its order. Postgres keeps a statement's plan for minutes, and plans it for the tables as
 * they are then: one that is made while nearly no tasks are there would read and sort all of them at each claim when a hundred thousand wait.
 * Older versions take a plan that cannot do without what is off here for so costly that they compile it.
 */
const BY_INDEX: SessionSettings = {
  enable_seqscan: 'off',
  enable_sort: 'off',
  enable_incremental_sort: 'off',
  jit: 'off',
};
/** A claim that Postgres forgets in a crash is made again: it need not wait for the disk. */
const NEED_NOT_LAST: SessionSettings = { synchronous_commit: 'off' };

/** For claims alone, which are made one after the other. */
export function openClaims(address: PostgresAddress, logger: Logger): pg.Pool {
  return openPool(address, 'claims', { max: 1, settings: { ...BY_INDEX, ...NEED_NOT_LAST }, logger });
}

/** For what is written of attempts. */
export function openWrites(address: PostgresAddress, max: number, logger: Logger): pg.Pool {
  return openPool(address, 'tasks', { max, settings: BY_INDEX, logger });
}

/** For `ctx.db`: a task may do other things between its statements, and with its session what it likes. */
export function openTransactions(address: PostgresAddress, max: number, logger: Logger): pg.Pool {
  return openPool(address, 'task', {
    max,
    settings: { idle_in_transaction_session_timeout: NO_LIMIT },
    logger,
  });
}
