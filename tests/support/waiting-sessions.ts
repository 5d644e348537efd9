import type pg from 'pg';
import { waitFor } from './wait-for.ts';

/** Until as many sessions of the database wait for a lock. */
export async function sessionsWaitForLock(pool: pg.Pool, sessions = 1): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length >= sessions || undefined;
    },
    { what: `${sessions} to wait for a lock` },
  );
}
