// Schedules as JSON: the body that makes one, and the answer.
import { Type, type Static, type TSchema } from '@fastify/type-provider-typebox';
import { MISFIRES, MISSED_AFTER_MS, MOST_MISSED_RUNS } from '../../core/schedules/due-runs.ts';
import { nextRuns } from '../../core/schedules/next-run.ts';
import { parseRule } from '../../core/schedules/rule.ts';
import { TASK_STATUSES } from '../../core/tasks/task-status.ts';
import type { RunRow } from '../../db/schedules/runs.ts';
import { timingOf, type ScheduleRow } from '../../db/schedules/schedules.ts';
import { component } from '../http/components.ts';
import { CreatedBy, Id, Instant, Label, nullable } from '../http/schemas.ts';

/** How many of the next runs an answer has. */
const NEXT_RUNS = 5;

export const TIMING = {
  cron: nullable(
    Label('Five fields, or six with the second first; as cron has them, with `L`, `W` and `#`.'),
  ),
  every: nullable(
    Label(
      'A fixed pause: `15m`, `1h30m`, `PT15M`. It counts from `startAt`, or from when it was saved.',
      100,
    ),
  ),
  at: nullable(Instant('Runs once, then.')),
  timeZone: Type.String({
    ...Label('Whose clocks `cron` speaks of: an IANA name, `UTC`, or an offset.', 100),
    examples: ['Europe/Berlin'],
  }),
  startAt: nullable(Instant('Not before.')),
  endAt: nullable(Instant('Not after.')),
};

const Name = Type.String({ ...Label('No two have the same.', 100), examples: ['nightly customers'] });

const MisfirePolicy = component(
  'MisfirePolicy',
  Type.Enum([...MISFIRES], {
    type: 'string',
    default: 'one',
    description: `What becomes of runs that are more than ${MISSED_AFTER_MS / 1000} s late, after an outage: \`skip\` makes none, \`one\` a single run, \`all\` each of them (the newest ${MOST_MISSED_RUNS.toLocaleString('en')}).`,
  }),
);
