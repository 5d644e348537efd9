// Sessions of slots in which Postgres waits for the slot to send or to take something. Of an idle transaction Postgres itself
// sees when that lasts too long (connectionOptions); of a COPY, or of a statement half sent, it does not.
import { sql } from 'drizzle-orm';
import { sessionName } from './connection.ts';
import type { Database } from './client.ts';

/** A backend. Its process id is used again after its end; together with its start it is one and no other. */
export interface Session {
  readonly pid: number;
  /** As Postgres writes it. */
  readonly startedAt: string;
}

export interface SilentSession extends Session {
  /** Changes with each statement, and with each block of a COPY that arrives. */
  readonly progress: string;
}

/** Those of this database and this role that wait right now: for a moment each does. */
export async function listSilentSessions(db: Database): Promise<SilentSession[]> {
  const { rows } = await db.execute<SilentSession & Record<string, unknown>>(sql`
    SELECT a.pid, a.backend_start::text AS "startedAt",
           concat_ws(' ', a.xact_start, a.query_start, a.state_change, c.bytes_processed) AS progress
      FROM pg_stat_activity a LEFT JOIN pg_stat_progress_copy c ON c.pid = a.pid
     WHERE a.datname = current_database() AND a.usename = current_user
       AND a.application_name = ${sessionName('slot')}
       AND a.state = 'active' AND a.wait_event_type = 'Client'`);
  return rows;
}

/**
 * Ends a session that still waits; its transaction rolls back. Needs no more than to be the same role. Behind a pooler the session may have gone
 * over to somebody else meanwhile, who is left alone.
 * @returns false when it has ended, or waits no more
 */
export async function endSession(db: Database, { pid, startedAt }: Session): Promise<boolean> {
  const { rows } = await db.execute<{ ended: boolean }>(sql`
    SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
     WHERE pid = ${pid} AND backend_start = ${startedAt}::timestamptz AND usename = current_user
       AND application_name = ${sessionName('slot')} AND state = 'active' AND wait_event_type = 'Client'`);
  return rows[0]?.ended === true;
}
