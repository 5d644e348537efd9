// POST /v1/tasks/{id}/retry
import { Type } from '@fastify/type-provider-typebox';
import { parseExact } from '../../core/tasks/exact-json.ts';
import { isFinal } from '../../core/tasks/task-status.ts';
import { findAsked, type AskedBefore } from '../../db/tasks/retries.ts';
import { AppError } from '../../errors.ts';
import { audited } from '../http/audited.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { answerOnce } from '../imports/idempotency.ts';
import { askedOf, IDEMPOTENT, sendTaken } from '../imports/taken.ts';
import { recordedOptions, refuse, taskItems, type AskedTask } from './check-tasks.ts';
import type { TasksContext } from './context.ts';
import { bodyText, exactBody } from './exact-body.ts';
import type { RecordedTasks } from './record-tasks.ts';
import { findSettled, recordTogether } from './record-together.ts';
import { ARGS, DOCUMENTED_OPTIONS } from './request-schemas.ts';
import { taskNotFound } from './require-task.ts';
import { JSON_TYPE, TAKEN_HEADERS, taskAnswer, taskText } from './schemas.ts';

const LIMIT_BYTES = 256 * 1024;

const Changes = component(
  'TaskRetry',
  Type.Unsafe<Omit<AskedTask, 'name'> | null>({ type: ['object', 'null'] }),
  Type.Object(
    { args: Type.Optional(ARGS), ...DOCUMENTED_OPTIONS },
    { additionalProperties: false, description: 'What is to be otherwise than in the task.' },
  ),
);

export function retryRoute(app: App, context: TasksContext): void {
  const { deps, readDefinitions, nextId } = context;
  const { pool } = deps.database;

  app.post(
    '/tasks/:id/retry',
    {
      config: { role: 'operator' },
      bodyLimit: LIMIT_BYTES,
      schema: {
        tags: ['tasks'],
        operationId: 'retryTask',
        summary: 'Do an ended task again',
        description:
          'Records a new task (`retryOf`) with the name, arguments and options of one that has ended, and what the body says otherwise. It begins at once and does not expire, unless the body says so. 409 while the task has not ended, and while another has its unique key. Imports are run again with `POST /v1/imports/{id}/rerun`.',
        params: IdParams,
        headers: IDEMPOTENT,
        body: Changes,
        response: {
          202: taskAnswer('Recorded. `Location` is the new task.', TAKEN_HEADERS),
          ...problems(400, 404, 409, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const before = await requireEnded(id);
      const changes = request.body ?? null;
      const asked = changed(before, changes, JSON.parse(before.args));
      if (changes !== null && 'name' in changes)
        refuse([{ pointer: '/name', detail: 'name is not known here: a retry is of the same task' }]);
      refuse(taskItems(asked, '', await readDefinitions([asked.name])));
      const exact = changed(
        before,
        changes === null ? null : (exactBody(request) as Omit<AskedTask, 'name'>),
        parseExact(before.args),
      );
      const task = {
        id: nextId(),
        name: exact.name,
        args: exact.args ?? {},
        options: recordedOptions(exact),
        retryOf: before.id,
      };
      const { answer, replayed } = await answerOnce(
        deps,
        askedOf(request, task.id, { retry: id, changes: bodyText(request) }),
        async (settle) => {
          const together = audited(settle, {
            by: request.user,
            action: 'task.retry',
            subject: { type: 'task', id: before.id },
            details: { retry: task.id },
          });
          return (await recordTogether(context, [task], request, together, requireNew))[0]!;
        },
        async (first) => (await findSettled(pool, first))[0]!,
      );
      return sendTaken(reply.type(JSON_TYPE), answer.id, replayed, taskText(answer));
    },
  );

  /** @throws AppError NOT_FOUND, CONFLICT */
  async function requireEnded(id: string): Promise<AskedBefore> {
    const [before] = await findAsked(pool, [id]);
    if (before === undefined) throw taskNotFound(id);
    if (!isFinal(before.status))
      throw new AppError(
        'CONFLICT',
        `The task has not ended: it is ${before.status}. Wait for its end, or cancel it, and then do it again.`,
        { taskStatus: before.status },
      );
    return before;
  }
}

function changed(before: AskedBefore, changes: Omit<AskedTask, 'name'> | null, args: unknown): AskedTask {
  return { ...before.options, args: args as Record<string, unknown>, ...changes, name: before.name };
}

/** @throws AppError CONFLICT */
function requireNew({ views, isNew }: RecordedTasks): void {
  if (isNew[0]) return;
  const { id, status } = views[0]!;
  throw new AppError('CONFLICT', `The task ${id} has the same unique key, and is ${status}.`, {
    taskId: id,
    taskStatus: status,
  });
}
