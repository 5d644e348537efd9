// /v1/tasks/{id}: poll a task, cancel it.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { isFinal } from '../../core/task-status.ts';
import { moveTask } from '../../db/tasks.ts';
import { findTaskView, type TaskView } from '../../db/task-views.ts';
import { AppError } from '../../errors.ts';
import { unringImport } from '../../queue/ring.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../fastify.ts';
import { ProgressSchema, StatusName, TaskErrorSchema, toTimes } from '../imports/schemas.ts';
import { CreatedBy, Id, IdParams, Instant, nullable, problems } from '../schemas.ts';

const TaskSchema = Type.Object({
  id: Id('The task.'),
  name: Type.String({ description: 'What it does; `import` for an import.' }),
  status: StatusName,
  progress: nullable(ProgressSchema),
  result: nullable(
    Type.Object({}, { additionalProperties: true, description: 'What came out; the counts of an import.' }),
  ),
  error: nullable(TaskErrorSchema),
  attempts: Type.Integer({ minimum: 0 }),
  createdAt: Instant('When it was asked for.'),
  startedAt: nullable(Instant('When a worker began.')),
  finishedAt: nullable(Instant('When it ended.')),
  createdBy: nullable(CreatedBy),
});

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

  app.get(
    '/tasks/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['tasks'],
        summary: 'Status of a task',
        description:
          'Answers 304 to `If-None-Match` with the `ETag` of the last answer when nothing has changed. `Retry-After` advises when to ask again.',
        params: IdParams,
        response: {
          200: TaskSchema,
          304: {
            description: 'Nothing has changed.',
            content: { 'application/json': { schema: Type.Null() } },
          },
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const view = await requireTask(request.params.id);
      const etag = `W/"${view.version}"`;
      void reply.header('ETag', etag).header('Cache-Control', 'private, no-cache');
      if (!isFinal(view.status)) void reply.header('Retry-After', String(retryAfter(view)));
      if (isAmong(request.headers['if-none-match'], etag)) return reply.code(304).send(null);
      return toTask(view);
    },
  );

  app.delete(
    '/tasks/:id',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['tasks'],
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
          status: now.status,
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
      await unringImport(deps.queues, id).catch((error: unknown) =>
        deps.logger.debug({ err: error, id }, 'the cancelled job stays in Redis; a worker will drop it'),
      );
    return moved;
  }

  async function requireTask(id: string): Promise<TaskView> {
    const view = await findTaskView(pool, id);
    if (view === undefined) throw new AppError('NOT_FOUND', `There is no task ${id}.`);
    return view;
  }
}

/** `If-None-Match`: tags are compared weakly, `*` is any (RFC 9110, 13.1.2). */
function isAmong(ifNoneMatch: string | undefined, etag: string): boolean {
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return ifNoneMatch?.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag)) === true;
}

function retryAfter(view: TaskView): number {
  return Math.min(
    RETRY_AFTER.max,
    Math.max(RETRY_AFTER.min, Math.ceil((view.progress?.etaSeconds ?? 0) / 2)),
  );
}

function toTask(view: TaskView): Static<typeof TaskSchema> {
  const { id, name, status, progress, result, error, attempts, createdBy } = view;
  return { id, name, status, progress, result, error, attempts, ...toTimes(view), createdBy };
}
