// POST /v1/schedules and PUT /v1/schedules/{id}
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUuid } from '../../core/uuid.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { addSchedule, changeSchedule, type ScheduleDefinition } from '../../db/schedules/schedules.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { answer } from './answer.ts';
import type { SchedulesContext } from './context.ts';
import { definitionOf } from './definition.ts';
import { exactAnswer } from './exact-answer.ts';
import { exactTask } from './exact-task.ts';
import { KeyParams, scheduleNotFound } from './require-schedule.ts';
import { NewSchedule, WholeSchedule } from './request-schemas.ts';
import { Schedule } from './schemas.ts';

export function createRoutes(app: App, { db, readDefinitions, newId }: SchedulesContext): void {
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
      const { body, user, log } = request;
      const task = await exactTask(request, body.task, readDefinitions);
      return reply.code(201).send(await add(reply, definitionOf({ ...body, task }), { user, log }));
    },
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
      const { body, user, log, params } = request;
      const task = await exactTask(request, body.task, readDefinitions);
      const definition = (name: string) => definitionOf({ ...body, name: body.name ?? name, task });
      const replace = () =>
        changeSchedule(
          db,
          params.id,
          (now) => definition(now.name),
          user.id,
          (tx, id) =>
            recordAudit(tx, { by: user, action: 'schedule.change', subject: { type: 'schedule', id } }),
        );

      const row = await replace();
      if (row !== undefined) return answer(reply, db, row.id);
      requireNewName(params.id, body.name);
      try {
        return await reply.code(201).send(await add(reply, definition(params.id), { user, log }));
      } catch (error) {
        // Another request may have made it at this moment.
        const now = error instanceof AppError && error.code === 'CONFLICT' ? await replace() : undefined;
        if (now === undefined) throw error;
        return reply.code(200).send(await answer(reply, db, now.id));
      }
    },
  );

  async function add(
    reply: FastifyReply,
    definition: ScheduleDefinition,
    { user, log }: Pick<FastifyRequest, 'user' | 'log'>,
  ): Promise<string> {
    const id = newId();
    await addSchedule(db, id, definition, user.id, (tx) =>
      recordAudit(tx, {
        by: user,
        action: 'schedule.create',
        subject: { type: 'schedule', id },
        details: { name: definition.name, task: definition.taskName },
      }),
    );
    log.info({ schedule: id, by: user.id }, 'a schedule was made');
    void reply.header('Location', `/v1/schedules/${id}`);
    return answer(reply, db, id);
  }
}

/** @throws AppError NOT_FOUND, INVALID_REQUEST */
function requireNewName(key: string, name: string | undefined): void {
  if (isUuid(key)) throw scheduleNotFound(key);
  if (name !== undefined && name !== key)
    throw new AppError(
      'INVALID_REQUEST',
      `There is no schedule "${key}", and the body names another one.`,
      {},
      { errors: [{ pointer: '/name', detail: 'name must be that of the path, or be left out' }] },
    );
}
