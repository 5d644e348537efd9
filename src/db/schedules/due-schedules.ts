// What the worker that leads does with schedules that are due. Each function is a step of one transaction; times are by the clock of Postgres.
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { scheduleRuns, schedules } from '../schema/schedules.ts';
import type { Tx } from '../transaction.ts';
import type { ScheduleDefinition } from './schedules.ts';

/** Any number that no other lock of this kind has. */
const LEADER_LOCK = 7_305_061_842;

/** A plan from the future shows that the clock was put back; less than that is a server that took over from another. */
const PUT_BACK = sql`interval '5 seconds'`;

const NOW = sql`(SELECT clock_timestamp())`;

/**
 * Milliseconds until a schedule is due, 0 or less when one is; undefined when none will be.
 * @param except ids of schedules to leave out
 */
export async function dueInMs(db: Database, except: readonly string[]): Promise<number | undefined> {
  const { rows } = await db.execute<{ due_in: number | null }>(sql`
    SELECT CASE WHEN EXISTS (
      SELECT FROM ${schedules} WHERE enabled AND planned_at > ${NOW} + ${PUT_BACK} AND ${isNot(except)}) THEN 0
    ELSE (
      SELECT (extract(epoch FROM min(next_run_at) - clock_timestamp()) * 1000)::float8
        FROM ${schedules} WHERE enabled AND ${isNot(except)}) END AS due_in`);
  return rows[0]!.due_in ?? undefined;
}

/** Whether this transaction leads until its end; another one does otherwise. */
export async function lead(tx: Tx): Promise<boolean> {
  const { rows } = await tx.execute<{ leads: boolean }>(
    sql`SELECT pg_try_advisory_xact_lock(${LEADER_LOCK}) AS leads`,
  );
  return rows[0]!.leads;
}

export interface DueSchedule extends Omit<ScheduleDefinition, 'enabled'> {
  readonly id: string;
  readonly timedAt: Date;
  /** Null, or later than `now`, when it is here because the clock was put back. */
  readonly nextRunAt: Date | null;
  readonly createdBy: string | null;
  readonly now: Date;
}

/** Takes schedules that are due, and those whose next run was found by a clock that has been put back since. */
export async function takeDueSchedules(
  tx: Tx,
  limit: number,
  except: readonly string[],
): Promise<DueSchedule[]> {
  return tx
    .select({
      id: schedules.id,
      name: schedules.name,
      cron: schedules.cron,
      every: schedules.every,
      at: schedules.at,
      timeZone: schedules.timeZone,
      startAt: schedules.startAt,
      endAt: schedules.endAt,
      timedAt: schedules.timedAt,
      misfire: schedules.misfire,
      taskName: schedules.taskName,
      taskArgs: sql<string>`task_args::text`,
      taskOptions: schedules.taskOptions,
      nextRunAt: schedules.nextRunAt,
      createdBy: schedules.createdBy,
      now: sql`${NOW}`.mapWith(schedules.plannedAt),
    })
    .from(schedules)
    .where(sql`enabled AND (next_run_at <= ${NOW} OR planned_at > ${NOW} + ${PUT_BACK}) AND ${isNot(except)}`)
    .orderBy(schedules.nextRunAt)
    .limit(limit)
    .for('update', { skipLocked: true });
}

export interface ScheduleRun {
  /** UUID v7, and the id of its task. */
  readonly id: string;
  readonly scheduleId: string;
  readonly dueAt: Date;
}

/** Notes runs. @returns the ids of those that were not made before: a due time is run once */
export async function recordRuns(tx: Tx, runs: readonly ScheduleRun[]): Promise<Set<string>> {
  if (runs.length === 0) return new Set();
  // As one parameter: there may be more runs than a statement takes parameters.
  const { rows: made } = await tx.execute<{ id: string }>(sql`
    INSERT INTO ${scheduleRuns} (id, schedule_id, task_id, due_at)
    SELECT id, "scheduleId", id, "dueAt"
      FROM json_to_recordset(${JSON.stringify(runs)}::json) AS run(id uuid, "scheduleId" uuid, "dueAt" timestamptz)
    ON CONFLICT DO NOTHING RETURNING id`);
  return new Set(made.map(({ id }) => id));
}

/** Notes a run that somebody has asked for. */
export async function recordRunByHand(
  tx: Tx,
  run: { readonly id: string; readonly scheduleId: string; readonly taskId: string },
): Promise<void> {
  await tx.insert(scheduleRuns).values(run);
  await tx.execute(sql`UPDATE ${schedules} SET last_run_at = clock_timestamp() WHERE id = ${run.scheduleId}`);
}

/** Notes that the task of a run was not recorded, because another one has its unique key. */
export async function setTaskOfRun(tx: Tx, id: string, taskId: string): Promise<void> {
  await tx.update(scheduleRuns).set({ taskId }).where(eq(scheduleRuns.id, id));
}

export interface NextRun {
  readonly id: string;
  /** Undefined when it runs no more. */
  readonly nextRunAt: Date | undefined;
  /** When this was found. */
  readonly plannedAt: Date;
  readonly hasRun: boolean;
}

export async function setNextRuns(tx: Tx, next: readonly NextRun[]): Promise<void> {
  if (next.length === 0) return;
  await tx.execute(sql`
    UPDATE ${schedules} s
       SET next_run_at = n."nextRunAt", planned_at = n."plannedAt",
           last_run_at = CASE WHEN n."hasRun" THEN n."plannedAt" ELSE s.last_run_at END
      FROM json_to_recordset(${JSON.stringify(next)}::json)
        AS n(id uuid, "nextRunAt" timestamptz, "plannedAt" timestamptz, "hasRun" boolean)
     WHERE s.id = n.id`);
}

function isNot(ids: readonly string[]) {
  return sql`id <> ALL(${sql.param(ids)}::uuid[])`;
}
