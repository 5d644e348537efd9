// Cancels of many tasks in one statement; the status of each is guarded as that of one (db/tasks/tasks.ts).
import { IMPORT } from '../../core/tasks/task-kinds.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';
import { tellEnded } from '../webhooks/tell-webhooks.ts';

const CANCEL = prepared(`
  WITH moved AS (
    UPDATE sluice.tasks
       SET status = CASE status WHEN 'queued' THEN 'cancelled' ELSE 'cancelling' END,
           finished_at = CASE status WHEN 'queued' THEN clock_timestamp() END,
           waiting_for = CASE status WHEN 'queued' THEN NULL ELSE waiting_for END,
           cancel_options = CASE name WHEN '${IMPORT.name}' THEN '{"rows": "keep"}'::jsonb ELSE '{}'::jsonb END,
           cancelled_by = $2, version = version + 1
     WHERE id = ANY($1::uuid[]) AND status IN ('queued', 'running')
    RETURNING id, name, queue, status, finished_at, error, result),
  ${tellEnded('moved')}
  SELECT count(*) FILTER (WHERE status = 'cancelled')::int AS cancelled, count(*) FILTER (WHERE status = 'cancelling')::int AS cancelling FROM moved`);

export interface CancelledTasks {
  /** Had not begun, and have ended. */
  readonly cancelled: number;
  /** Run, and are being stopped. */
  readonly cancelling: number;
}

/** Rows of imports that have landed are kept. Tasks that have ended, or are being cancelled already, are left alone. */
export async function cancelTasks(
  client: Queryable,
  ids: readonly string[],
  cancelledBy: string,
): Promise<CancelledTasks> {
  const { rows } = await client.query<CancelledTasks>({ ...CANCEL, values: [ids, cancelledBy] });
  return rows[0]!;
}
