// Whose turn a duty is that one worker does for all, such as listing the whole storage. By the clock of Postgres.
import { sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { dutyTurns } from '../schema/workers.ts';

export interface Turn {
  readonly duty: string;
  readonly workerId: string;
}

/**
 * Takes the turn, if nobody has it and it is due.
 * @param forMs until when nobody else takes it
 * @param longestMs nothing was put off for longer than this: a turn that is to come later than that was set by a clock that has been put back
 */
export async function takeTurn(
  db: Database,
  { duty, workerId }: Turn,
  forMs: number,
  longestMs: number,
): Promise<boolean> {
  const { rows } = await db.execute(sql`
    INSERT INTO ${dutyTurns} AS t (name, worker_id, next_at)
    VALUES (${duty}, ${workerId}, now() + ${forMs} * interval '1 millisecond')
    ON CONFLICT (name) DO UPDATE SET worker_id = excluded.worker_id, next_at = excluded.next_at
     WHERE t.next_at <= now() OR t.next_at > now() + ${longestMs} * interval '1 millisecond'
    RETURNING name`);
  return rows.length > 0;
}

/** Puts the next turn off, if this worker still has it. */
export async function putOffTurn(db: Database, { duty, workerId }: Turn, byMs: number): Promise<void> {
  await db.execute(sql`
    UPDATE ${dutyTurns} SET next_at = now() + ${byMs} * interval '1 millisecond'
     WHERE name = ${duty} AND worker_id = ${workerId}`);
}
