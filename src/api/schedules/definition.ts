// From the body of a request to what is recorded of a schedule.
import type { Static } from '@fastify/type-provider-typebox';
import { durationMs } from '../../core/tasks/duration.ts';
import { stringifyExact } from '../../core/tasks/exact-json.ts';
import { invalid } from '../../core/schedules/rule.ts';
import { isUuid } from '../../core/uuid.ts';
import type { ScheduleDefinition } from '../../db/schedules/schedules.ts';
import { recordedOptions, type AskedTask } from '../tasks/check-tasks.ts';
import type { NewSchedule, ScheduleChange } from './request-schemas.ts';

/** A body that is sound, with the big integers of its task's arguments. */
type Exact<T> = Omit<T, 'task'> & { readonly task: AskedTask };
type Body = Exact<Static<typeof NewSchedule>>;
type Change = Omit<Static<typeof ScheduleChange>, 'task'> & { readonly task?: AskedTask | undefined };

export const DEFAULTS = { timeZone: 'UTC', misfire: 'one', enabled: true } as const;

/** Milliseconds are kept as a text too. */
export function everyText(every: string | number | null | undefined): string | null {
  return typeof every === 'number' ? `${every}ms` : (every ?? null);
}

export function instantOf(text: string | null | undefined): Date | null {
  return text === undefined || text === null ? null : new Date(text);
}

/** @throws AppError SCHEDULE_INVALID */
export function definitionOf(body: Body): ScheduleDefinition {
  const { name, cron, every, at, timeZone, startAt, endAt, misfire, enabled, task } = body;
  return {
    name: checkedName(name),
    cron: cron ?? null,
    every: everyText(every),
    at: instantOf(at),
    timeZone: timeZone ?? DEFAULTS.timeZone,
    startAt: instantOf(startAt),
    endAt: instantOf(endAt),
    misfire: misfire ?? DEFAULTS.misfire,
    enabled: enabled ?? DEFAULTS.enabled,
    ...taskOf(task),
  };
}

/** @throws AppError SCHEDULE_INVALID */
export function changedDefinition(now: ScheduleDefinition, change: Change): ScheduleDefinition {
  const { name, cron, every, at, timeZone, startAt, endAt, misfire, enabled, task } = change;
  const isTimedAnew = [cron, every, at].some((each) => each !== undefined && each !== null);
  const timing = isTimedAnew ? { cron: null, every: null, at: null } : now;
  return {
    name: name === undefined ? now.name : checkedName(name),
    cron: cron === undefined ? timing.cron : cron,
    every: every === undefined ? timing.every : everyText(every),
    at: at === undefined ? timing.at : instantOf(at),
    timeZone: timeZone ?? now.timeZone,
    startAt: startAt === undefined ? now.startAt : instantOf(startAt),
    endAt: endAt === undefined ? now.endAt : instantOf(endAt),
    misfire: misfire ?? now.misfire,
    enabled: enabled ?? now.enabled,
    ...(task === undefined ? taskPartOf(now) : taskOf(task)),
  };
}

type TaskPart = Pick<ScheduleDefinition, 'taskName' | 'taskArgs' | 'taskOptions'>;

function taskPartOf({ taskName, taskArgs, taskOptions }: ScheduleDefinition): TaskPart {
  return { taskName, taskArgs, taskOptions };
}

function taskOf(task: AskedTask): TaskPart {
  const taskOptions = recordedOptions(task);
  checkExpires(taskOptions.expires);
  return { taskName: task.name, taskArgs: stringifyExact(task.args ?? {}), taskOptions };
}

/** In a path, a name and an id must be told apart. */
function checkedName(name: string): string {
  if (!isUuid(name)) return name;
  throw invalid([{ pointer: '/name', detail: 'name: it must not look like an id; give it a name in words' }]);
}

/** Of a single task it may also be an instant. */
function checkExpires(expires: string | number | undefined): void {
  if (expires === undefined) return;
  try {
    durationMs(expires);
  } catch (error) {
    throw invalid([
      { pointer: '/task/expires', detail: `task.expires: ${(error as Error).message.replace(/\.$/, '')}` },
    ]);
  }
}
