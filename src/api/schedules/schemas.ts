// Schedules and their runs as JSON.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { nextRuns } from '../../core/schedules/next-run.ts';
import { parseRule } from '../../core/schedules/rule.ts';
import { parseExact } from '../../core/tasks/exact-json.ts';
import { TASK_STATUSES } from '../../core/tasks/task-status.ts';
import type { RunRow } from '../../db/schedules/runs.ts';
import { timingOf, type ScheduleRow } from '../../db/schedules/schedules.ts';
import { component } from '../http/components.ts';
import { CreatedBy, Id, Instant, nullable } from '../http/schemas.ts';
import { Cron, MisfirePolicy, Name, NEXT_RUNS, ScheduledTask, TimeZone } from './fields.ts';

export const Run = component(
  'ScheduleRun',
  Type.Object(
    {
      id: Id('The run.'),
      taskId: Id('Its task. If another task had its unique key, that one.'),
      dueAt: nullable(Instant('The time it was made for; null: it was run by hand.')),
      createdAt: Instant('When the task was recorded.'),
      status: nullable(
        Type.Enum([...TASK_STATUSES], {
          type: 'string',
          description: 'Of the task; null when it is no longer kept.',
        }),
      ),
      startedAt: nullable(Instant('When a worker began.')),
      finishedAt: nullable(Instant('When it ended.')),
    },
    { description: 'A task that a schedule has made.' },
  ),
);

export const Schedule = component(
  'Schedule',
  Type.Object(
    {
      id: Id('The schedule.'),
      name: Name,
      cron: nullable(Cron),
      every: nullable(Type.String({ description: 'The pause between its runs.', examples: ['15m'] })),
      at: nullable(Instant('It runs once, then.')),
      timeZone: TimeZone,
      startAt: nullable(Instant('No run is before it.')),
      endAt: nullable(Instant('No run is after it.')),
      misfire: MisfirePolicy,
      enabled: Type.Boolean({ description: 'Whether it runs.' }),
      task: ScheduledTask,
      nextRunAt: nullable(Instant('When it runs next; null: it is not enabled, or runs no more.')),
      nextRuns: Type.Array(Instant('A run.'), { description: `The next ${NEXT_RUNS} runs.` }),
      lastRun: nullable(Run),
      createdAt: Instant('When it was made.'),
      createdBy: nullable(CreatedBy),
      updatedAt: Instant('When it was changed last.'),
    },
    { description: 'A rule by which the clock makes tasks.' },
  ),
);

export function toRun(row: RunRow): Static<typeof Run> {
  const { id, taskId, status } = row;
  return {
    id,
    taskId,
    dueAt: row.dueAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    status,
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

/** Big integers in its arguments are bigints. */
export function toSchedule(row: ScheduleRow, lastRun: RunRow | undefined): Static<typeof Schedule> {
  const { id, name, cron, every, timeZone, misfire, enabled, createdBy } = row;
  return {
    id,
    name,
    cron,
    every,
    at: row.at?.toISOString() ?? null,
    timeZone,
    startAt: row.startAt?.toISOString() ?? null,
    endAt: row.endAt?.toISOString() ?? null,
    misfire,
    enabled,
    task: {
      name: row.taskName,
      args: parseExact(row.taskArgs) as Record<string, unknown>,
      ...row.taskOptions,
    },
    nextRunAt: row.nextRunAt?.toISOString() ?? null,
    nextRuns: nextRunsOf(row),
    lastRun: lastRun === undefined ? null : toRun(lastRun),
    createdAt: row.createdAt.toISOString(),
    createdBy,
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** The first is what workers go by; it may be overdue, when none of them is there. */
function nextRunsOf(row: ScheduleRow): string[] {
  if (row.nextRunAt === null) return [];
  const rule = parseRule(timingOf(row), row.timedAt);
  const first = row.nextRunAt.getTime();
  return [first, ...nextRuns(rule, Math.max(first, Date.now()), NEXT_RUNS - 1)].map((run) =>
    new Date(run).toISOString(),
  );
}
