// DELETE /v1/tasks/{id}: the first step of a cancel. src/tasks/cancel-task.ts tells the others.
import { Type } from '@fastify/type-provider-typebox';
import { verbOfRecordTask } from '../../core/records/record-request.ts';
import { TASK_KINDS, taskKind } from '../../core/tasks/task-kinds.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { requestCancel } from '../../db/tasks/cancels.ts';
import { inTransaction } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import { withdraw } from '../../queue/dispatch.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { holdToVerb } from '../http/scope.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { requireTask } from './require-task.ts';
import { JSON_TYPE, taskAnswer, taskText } from './schemas.ts';

const CancelQuery = Type.Object(
  Object.assign({}, ...TASK_KINDS.map(({ cancelOptions }) => cancelOptions.properties)),
  { additionalProperties: false },
);

export function cancelRoute(app: App, deps: ApiDeps): void {
  const { pool, db } = deps.database;

  app.delete(
    '/tasks/:id',
    {
      config: { role: 'operator', scope: { verbs: [], dataset: 'task' } },
      schema: {
        tags: ['tasks'],
        operationId: 'cancelTask',
        summary: 'Cancel a task',
        description:
          'A queued task is cancelled at once. A running one becomes `cancelling` and soon `cancelled`; nothing of it lands after that. Asking again for a cancel that is under way gives the same answer.',
        params: IdParams,
        querystring: CancelQuery,
        response: { 202: taskAnswer('Cancelled, or about to be.'), ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const { name } = await requireTask(pool, request.params.id);
      const { id } = request.params;
      holdToVerb(request, verbOfRecordTask(name) ?? 'import');
      const cancelOptions = optionsOf(name, request.query);
      const moved = await inTransaction(db, async (tx) => {
        const found = await requestCancel(tx, id, { cancelOptions, cancelledBy: request.user.id });
        if (found !== undefined)
          await recordAudit(tx, {
            by: request.user,
            action: 'task.cancel',
            subject: { type: 'task', id },
            details: { name, ...cancelOptions },
          });
        return found;
      });
      if (moved?.status === 'cancelled')
        request.afterResponse([
          {
            failure: 'the bell of a cancelled task stays in Redis; a worker will drop it',
            run: () => withdraw(deps.queues, { id, queue: moved.queue }),
          },
        ]);
      const now = await requireTask(pool, id);
      if (moved === undefined && now.status !== 'cancelling')
        throw new AppError('TASK_FINAL', `The task has ended already: ${now.status}.`, {
          taskStatus: now.status,
        });
      return reply.code(202).type(JSON_TYPE).send(taskText(now));
    },
  );
}

/** Those of the task's own kind; the query takes those of all. */
function optionsOf(name: string, query: Record<string, unknown>): Record<string, unknown> {
  const properties = taskKind(name)?.cancelOptions.properties ?? {};
  return Object.fromEntries(
    Object.entries(properties).map(([option, schema]) => [option, query[option] ?? defaultOf(schema)]),
  );
}

function defaultOf(schema: object): unknown {
  return (schema as { default?: unknown }).default;
}
