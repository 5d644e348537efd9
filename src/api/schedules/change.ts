// PATCH and DELETE /v1/schedules/{id}
import { Type } from '@fastify/type-provider-typebox';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { changeSchedule, deleteSchedule, type ScheduleDefinition } from '../../db/schedules/schedules.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { answer } from './answer.ts';
import type { SchedulesContext } from './context.ts';
import { changedDefinition } from './definition.ts';
import { exactAnswer } from './exact-answer.ts';
import { exactTask } from './exact-task.ts';
import { KeyParams, scheduleNotFound } from './require-schedule.ts';
import { ScheduleChange } from './request-schemas.ts';
import { Schedule } from './schemas.ts';

export function changeRoutes(app: App, { db, readDefinitions }: SchedulesContext): void {
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
    async (request, reply) => {
      const { params, body, user, log } = request;
      const task = body.task === undefined ? undefined : await exactTask(request, body.task, readDefinitions);
      const change = (now: ScheduleDefinition) => changedDefinition(now, { ...body, task });
      const row = await changeSchedule(db, params.id, change, user.id, (tx, id) =>
        recordAudit(tx, {
          by: user,
          action: 'schedule.change',
          subject: { type: 'schedule', id },
          details: { changed: Object.keys(body) },
        }),
      );
      if (row === undefined) throw scheduleNotFound(params.id);
      log.info({ schedule: row.id, by: user.id }, 'a schedule was changed');
      return answer(reply, db, row.id);
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
      await inTransaction(db, async (tx) => {
        const deleted = await deleteSchedule(tx, id);
        if (deleted === undefined) throw scheduleNotFound(id);
        await recordAudit(tx, {
          by: request.user,
          action: 'schedule.delete',
          subject: { type: 'schedule', id: deleted.id },
          details: { name: deleted.name },
        });
      });
      request.log.info({ schedule: id, by: request.user.id }, 'a schedule was deleted');
      return reply.code(204).send(null);
    },
  );
}
