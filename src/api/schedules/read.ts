// GET /v1/schedules, one of them, and what it has made
import { findLastRuns, listRuns } from '../../db/schedules/runs.ts';
import { listSchedules } from '../../db/schedules/schedules.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { IdPageQuery, Page, problems } from '../http/schemas.ts';
import { answer } from './answer.ts';
import type { SchedulesContext } from './context.ts';
import { exactAnswer, exactJson } from './exact-answer.ts';
import { KeyParams, requireSchedule } from './require-schedule.ts';
import { Run, Schedule, toRun, toSchedule } from './schemas.ts';

export function readRoutes(app: App, { db }: SchedulesContext): void {
  app.get(
    '/schedules',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listSchedules',
        summary: 'List schedules',
        description: 'Newest first.',
        tags: ['schedules'],
        querystring: IdPageQuery,
        response: {
          200: exactAnswer(Page(Schedule, 'One page of schedules.'), 'One page of schedules.'),
          ...problems(400),
        },
      },
    },
    async ({ query: { limit, cursor } }, reply) => {
      const rows = await listSchedules(db, { limit: limit + 1, beforeId: cursor });
      const last = await findLastRuns(
        db,
        rows.map(({ id }) => id),
      );
      const page = pageOf(
        rows,
        limit,
        ({ id }) => id,
        (row) => toSchedule(row, last.get(row.id)),
      );
      return exactJson(reply, page);
    },
  );

  app.get(
    '/schedules/:id',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getSchedule',
        summary: 'One schedule',
        tags: ['schedules'],
        params: KeyParams,
        response: { 200: exactAnswer(Schedule, 'The schedule.'), ...problems(400, 404) },
      },
    },
    async ({ params: { id } }, reply) => answer(reply, db, id),
  );

  app.get(
    '/schedules/:id/runs',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listScheduleRuns',
        summary: 'What a schedule has made',
        description: 'Newest first.',
        tags: ['schedules'],
        params: KeyParams,
        querystring: IdPageQuery,
        response: { 200: Page(Run, 'One page of runs.'), ...problems(400, 404) },
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const { id } = await requireSchedule(db, params.id);
      const rows = await listRuns(db, id, { limit: limit + 1, beforeId: cursor });
      return pageOf(rows, limit, (row) => row.id, toRun);
    },
  );
}
