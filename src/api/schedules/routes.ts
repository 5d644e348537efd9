// /v1/schedules: rules by which the clock makes tasks. A worker makes them (worker/upkeep/run-schedules.ts).
import { randomFillSync } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { createUuidV7, isUuid } from '../../core/uuid.ts';
import { findLastRuns, listRuns } from '../../db/schedules/runs.ts';
import { addSchedule, changeSchedule, deleteSchedule, listSchedules } from '../../db/schedules/schedules.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { IdPageQuery, Page, problems } from '../http/schemas.ts';
import { exactAnswer, exactJson } from './exact-answer.ts';
import { changedDefinition, definitionOf } from './definition.ts';
import { KeyParams, requireSchedule, scheduleNotFound } from './require-schedule.ts';
import { runRoute } from './run.ts';
import {
  NewSchedule,
  Preview,
  PreviewedRuns,
  previewOf,
  Run,
  Schedule,
  ScheduleChange,
  toRun,
  toSchedule,
  WholeSchedule,
} from './schemas.ts';

export async function schedulesRoutes(app: App, deps: ApiDeps): Promise<void> {
  const { db } = deps.database;
  const createId = createUuidV7(randomFillSync);
  const newId = () => createId(Date.now());

  const answer = async (reply: FastifyReply, key: string): Promise<string> => {
    const row = await requireSchedule(db, key);
    return exactJson(reply, toSchedule(row, (await findLastRuns(db, [row.id])).get(row.id)));
  };

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

  app.post(
    '/schedules',
    {
      config: { role: 'operator' },
      schema: {
        operationId: 'createSchedule',
        summary: 'Make a schedule',
        description: 'docs/schedules.md says what its times mean when clocks are put forward or back.',
        tags: ['schedules'],
        body: NewSchedule,
        response: {
          201: exactAnswer(Schedule, 'Made. `Location` is the schedule.'),
          ...problems(400, 409, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const id = newId();
      await addSchedule(db, id, definitionOf(request.body), request.user.id);
      request.log.info({ schedule: id, by: request.user.id }, 'a schedule was made');
      return reply
        .code(201)
        .header('Location', `/v1/schedules/${id}`)
        .send(await answer(reply, id));
    },
  );

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
    async ({ params: { id } }, reply) => answer(reply, id),
  );

  app.put(
    '/schedules/:id',
    {
      config: { role: 'operator' },
      schema: {
        operationId: 'putSchedule',
        summary: 'Replace a schedule, or make it',
        description: [
          'By its id or its name. A name that is not there makes a schedule, so a deployment can send it each time: what is the same changes nothing.',
          'A run that is due and has not been made yet is still made, also when the times have changed.',
        ].join('\n\n'),
        tags: ['schedules'],
        params: KeyParams,
        body: WholeSchedule,
        response: {
          200: exactAnswer(Schedule, 'Replaced, or the same as before.'),
          201: exactAnswer(Schedule, 'Made. `Location` is the schedule.'),
          ...problems(400, 404, 409, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const { body, user, params } = request;
      const definition = (name: string) => definitionOf({ ...body, name: body.name ?? name });
      const row = await changeSchedule(db, params.id, (now) => definition(now.name), user.id);
      if (row !== undefined) return answer(reply, row.id);
      if (isUuid(params.id)) throw scheduleNotFound(params.id);
      if (body.name !== undefined && body.name !== params.id)
        throw new AppError(
          'INVALID_REQUEST',
          `There is no schedule "${params.id}", and the body names another one.`,
          {},
          {
            errors: [{ pointer: '/name', detail: 'name must be that of the path, or be left out' }],
          },
        );
      const id = newId();
      await addSchedule(db, id, definition(params.id), user.id);
      request.log.info({ schedule: id, by: user.id }, 'a schedule was made');
      return reply
        .code(201)
        .header('Location', `/v1/schedules/${id}`)
        .send(await answer(reply, id));
    },
  );

  app.patch(
    '/schedules/:id',
    {
      config: { role: 'operator' },
      schema: {
        operationId: 'changeSchedule',
        summary: 'Change a schedule',
        description:
          '`{"enabled": false}` lets it rest, `{"enabled": true}` lets it go on with its next run: those it has rested through are not made.',
        tags: ['schedules'],
        params: KeyParams,
        body: ScheduleChange,
        response: {
          200: exactAnswer(Schedule, 'The schedule as it is now.'),
          ...problems(400, 404, 409, 413, 415, 422),
        },
      },
    },
    async ({ params, body, user, log }, reply) => {
      const row = await changeSchedule(db, params.id, (now) => changedDefinition(now, body), user.id);
      if (row === undefined) throw scheduleNotFound(params.id);
      log.info({ schedule: row.id, by: user.id }, 'a schedule was changed');
      return answer(reply, row.id);
    },
  );

  app.delete(
    '/schedules/:id',
    {
      config: { role: 'operator' },
      schema: {
        operationId: 'deleteSchedule',
        summary: 'Delete a schedule',
        description: 'Tasks that it has made stay.',
        tags: ['schedules'],
        params: KeyParams,
        response: { 204: Type.Null({ description: 'Deleted.' }), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await deleteSchedule(db, id))) throw scheduleNotFound(id);
      request.log.info({ schedule: id, by: request.user.id }, 'a schedule was deleted');
      return reply.code(204).send(null);
    },
  );

  runRoute(app, deps, newId);

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
