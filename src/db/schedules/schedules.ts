// Schedules: reading them, and changing them so that what is due stays due.
import { desc, eq, getTableColumns, lt, sql, type SQL } from 'drizzle-orm';
import { nextRun } from '../../core/schedules/next-run.ts';
import { invalid, parseRule, type Timing } from '../../core/schedules/rule.ts';
import { parseExact } from '../../core/tasks/exact-json.ts';
import { isUuid } from '../../core/uuid.ts';
import { AppError } from '../../errors.ts';
import { creators, toCreator, type Creator } from '../access/users.ts';
import type { Database } from '../client.ts';
import { databaseError } from '../errors.ts';
import { schedules } from '../schema/schedules.ts';
import type { NewTask } from '../tasks/enqueue.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';

type Columns = typeof schedules.$inferSelect;

/** What people say of a schedule. */
export interface ScheduleDefinition extends Pick<
  Columns,
  | 'name'
  | 'cron'
  | 'every'
  | 'at'
  | 'timeZone'
  | 'startAt'
  | 'endAt'
  | 'misfire'
  | 'enabled'
  | 'taskName'
  | 'taskOptions'
> {
  /** JSON text: numbers keep their digits. */
  readonly taskArgs: string;
}

export interface ScheduleRow
  extends Omit<Columns, 'taskArgs' | 'createdBy'>, Pick<ScheduleDefinition, 'taskArgs'> {
  readonly createdBy: Creator;
}

const { taskArgs: _, ...columns } = getTableColumns(schedules);
/** What a statement gives of a schedule. */
const COLUMNS = { ...columns, taskArgs: sql<string>`${schedules.taskArgs}::text` };

/** By its id or its name; a name is never a UUID. */
const isKey = (key: string): SQL => (isUuid(key) ? eq(schedules.id, key) : eq(schedules.name, key));

function selectSchedules(db: Database) {
  return db
    .select({ schedule: COLUMNS, creatorName: creators.name })
    .from(schedules)
    .leftJoin(creators, eq(creators.id, schedules.createdBy))
    .$dynamic();
}

type Selected = { schedule: Omit<Columns, 'taskArgs'> & { taskArgs: string }; creatorName: string | null };

function toRow({ schedule, creatorName }: Selected): ScheduleRow {
  return { ...schedule, createdBy: toCreator(schedule.createdBy, creatorName) };
}

/** @param key its id or its name */
export async function findSchedule(db: Database, key: string): Promise<ScheduleRow | undefined> {
  const [row] = await selectSchedules(db).where(isKey(key));
  return row && toRow(row);
}

/** Newest first; those before `beforeId`. */
export async function listSchedules(
  db: Database,
  page: { readonly limit: number; readonly beforeId: string | undefined },
): Promise<ScheduleRow[]> {
  const rows = await selectSchedules(db)
    .where(page.beforeId === undefined ? undefined : lt(schedules.id, page.beforeId))
    .orderBy(desc(schedules.id))
    .limit(page.limit);
  return rows.map(toRow);
}

/** @returns what was deleted, if it was there; tasks that it has made stay */
export async function deleteSchedule(
  db: Database,
  key: string,
): Promise<{ readonly id: string; readonly name: string } | undefined> {
  const [row] = await db
    .delete(schedules)
    .where(isKey(key))
    .returning({ id: schedules.id, name: schedules.name });
  return row;
}

/** The task that it makes. @param id UUID v7 */
export function taskOf(
  id: string,
  { taskName, taskArgs, taskOptions }: Pick<ScheduleDefinition, 'taskName' | 'taskArgs' | 'taskOptions'>,
): NewTask {
  return { id, name: taskName, args: parseExact(taskArgs) as NewTask['args'], options: taskOptions };
}

/** What `parseRule` reads. */
export function timingOf(
  definition: Pick<ScheduleDefinition, 'cron' | 'every' | 'at' | 'timeZone' | 'startAt' | 'endAt'>,
): Timing {
  const { cron, every, at, timeZone, startAt, endAt } = definition;
  return {
    cron: cron ?? undefined,
    every: every ?? undefined,
    at: at ?? undefined,
    timeZone,
    startAt: startAt ?? undefined,
    endAt: endAt ?? undefined,
  };
}

/**
 * @param added is called in the transaction
 * @throws AppError SCHEDULE_INVALID; CONFLICT when the name is taken
 */
export async function addSchedule(
  db: Connection,
  id: string,
  definition: ScheduleDefinition,
  userId: string,
  added: (tx: Tx) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await withOwnName(definition.name, () =>
    inTransaction(db, async (tx) => {
      const now = await clock(tx);
      await tx.insert(schedules).values({
        ...values(definition),
        ...planned(definition, now),
        id,
        createdAt: now,
        createdBy: userId,
        updatedAt: now,
        updatedBy: userId,
      });
      await added(tx);
    }),
  );
}

/**
 * Changes a schedule. What is the same stays as it is; when nothing is different, nothing is written. A run that is due and has not
 * been made yet is still made, also when the change is of its times.
 * @param change gives the whole definition; what it throws changes nothing
 * @param changed is called in the transaction, if something was written
 * @returns undefined when there is no such schedule
 * @throws AppError SCHEDULE_INVALID; CONFLICT when the name is taken
 */
export async function changeSchedule(
  db: Connection,
  key: string,
  change: (now: ScheduleDefinition) => ScheduleDefinition,
  userId: string,
  changed: (tx: Tx, id: string) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly id: string } | undefined> {
  return inTransaction(db, async (tx) => {
    const [row] = await tx.select(COLUMNS).from(schedules).where(isKey(key)).for('update');
    if (row === undefined) return undefined;
    const definition = change(row);
    const now = await clock(tx);
    const set = { ...values(definition), ...replanned(row, definition, now) };
    const { rowCount } = await withOwnName(definition.name, () =>
      tx
        .update(schedules)
        .set({ ...set, updatedAt: now, updatedBy: userId })
        .where(sql`${schedules.id} = ${row.id} AND ${differs(definition)}`),
    );
    if (rowCount === 1) await changed(tx, row.id);
    return { id: row.id };
  });
}

function values(definition: ScheduleDefinition) {
  const { taskArgs, ...rest } = pickDefinition(definition);
  return { ...rest, taskArgs: sql`${taskArgs}::jsonb` };
}

/** Rows have more than that. */
function pickDefinition(definition: ScheduleDefinition): ScheduleDefinition {
  const { name, cron, every, at, timeZone, startAt, endAt } = definition;
  const { misfire, enabled, taskName, taskArgs, taskOptions } = definition;
  return {
    name,
    cron,
    every,
    at,
    timeZone,
    startAt,
    endAt,
    misfire,
    enabled,
    taskName,
    taskArgs,
    taskOptions,
  };
}

/** Compared by Postgres, so that big numbers in arguments are told apart. */
function differs(definition: ScheduleDefinition): SQL {
  const { taskArgs, taskOptions, ...plain } = pickDefinition(definition);
  const pairs = Object.entries(plain).map(([name, value]) => {
    const column = schedules[name as keyof typeof plain];
    return sql`${column} IS DISTINCT FROM ${sql.param(value, column)}`;
  });
  return sql`(${sql.join(
    [
      ...pairs,
      sql`${schedules.taskArgs} <> ${taskArgs}::jsonb`,
      sql`${schedules.taskOptions} <> ${JSON.stringify(taskOptions)}::jsonb`,
    ],
    sql` OR `,
  )})`;
}

interface Plan {
  readonly timedAt: Date;
  readonly nextRunAt: Date | null;
  readonly plannedAt: Date;
}

/** Of times that are given now. */
function planned(definition: ScheduleDefinition, now: Date): Plan {
  return { timedAt: now, nextRunAt: firstRun(definition, now, now), plannedAt: now };
}

function replanned(row: ScheduleDefinition & Plan, definition: ScheduleDefinition, now: Date): Plan {
  const isTimedAnew = JSON.stringify(timingOf(row)) !== JSON.stringify(timingOf(definition));
  const isRunning = row.enabled && definition.enabled;
  if (isRunning && !isTimedAnew) {
    const { timedAt, nextRunAt, plannedAt } = row;
    return { timedAt, nextRunAt, plannedAt };
  }
  const isDue = isRunning && row.nextRunAt !== null && row.nextRunAt <= now;
  const timedAt = isTimedAnew ? now : row.timedAt;
  const next = firstRun(definition, timedAt, now);
  return { timedAt, nextRunAt: isDue ? row.nextRunAt : next, plannedAt: now };
}

/** @throws AppError SCHEDULE_INVALID, also when it is enabled and would never run */
function firstRun(definition: ScheduleDefinition, timedAt: Date, now: Date): Date | null {
  const rule = parseRule(timingOf(definition), timedAt);
  if (!definition.enabled) return null;
  const next = nextRun(rule, now.getTime());
  if (next !== undefined) return new Date(next);
  const name = definition.at === null ? 'endAt' : 'at';
  throw invalid([
    {
      pointer: `/${name}`,
      detail: `${name}: there is no run any more after now, which is ${now.toISOString()}; give a later time, or "enabled": false`,
    },
  ]);
}

async function clock(tx: Tx): Promise<Date> {
  const { rows } = await tx.execute<{ now: Date }>(sql`SELECT clock_timestamp()::timestamptz(3) AS now`);
  return new Date(rows[0]!.now);
}

async function withOwnName<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (databaseError(error)?.constraint !== 'schedules_name_key') throw error;
    throw new AppError(
      'CONFLICT',
      `There is a schedule "${name}" already. Change it, or choose another name.`,
      {},
      { cause: error },
    );
  }
}
