// Counts the tasks that have ended, a while after they have: by name and status, how long they waited and ran, and how many in which
// 10 seconds. So nobody has to read all tasks to know how many there are.
import { sql } from 'drizzle-orm';
import { TIME_BUCKETS_S } from '../../core/tasks/time-buckets.ts';
import { inTransaction, type Connection } from '../transaction.ts';

/** A task that ends is seen by others at its commit: those whose commit takes longer are not counted. */
const LAG_MS = 3000;
/** After a time without workers, so much is counted in one transaction. */
const MOST_SECONDS = 60;
/** Of `task_rates`. */
const KEEP_SLICES_MINUTES = 60;

const BOUNDS = TIME_BUCKETS_S.join(', ');
/** `width_bucket` counts from the lower bound on; a bound is to belong to what is below it. */
const bucketOf = (seconds: string): string =>
  `(SELECT count(*) FROM unnest(ARRAY[${BOUNDS}]::float8[]) bound WHERE bound < ${seconds})::smallint`;

const COUNT = `
  WITH ended AS MATERIALIZED (
    SELECT queue, name, status, finished_at,
           greatest(0, extract(epoch FROM coalesce(claimed_at, started_at) - run_at))::float8 AS wait,
           greatest(0, extract(epoch FROM finished_at - coalesce(claimed_at, started_at)))::float8 AS run
      FROM sluice.tasks WHERE finished_at > $1::timestamptz AND finished_at <= $2::timestamptz),
  totals AS (
    INSERT INTO sluice.task_totals AS t (queue, name, status, tasks)
    SELECT queue, name, status, count(*) FROM ended GROUP BY 1, 2, 3
    ON CONFLICT (queue, name, status) DO UPDATE SET tasks = t.tasks + excluded.tasks),
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

/** How many have ended since they are counted. */
export async function readTotals(
  db: Connection,
): Promise<{ queue: string; name: string; status: string; tasks: number }[]> {
  const { rows } = await db.execute<{ queue: string; name: string; status: string; tasks: number }>(
    sql`SELECT queue, name, status, tasks::float8 AS tasks FROM sluice.task_totals ORDER BY 1, 2, 3`,
  );
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

export async function readTimes(db: Connection): Promise<TimeBucket[]> {
  const { rows } = await db.execute<TimeBucket>(
    sql`SELECT name, what, bucket, tasks::float8 AS tasks, seconds FROM sluice.task_times ORDER BY 1, 2, 3`,
  );
  return rows;
}
