// Bodies that make, change and preview a schedule.
import { Type } from '@fastify/type-provider-typebox';
import { component } from '../http/components.ts';
import { GivenInstant } from '../http/given-instant.ts';
import { Instant, nullable } from '../http/schemas.ts';
import { Cron, Every, MisfirePolicy, Name, NEXT_RUNS, ScheduledTask, TimeZone } from './fields.ts';

const TIMING = {
  cron: Type.Optional(nullable(Cron)),
  every: Type.Optional(Every),
  at: Type.Optional(nullable(GivenInstant('It runs once, then.'))),
  timeZone: Type.Optional(TimeZone),
  startAt: Type.Optional(nullable(GivenInstant('No run is before it.'))),
  endAt: Type.Optional(nullable(GivenInstant('No run is after it.'))),
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
      after: Type.Optional(GivenInstant('Runs after this; now if not given.')),
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
