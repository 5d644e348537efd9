// Counts the tasks that have ended, a while after they have: by name and status, how long they waited and ran, and how many in which
// 10 seconds. So nobody has to read all tasks to know how many there are.
import { sql } from 'drizzle-orm';
import { TIME_BUCKETS_S } from '../../core/tasks/time-buckets.ts';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import type { Database } from '../client.ts';
import { inTransaction, type Connection } from '../transaction.ts';

/** A task that ends is seen by others at its commit: those whose commit takes longer are not counted. */
const LAG_MS = 3000;
/** After a time without workers, so much is counted in one transaction. */
const MOST_SECONDS = 60;
/** Of `task_rates`. */
const KEEP_SLICES_MINUTES = 60;

/** Read besides what is counted. */
const MOST_LATE = 50_000;

const BOUNDS = TIME_BUCKETS_S.join(', ');
/** `width_bucket` counts from the lower bound on; a bound is to belong to what is below it. */
const bucketOf = (seconds: string): string =>
  `(SELECT count(*) FROM unnest(ARRAY[${BOUNDS}]::float8[]) bound WHERE bound < ${seconds})::smallint`;

const COUNT = `
  WITH ended AS MATERIALIZED (
    SELECT queue, t.name, t.status, finished_at, coalesce(i.bytes, 0) AS bytes,
           coalesce((CASE WHEN queue = 'imports' THEN result ->> 'loaded' END)::bigint, 0) AS rows,
           greatest(0, extract(epoch FROM coalesce(claimed_at, started_at) - run_at))::float8 AS wait,
           greatest(0, extract(epoch FROM finished_at - coalesce(claimed_at, started_at)))::float8 AS run
      FROM sluice.tasks t LEFT JOIN sluice.imports i ON i.id = t.id AND t.queue = 'imports'
     WHERE finished_at > $1::timestamptz AND finished_at <= $2::timestamptz),
  totals AS (
    INSERT INTO sluice.task_totals AS t (queue, name, status, tasks, rows, bytes)
    SELECT queue, name, status, count(*), sum(rows), sum(bytes) FROM ended GROUP BY 1, 2, 3
    ON CONFLICT (queue, name, status)
    DO UPDATE SET tasks = t.tasks + excluded.tasks, rows = t.rows + excluded.rows, bytes = t.bytes + excluded.bytes),
  times AS (
    INSERT INTO sluice.task_times AS t (name, what, bucket, tasks, seconds)
    SELECT name, what, ${bucketOf('seconds')}, count(*), sum(seconds)
      FROM (SELECT name, 'wait' AS what, wait AS seconds FROM ended WHERE wait IS NOT NULL
            UNION ALL SELECT name, 'run', run FROM ended WHERE run IS NOT NULL) each
     GROUP BY 1, 2, 3
    ON CONFLICT (name, what, bucket) DO UPDATE SET tasks = t.tasks + excluded.tasks, seconds = t.seconds + excluded.seconds),
  rates AS (
    INSERT INTO sluice.task_rates AS t (slice, queue, tasks)
    SELECT to_timestamp(floor(extract(epoch FROM finished_at) / 10) * 10), queue, count(*) FROM ended GROUP BY 1, 2
    ON CONFLICT (slice, queue) DO UPDATE SET tasks = t.tasks + excluded.tasks),
  old AS (DELETE FROM sluice.task_rates WHERE slice < now() - interval '${KEEP_SLICES_MINUTES} minutes')
  UPDATE sluice.task_counting SET counted_to = $2::timestamptz`;

/** @returns whether there is more to count; false too when another worker is at it */
export async function countEnded(db: Connection): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { rows } = await tx.execute<{ from: string; to: string; isMore: boolean }>(sql`
      SELECT counted_to::text AS "from", least(latest, counted_to + ${MOST_SECONDS} * interval '1 second')::text AS "to",
             latest > counted_to + ${MOST_SECONDS} * interval '1 second' AS "isMore"
        FROM sluice.task_counting, date_trunc('milliseconds', now() - ${LAG_MS} * interval '1 millisecond') AS latest
       WHERE latest > counted_to FOR UPDATE OF task_counting SKIP LOCKED`);
    const [span] = rows;
    if (span === undefined) return false;
    await tx.$client.query(COUNT, [span.from, span.to]);
    return span.isMore;
  });
}

/** Tasks that have ended, since Sluice counts them: also those that were removed since. */
export interface TaskTotal {
  readonly [key: string]: unknown;
  readonly queue: string;
  readonly name: string;
  readonly status: TaskStatus;
  readonly tasks: number;
  /** Of imports: rows that landed, and bytes of their files as they were sent. */
  readonly rows: number;
  readonly bytes: number;
}

/** With those that have ended and are not counted yet, as far as they are not very many: then nobody counts, since no worker runs. */
export async function readTotals(db: Database): Promise<TaskTotal[]> {
  const { rows } = await db.execute<TaskTotal>(sql`
    SELECT queue, name, status, sum(tasks)::float8 AS tasks, sum(rows)::float8 AS rows, sum(bytes)::float8 AS bytes FROM (
      SELECT queue, name, status, tasks, rows, bytes FROM sluice.task_totals
      UNION ALL
      SELECT queue, name, status, count(*), 0, 0 FROM (
        SELECT queue, name, status FROM sluice.tasks WHERE finished_at > (SELECT counted_to FROM sluice.task_counting) LIMIT ${MOST_LATE}) late
       GROUP BY 1, 2, 3) AS all_totals
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`);
  return rows;
}

/** `tasks` times of one bucket, with their sum. */
export interface TimeBucket {
  readonly [key: string]: unknown;
  readonly name: string;
  readonly what: 'wait' | 'run';
  readonly bucket: number;
  readonly tasks: number;
  readonly seconds: number;
}

export async function readTimes(db: Database): Promise<TimeBucket[]> {
  const { rows } = await db.execute<TimeBucket>(
    sql`SELECT name, what, bucket, tasks::float8 AS tasks, seconds FROM sluice.task_times ORDER BY 1, 2, 3`,
  );
  return rows;
}
