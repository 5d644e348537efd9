// Schedules as JSON: the bodies that make, change and preview one, and the answers.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { MISFIRES, MISSED_AFTER_MS, MOST_MISSED_RUNS } from '../../core/schedules/due-runs.ts';
import { nextRuns } from '../../core/schedules/next-run.ts';
import { parseRule } from '../../core/schedules/rule.ts';
import { parseExact } from '../../core/tasks/exact-json.ts';
import { TASK_OPTIONS } from '../../core/tasks/task-options.ts';
import { TASK_STATUSES } from '../../core/tasks/task-status.ts';
import type { RunRow } from '../../db/schedules/runs.ts';
import { timingOf, type ScheduleRow } from '../../db/schedules/schedules.ts';
import { component } from '../http/components.ts';
import { CreatedBy, Id, Instant, Label, nullable } from '../http/schemas.ts';

/** How many of its next runs a schedule shows. */
const NEXT_RUNS = 5;

const Name = Type.String({
  ...Label('No two schedules have the same. It is no UUID.', 100),
  examples: ['nightly customers'],
});

const Cron = Type.String({
  ...Label(
    'Five fields (minute, hour, day of month, month, day of week), or six with the second first: as cron has them, with `L`, `W` and `#`.',
  ),
  examples: ['30 2 * * *'],
});

const Every = Type.Unsafe<string | number | null>({
  type: ['string', 'integer', 'null'],
  minLength: 1,
  maxLength: 100,
  description:
    'A fixed pause: `15m`, `1h30m`, `PT15M`, or milliseconds. It counts from `startAt`, or from when it was given.',
  examples: ['15m'],
});

const TimeZone = Type.String({
  ...Label('Whose clocks `cron` speaks of: an IANA name, `UTC`, or an offset.', 100),
  examples: ['Europe/Berlin'],
});

const MisfirePolicy = component(
  'MisfirePolicy',
  Type.Enum([...MISFIRES], {
    type: 'string',
    description: `What becomes of runs that are more than ${MISSED_AFTER_MS / 1000} s late, as after an outage: \`skip\` makes none, \`one\` a single run, \`all\` each of them (the newest ${MOST_MISSED_RUNS}).`,
  }),
);

/** `delay` and `eta` would be times beside those of the schedule. */
const { delay: _delay, eta: _eta, parentId: _parentId, expires: _expires, ...OPTIONS } = TASK_OPTIONS;

const TASK = {
  name: Type.String({ ...Label('As a worker knows it.', 200), examples: ['fetch-file'] }),
  args: Type.Optional(
    Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'As its definition describes them; `{}` if not given.',
    }),
  ),
  ...OPTIONS,
  expires: Type.Optional(
    Type.Unsafe<string | number>({
      type: ['string', 'integer'],
      description: 'A duration: a task that has not begun by then is cancelled.',
    }),
  ),
};

const ScheduledTask = component(
  'ScheduledTask',
  Type.Object(TASK, { additionalProperties: false, description: 'The task that each run is.' }),
);

const TIMING = {
  cron: Type.Optional(nullable(Cron)),
  every: Type.Optional(Every),
  at: Type.Optional(nullable(Instant('It runs once, then.'))),
  timeZone: Type.Optional(TimeZone),
  startAt: Type.Optional(nullable(Instant('No run is before it.'))),
  endAt: Type.Optional(nullable(Instant('No run is after it.'))),
};

const MEMBERS = {
  ...TIMING,
  misfire: Type.Optional(MisfirePolicy),
  enabled: Type.Optional(Type.Boolean({ description: 'Whether it runs.' })),
};

const EXAMPLE = {
  name: 'nightly customers',
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
  task: { name: 'add', args: { a: 1, b: 2 } },
};

export const NewSchedule = component(
  'NewSchedule',
  Type.Object(
    { name: Name, ...MEMBERS, task: ScheduledTask },
    {
      additionalProperties: false,
      description:
        'One of `cron`, `every` and `at`. Without more: `timeZone` UTC, `misfire` one, `enabled` true.',
      examples: [EXAMPLE],
    },
  ),
);

export const WholeSchedule = component(
  'WholeSchedule',
  Type.Object(
    { name: Type.Optional(Name), ...MEMBERS, task: ScheduledTask },
    {
      additionalProperties: false,
      description: 'As for a new one. Without `name` it keeps the one it has.',
      examples: [EXAMPLE],
    },
  ),
);

export const ScheduleChange = component(
  'ScheduleChange',
  Type.Object(
    { name: Type.Optional(Name), ...MEMBERS, task: Type.Optional(ScheduledTask) },
    {
      additionalProperties: false,
      description:
        'What is not given stays. Each member is replaced whole; one of `cron`, `every` and `at` takes the place of the others.',
      examples: [{ enabled: false }],
    },
  ),
);

const MOST_PREVIEWED = 100;

export const Preview = component(
  'SchedulePreview',
  Type.Object(
    {
      ...TIMING,
      after: Type.Optional(Instant('Runs after this; now if not given.')),
      count: Type.Optional(
        Type.Integer({ minimum: 1, maximum: MOST_PREVIEWED, default: NEXT_RUNS, description: 'How many.' }),
      ),
    },
    { additionalProperties: false, examples: [{ cron: '30 2 * * *', timeZone: 'Europe/Berlin' }] },
  ),
);

export const PreviewedRuns = component(
  'PreviewedRuns',
  Type.Object(
    { runs: Type.Array(Instant('A run.')) },
    { description: 'The runs that a schedule with these times would make; fewer at its end.' },
  ),
);

export const previewOf = ({ after, count = NEXT_RUNS, ...timing }: Static<typeof Preview>, now: Date) => {
  const rule = parseRule(
    {
      cron: timing.cron ?? undefined,
      every: everyText(timing.every) ?? undefined,
      at: instantOf(timing.at) ?? undefined,
      timeZone: timing.timeZone ?? DEFAULTS.timeZone,
      startAt: instantOf(timing.startAt) ?? undefined,
      endAt: instantOf(timing.endAt) ?? undefined,
    },
    now,
  );
  const from = after === undefined ? now : new Date(after);
  return { runs: nextRuns(rule, from.getTime(), count).map((run) => new Date(run).toISOString()) };
};

export const DEFAULTS = { timeZone: 'UTC', misfire: 'one', enabled: true } as const;

/** Milliseconds are kept as a text too. */
export function everyText(every: string | number | null | undefined): string | null {
  return typeof every === 'number' ? `${every}ms` : (every ?? null);
}

export function instantOf(text: string | null | undefined): Date | null {
  return text === undefined || text === null ? null : new Date(text);
}

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
