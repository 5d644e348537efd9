// POST /v1/imports/{id}/undo
import { UNDO } from '../../core/tasks/task-kinds.ts';
import { findTaskViews } from '../../db/tasks/task-views.ts';
import { requestUndo } from '../../db/imports/undos.ts';
import { dispatchOrLeave } from '../../queue/dispatch.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { TaskSchema, toTask } from '../tasks/schemas.ts';

/** @param nextId gives a fresh UUID v7 */
export function undoRoute(app: App, deps: ApiDeps, nextId: () => string): void {
  const { db, pool } = deps.database;

  app.post(
    '/imports/:id/undo',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['imports'],
        operationId: 'undoImport',
        summary: 'Take the rows of an import back',
        description: [
          'For an import with mode=insert that has ended. A task of its own deletes its rows, all in one transaction; poll it at `Location`.',
          'Rows that were changed since are kept, and so are rows that an upsert has found unchanged since, and rows that a row which stays refers to: one of a table outside the dataset, or of the same table. The task’s result tells how many there are of each, and the first 100 of the last: `{ deleted, changed, held, referenced, gone, references }`.',
          'Linked rows go with the rows they belong to, unless something else refers to them. 409 while the import or an undo of it is under way, and when its rows were taken back already.',
        ].join(' '),
        params: IdParams,
        response: {
          202: {
            description: 'Asked for. `Location` is the task to poll.',
            headers: { Location: { type: 'string' }, 'Retry-After': { type: 'integer' } },
            content: { 'application/json': { schema: TaskSchema } },
          },
          ...problems(400, 404, 409),
        },
      },
    },
    async (request, reply) => {
      const undo = { id: nextId(), createdBy: request.user.id };
      await requestUndo(db, request.params.id, undo);
      await dispatchOrLeave(deps.queues, { id: undo.id, name: UNDO.name }, request.log);
      const [view] = await findTaskViews(pool, [undo.id]);
      return reply
        .code(202)
        .header('Location', `/v1/tasks/${undo.id}`)
        .header('Retry-After', '1')
        .send(toTask(view!));
    },
  );
}
