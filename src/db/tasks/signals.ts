// Signals to tasks, from both sides. What each statement does is told where it is written, in the migrations.
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';
import type { AttemptKey } from './settle.ts';

const SEND = prepared('SELECT sluice.send_signal($1, $2, $3::json, $4) AS no');

/**
 * Sends a signal; it is kept until the task waits for it.
 * @param payload JSON
 * @returns its number among those of the task; undefined when the task is not there, has ended, or is an import or undo
 */
export async function sendSignal(
  client: Queryable,
  taskId: string,
  name: string,
  payload: string,
  sentBy: string | null,
): Promise<number | undefined> {
  const { rows } = await client.query<{ no: number | null }>({
    ...SEND,
    values: [taskId, name, payload, sentBy],
  });
  return rows[0]?.no ?? undefined;
}

/** How a wait for a signal stands. */
export type Wait =
  | { readonly state: 'signal'; readonly payload: string }
  | { readonly state: 'timeout' }
  /** `signals`: of how many the task knows. `waitMs`: null for as long as it takes. */
  | { readonly state: 'waiting'; readonly signals: number; readonly waitMs: number | null }
  /** The time of the attempt is over. */
  | { readonly state: 'over' };

const WAIT = prepared(
  'SELECT state, payload, signals, wait_ms AS "waitMs" FROM sluice.wait_for_signal($1, $2, $3, $4, $5)',
);

/** @param no counts the task's waits for this name, from 1 on @param timeoutMs counts from the first attempt that waits; null: none */
export async function waitForSignal(
  client: Queryable,
  { id, start }: AttemptKey,
  name: string,
  no: number,
  timeoutMs: number | null,
): Promise<Wait> {
  const { rows } = await client.query<Wait & Record<string, unknown>>({
    ...WAIT,
    values: [id, start, name, no, timeoutMs],
  });
  return rows[0]!;
}
