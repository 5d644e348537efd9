// The outbox: what webhooks are to be told of tasks, written by the statement that moves them. Of new tasks a trigger tells
// (sluice.tell_created), because other programs record them too.

/**
 * SQL of a part of WITH. Each statement that may end tasks has it, so that there is a delivery if and only if the end was committed. Without
 * an enabled webhook it costs one look into a small table, however many tasks the statement ends.
 * @param moved the part of WITH that has moved the tasks, with `id`, `name`, `queue`, `status` (also those that are not final), `finished_at`, `error` and `result`
 */
export function tellEnded(moved: string): string {
  return `told AS (${insertEnded(moved)})`;
}

/** The same without its name. */
export function insertEnded(moved: string): string {
  const event = `CASE WHEN m.status IN ('succeeded', 'failed', 'cancelled') THEN m.status END`;
  return insertEvents({ moved, event, time: 'm.finished_at', error: 'm.error', result: 'm.result' });
}

/**
 * The same of a statement that ends attempts: also of tasks that are tried again because the attempt has failed.
 * @param moved has `start`, `outcome` and `problem` (the error of the attempt) too
 */
export function tellEndedAttempts(moved: string): string {
  const event = `CASE WHEN m.status = 'failed' THEN 'failed' WHEN m.status = 'queued' AND m.outcome IN ('failed', 'timed-out', 'lost') THEN 'retried' END`;
  return `told AS (${insertEvents({
    moved,
    event,
    start: `CASE WHEN m.status = 'queued' THEN m.start END`,
    time: 'coalesce(m.finished_at, clock_timestamp())',
    error: 'm.problem',
    result: 'NULL',
  })})`;
}

const OF_STARTS = `ARRAY['*', 'import.*', 'task.*', 'import.started', 'task.started']`;
const OF_ENDS = `ARRAY['*', 'task.*', 'task.succeeded']`;

/** SQL of a part of WITH, without its name, of a statement that has one task begin. @param begunAt SQL of one of `moved`, `m` */
export function insertStarted(moved: string, begunAt: string): string {
  const wanted = `AND events && ${OF_STARTS}`;
  return insertEvents({ moved, event: `'started'`, time: begunAt, error: 'NULL', result: 'NULL', wanted });
}

/**
 * SQL of a column of RETURNING, for statements that have many tasks begin, again and again: unless a webhook asks, it costs one look into a
 * small table for all of them, and the plan stays as small as without.
 * @param task the alias of the task @param begunAt SQL: when it began for the first time; null: it had begun before
 */
export function tellStarted(task: string, begunAt: string): string {
  return tellOfRow(task, { event: 'started', time: begunAt, wanted: OF_STARTS });
}

/** The same of tasks that have succeeded; of other tasks than imports. */
export function tellSucceeded(task: string): string {
  return tellOfRow(task, { event: 'succeeded', time: `${task}.finished_at`, wanted: OF_ENDS });
}

function tellOfRow(
  task: string,
  { event, time, wanted }: { readonly event: string; readonly time: string; readonly wanted: string },
): string {
  return `CASE WHEN (SELECT EXISTS (SELECT FROM sluice.webhooks WHERE enabled AND events && ${wanted})) AND ${time} IS NOT NULL
        THEN sluice.tell_event(${task}.id, ${task}.name, ${task}.queue, '${event}', ${time}) END AS told`;
}

interface Told {
  readonly moved: string;
  /** SQL of `m`, a task: what it is told of; null: nothing. */
  readonly event: string;
  /** Of what may happen several times to a task: which of its starts. */
  readonly start?: string;
  readonly time: string;
  readonly error: string;
  readonly result: string;
  /** Which webhooks may want it. */
  readonly wanted?: string;
}

function insertEvents({ moved, event, start = 'NULL', time, error, result, wanted = '' }: Told): string {
  return `
    INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload)
    SELECT sluice.uuid_v7(), d.webhook_id, d.event_id, d.type, d.payload
      FROM ${moved} m, LATERAL sluice.events_of(m.id, m.name, m.queue, ${event}, ${start}, ${time}, ${error}, ${result}) d
     WHERE (SELECT EXISTS (SELECT FROM sluice.webhooks WHERE enabled ${wanted}))`;
}
