// /v1/tasks/{id}: poll a task, cancel it.
import { Type } from '@fastify/type-provider-typebox';
import { isFinal } from '../../core/tasks/task-status.ts';
import { moveTask } from '../../db/tasks/tasks.ts';
import { findTaskViews, type TaskView } from '../../db/tasks/task-views.ts';
import { AppError } from '../../errors.ts';
import { withdrawImport } from '../../queue/dispatch.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { etagOf, isUnchanged } from '../http/caching.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { createPollReader } from './poll-reader.ts';
import { TaskSchema, toTask } from './schemas.ts';

const CancelQuery = Type.Object(
  {
    rows: Type.Optional(
      Type.Enum(['keep', 'rollback'], {
        default: 'keep',
        description: 'What becomes of rows that have landed: `keep` leaves them, `rollback` takes them back.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Shortest and longest wait between polls that `Retry-After` advises, in seconds. */
const RETRY_AFTER = { min: 1, max: 15 };

export async function tasksRoutes(app: App, deps: ApiDeps): Promise<void> {
  const { pool, db } = deps.database;
  const readPoll = createPollReader(pool, renderPoll);

  app.get(
    '/tasks/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['tasks'],
        operationId: 'getTask',
        summary: 'Status of a task',
        description:
          'Answers 304 to `If-None-Match` with the `ETag` of the last answer when nothing has changed. `Retry-After` advises when to ask again.',
        params: IdParams,
        response: {
          200: {
            description: 'How it stands.',
            content: { 'application/json': { schema: Type.Unsafe<string>(TaskSchema) } },
          },
          304: Type.Unsafe<void>({ type: 'null', description: 'Nothing has changed.' }),
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const poll = await readPoll(request.params.id);
      if (poll === undefined) throw notFound(request.params.id);
      if (poll.retryAfter !== undefined) void reply.header('Retry-After', poll.retryAfter);
      if (isUnchanged(request, reply, poll.etag)) return reply.code(304).send();
      return reply.type('application/json; charset=utf-8').send(poll.body);
    },
  );

  app.delete(
    '/tasks/:id',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['tasks'],
        operationId: 'cancelTask',
        summary: 'Cancel a task',
        description:
          'A queued task is cancelled at once. A running one becomes `cancelling` and soon `cancelled`; nothing of it lands after that. Asking again for a cancel that is under way gives the same answer.',
        params: IdParams,
        querystring: CancelQuery,
        response: { 202: TaskSchema, ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const cancel = { cancelRows: request.query.rows ?? 'keep', cancelledBy: request.user.id } as const;
      const before = await requireTask(id);
      const moved =
        before.status === 'queued'
          ? await cancelQueued(id, cancel)
          : await moveTask(db, id, 'cancelling', cancel);
      const now = await requireTask(id);
      if (moved === undefined && now.status !== 'cancelling')
        throw new AppError('TASK_FINAL', `The task has ended already: ${now.status}.`, {
          taskStatus: now.status,
        });
      return reply.code(202).send(toTask(now));
    },
  );

  /** A worker may take it at this very moment; then it is cancelled as a running one. */
  async function cancelQueued(id: string, cancel: { cancelRows: 'keep' | 'rollback'; cancelledBy: string }) {
    const moved =
      (await moveTask(db, id, 'cancelled', cancel, ['queued'])) ??
      (await moveTask(db, id, 'cancelling', cancel));
    if (moved?.status === 'cancelled')
      await withdrawImport(deps.queues, id).catch((error: unknown) =>
        deps.logger.debug({ err: error, id }, 'the cancelled job stays in Redis; a worker will drop it'),
      );
    return moved;
  }

  async function requireTask(id: string): Promise<TaskView> {
    const [view] = await findTaskViews(pool, [id]);
    if (view === undefined) throw notFound(id);
    return view;
  }
}

function notFound(id: string): AppError {
  return new AppError('NOT_FOUND', `There is no task ${id}.`);
}

/** The answer to a poll, made once for all who asked at the same time. */
interface Poll {
  readonly body: string;
  /** Of the body: it changes with anything a client can see. */
  readonly etag: string;
  /** Undefined when the task has ended. */
  readonly retryAfter: string | undefined;
}

function renderPoll(view: TaskView): Poll {
  const body = JSON.stringify(toTask(view));
  return {
    body,
    etag: etagOf(body),
    retryAfter: isFinal(view.status) ? undefined : String(retryAfter(view)),
  };
}

function retryAfter(view: TaskView): number {
  return Math.min(
    RETRY_AFTER.max,
    Math.max(RETRY_AFTER.min, Math.ceil((view.progress?.etaSeconds ?? 0) / 2)),
  );
}
