// POST /v1/schedules/preview
import type { Static } from '@fastify/type-provider-typebox';
import { nextRuns } from '../../core/schedules/next-run.ts';
import { parseRule } from '../../core/schedules/rule.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { DEFAULTS, everyText, instantOf } from './definition.ts';
import { NEXT_RUNS } from './fields.ts';
import { Preview, PreviewedRuns } from './request-schemas.ts';

export function previewRoute(app: App): void {
  app.post(
    '/schedules/preview',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'previewSchedule',
        summary: 'When would it run?',
        description: 'The next runs of times that are not saved: the same that a schedule with them makes.',
        tags: ['schedules'],
        body: Preview,
        response: { 200: PreviewedRuns, ...problems(400, 413, 415, 422) },
      },
    },
    async ({ body }) => previewOf(body, new Date()),
  );
}

function previewOf(
  { after, count = NEXT_RUNS, ...timing }: Static<typeof Preview>,
  now: Date,
): Static<typeof PreviewedRuns> {
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
}
