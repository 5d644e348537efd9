// POST /v1/schedules/{id}/run
import { recordRunByHand } from '../../db/schedules/due-schedules.ts';
import { listRuns } from '../../db/schedules/runs.ts';
import { taskOf } from '../../db/schedules/schedules.ts';
import { enqueueTasks } from '../../db/tasks/enqueue.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import type { SchedulesContext } from './context.ts';
import { KeyParams, requireSchedule } from './require-schedule.ts';
import { Run, toRun } from './schemas.ts';

export function runRoute(app: App, { db, newId }: SchedulesContext): void {
  app.post(
    '/schedules/:id/run',
    {
      config: { role: 'operator' },
      schema: {
        operationId: 'runSchedule',
        summary: 'Run a schedule now',
        description: 'Also one that is not enabled. When it runs next stays as it is.',
        tags: ['schedules'],
        params: KeyParams,
        response: {
          202: { ...Run, description: 'The task is recorded. `Location` is the task.' },
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const { user, params, log } = request;
      const run = await inTransaction(db, async (tx) => {
        const schedule = await requireSchedule(tx, params.id);
        const id = newId();
        const [task] = await enqueueTasks(tx.$client, [taskOf(id, schedule)], { createdBy: user.id });
        await recordRunByHand(tx, { id, scheduleId: schedule.id, taskId: task!.id });
        const [run] = await listRuns(tx, schedule.id, { limit: 1, beforeId: undefined });
        await recordAudit(tx, {
          by: user,
          action: 'schedule.run',
          subject: { type: 'schedule', id: schedule.id },
          details: { task: task!.id },
        });
        return run!;
      });
      log.info({ schedule: run.scheduleId, task: run.taskId, by: user.id }, 'a schedule was run by hand');
      return reply.code(202).header('Location', `/v1/tasks/${run.taskId}`).send(toRun(run));
    },
  );
}
