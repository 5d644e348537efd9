// What tasks keep while they run: the results of steps, and how far a loop has come. Each write is fenced: an attempt whose time is over
// keeps nothing.
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';
import type { AttemptKey } from './settle.ts';

const FIND_STEP = prepared('SELECT result::text FROM sluice.task_steps WHERE task_id = $1 AND name = $2');

/** @returns the JSON that the step has given; undefined when it has not ended in any attempt */
export async function findStep(client: Queryable, taskId: string, name: string): Promise<string | undefined> {
  const { rows } = await client.query<{ result: string }>({ ...FIND_STEP, values: [taskId, name] });
  return rows[0]?.result;
}

const SAVE_STEP = prepared(`
  WITH saved AS (
    INSERT INTO sluice.task_steps (task_id, name, result, start)
    SELECT id, $3, $4::json, starts FROM sluice.tasks WHERE id = $1 AND starts = $2 AND status = 'running'
    ON CONFLICT DO NOTHING RETURNING start)
  SELECT start FROM saved UNION ALL SELECT start FROM sluice.task_steps WHERE task_id = $1 AND name = $3 AND start = $2`);

/** By itself, at once. @param result JSON @returns false when the time of the attempt is over */
export async function saveStep(
  client: Queryable,
  { id, start }: AttemptKey,
  name: string,
  result: string,
): Promise<boolean> {
  const { rowCount } = await client.query({ ...SAVE_STEP, values: [id, start, name, result] });
  return rowCount !== 0;
}

const FIND_CURSOR = prepared('SELECT cursor::text FROM sluice.task_cursors WHERE task_id = $1');

/** @returns JSON; undefined when none was kept */
export async function findCursor(client: Queryable, taskId: string): Promise<string | undefined> {
  const { rows } = await client.query<{ cursor: string }>({ ...FIND_CURSOR, values: [taskId] });
  return rows[0]?.cursor;
}

// The share lock holds off a cancel until the end of the transaction, where there is one.
const SAVE_CURSOR = prepared(`
  INSERT INTO sluice.task_cursors AS c (task_id, cursor)
  SELECT id, $3::json FROM (SELECT id FROM sluice.tasks WHERE id = $1 AND starts = $2 AND status = 'running' FOR SHARE) t
  ON CONFLICT (task_id) DO UPDATE SET cursor = excluded.cursor, updated_at = now()`);

/** @param cursor JSON @returns false when the time of the attempt is over */
export async function saveCursor(
  client: Queryable,
  { id, start }: AttemptKey,
  cursor: string,
): Promise<boolean> {
  const { rowCount } = await client.query({ ...SAVE_CURSOR, values: [id, start, cursor] });
  return rowCount !== 0;
}
