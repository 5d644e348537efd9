// POST /v1/imports/{id}/undo
import { UNDO } from '../../core/tasks/task-kinds.ts';
import { findTaskViews, type TaskView } from '../../db/tasks/task-views.ts';
import { viewNewTask } from '../../db/tasks/new-task-view.ts';
import { requestUndo } from '../../db/imports/undos.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import type { Tx } from '../../db/transaction.ts';
import { recordSurely } from '../../intake/record-surely.ts';
import { dispatchOrLeave } from '../../queue/dispatch.ts';
import { AppError } from '../../errors.ts';
import { currentTraceparent } from '../../tracing/tracing.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { JSON_TYPE, TAKEN_HEADERS, taskAnswer, taskText } from '../tasks/schemas.ts';
import type { ImportsContext } from './context.ts';
import { answerOnce, type Settle } from './idempotency.ts';
import { askedOf, IDEMPOTENT, sendTaken } from './taken.ts';

export function undoRoute(app: App, { deps, nextId }: ImportsContext): void {
  const { db, pool } = deps.database;

  app.post(
    '/imports/:id/undo',
    {
      config: { role: 'operator', scope: { verbs: ['import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'undoImport',
        summary: 'Take the rows of an import back',
        description: [
          'For an import with mode=insert that has ended. A new task deletes its rows in one transaction; poll it at `Location`.',
          'Rows that were changed since are kept, and so are rows that an upsert has found unchanged since, and rows that a row which stays refers to: one of a table outside the dataset, or of the same table. The task’s result tells how many there are of each, and the first 100 of the last: `{ deleted, changed, held, referenced, gone, references }`.',
          'Linked rows go with the rows they belong to, unless something else refers to them. 409 while the import or an undo of it is under way, and when its rows were taken back already.',
        ].join(' '),
        params: IdParams,
        headers: IDEMPOTENT,
        response: {
          202: taskAnswer('Asked for. `Location` is the task to poll.', TAKEN_HEADERS),
          ...problems(400, 404, 409, 422),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const trace = currentTraceparent();
      const undo = {
        id: nextId(),
        createdBy: request.user.id,
        options: trace === undefined ? null : { traceparent: trace },
      };
      const record = async (settle?: Settle): Promise<TaskView> => {
        const together = async (tx: Tx): Promise<void> => {
          await recordAudit(tx, {
            by: request.user,
            action: 'import.undo',
            subject: { type: 'import', id },
            details: { taskId: undo.id },
          });
          await settle?.(tx);
        };
        const view = await recordSurely(
          { id: undo.id, path: `/v1/tasks/${undo.id}` },
          async () => viewNewTask(await requestUndo(db, id, undo, together), request.user),
          () => findTask(undo.id),
        );
        await dispatchOrLeave(deps.queues, { id: undo.id, name: UNDO.name }, request.log);
        return view;
      };
      const { answer, replayed } = await answerOnce(
        deps,
        askedOf(request, undo.id, { undo: id }),
        record,
        ({ importId: first }) => requireTask(first),
      );
      return sendTaken(reply.type(JSON_TYPE), answer.id, replayed, taskText(answer));
    },
  );

  async function findTask(taskId: string): Promise<TaskView | undefined> {
    const [view] = await findTaskViews(pool, [taskId]);
    return view;
  }

  async function requireTask(taskId: string): Promise<TaskView> {
    const view = await findTask(taskId);
    if (view === undefined) throw new AppError('NOT_FOUND', `There is no task ${taskId}.`);
    return view;
  }
}
