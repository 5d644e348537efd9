// Who keeps others from a table, for those who have waited for it in vain.
import type { Database } from './client.ts';
import { sessionName } from './connection.ts';
import { qualifiedName, type TableName } from './identifiers.ts';

/** Locks that keep rows from being written to the table at all, before those of single rows. */
const STRENGTHS = ['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock'];
/** Locks that every session has which writes rows, or holds some. */
const OF_ROWS = ['RowExclusiveLock', 'RowShareLock'];

interface Holder {
  readonly table: string;
  /** Null: a prepared transaction, which no session has. */
  readonly pid: number | null;
  /** As the session calls itself; may be empty, and is hidden from roles that may not know. */
  readonly program: string | null;
  /** When its transaction began; hidden likewise. */
  readonly since: Date | null;
}

/**
 * Tells who holds a lock on one of the tables, or on one that they refer to or are referred to by: of several the strongest, then
 * the oldest. Chunks that are landing in other slots do not count: they are soon done. A sentence's end, such as `a lock on people, held by pid 42 (psql) since 2026-11-28T07:00:00.000Z`.
 * @returns undefined when nobody does any more
 */
export async function describeLockHolder(
  db: Database,
  tables: readonly TableName[],
): Promise<string | undefined> {
  const { rows } = await db.$client.query<Holder>(
    `WITH landed AS (SELECT to_regclass(name)::oid AS oid FROM unnest($1::text[]) AS name),
          near AS (
            SELECT oid FROM landed
            UNION SELECT confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid IN (SELECT oid FROM landed)
            UNION SELECT conrelid FROM pg_constraint WHERE contype = 'f' AND confrelid IN (SELECT oid FROM landed))
     SELECT c.relname AS table, l.pid, a.application_name AS program, a.xact_start AS since
       FROM near JOIN pg_class c USING (oid)
       JOIN pg_locks l ON l.locktype = 'relation' AND l.relation = near.oid AND l.granted AND l.mode = ANY ($2)
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       LEFT JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.pid IS DISTINCT FROM pg_backend_pid() AND NOT (l.mode = ANY ($3) AND coalesce(a.application_name = $4, false))
      ORDER BY array_position($2, l.mode), a.xact_start LIMIT 1`,
    [tables.map(qualifiedName), [...STRENGTHS, ...OF_ROWS], OF_ROWS, sessionName('slot')],
  );
  const [holder] = rows;
  return holder && `a lock on ${holder.table}, held by ${describe(holder)}`;
}

function describe({ pid, program, since }: Holder): string {
  if (pid === null) return 'a prepared transaction (pg_prepared_xacts)';
  const name = program === null || program === '' ? '' : ` (${program})`;
  return `pid ${pid}${name}${since === null ? '' : ` since ${since.toISOString()}`}`;
}
