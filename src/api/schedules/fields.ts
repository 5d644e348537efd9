// What bodies and answers have in common.
import { Type } from '@fastify/type-provider-typebox';
import { MISFIRES, MISSED_AFTER_MS, MOST_MISSED_RUNS } from '../../core/schedules/due-runs.ts';
import { TASK_OPTIONS } from '../../core/tasks/task-options.ts';
import { component } from '../http/components.ts';
import { Label } from '../http/schemas.ts';

/** How many of its next runs a schedule shows. */
export const NEXT_RUNS = 5;

export const Name = Type.String({
  ...Label('No two schedules have the same. It is no UUID.', 100),
  examples: ['nightly customers'],
});

export const Cron = Type.String({
  ...Label(
    'Five fields (minute, hour, day of month, month, day of week), or six with the second first: as cron has them, with `L`, `W` and `#`.',
  ),
  examples: ['30 2 * * *'],
});

export const Every = Type.Unsafe<string | number | null>({
  type: ['string', 'integer', 'null'],
  minLength: 1,
  maxLength: 100,
  description:
    'A fixed pause: `15m`, `1h30m`, `PT15M`, or milliseconds. It counts from `startAt`, or from when it was given.',
  examples: ['15m'],
});

export const TimeZone = Type.String({
  ...Label('Whose clocks `cron` speaks of: an IANA name, `UTC`, or an offset.', 100),
  examples: ['Europe/Berlin'],
});

export const MisfirePolicy = component(
  'MisfirePolicy',
  Type.Enum([...MISFIRES], {
    type: 'string',
    description: `What becomes of runs that are more than ${MISSED_AFTER_MS / 1000} s late, as after an outage: \`skip\` makes none, \`one\` a single run, \`all\` each of them (the newest ${MOST_MISSED_RUNS}).`,
  }),
);

/** `delay` and `eta` would be times beside those of the schedule. */
const {
  delay: _delay,
  eta: _eta,
  parentId: _parentId,
  expires: _expires,
  // Each run has a trace of its own.
  traceparent: _traceparent,
  ...OPTIONS
} = TASK_OPTIONS;

const TASK = {
  name: Type.String({ ...Label('As a worker knows it.', 200), examples: ['add'] }),
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

export const ScheduledTask = component(
  'ScheduledTask',
  Type.Object(TASK, { additionalProperties: false, description: 'The task that each run is.' }),
);
