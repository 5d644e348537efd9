// GET /v1/tasks/{id}, the poll; and what else is done with a task.
import { Type } from '@fastify/type-provider-typebox';
import { isFinal } from '../../core/tasks/task-status.ts';
import type { TaskView } from '../../db/tasks/task-views.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { etagOf, isUnchanged } from '../http/caching.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { cancelRoute } from './cancel-route.ts';
import { createTasksContext } from './context.ts';
import { createRoutes } from './create.ts';
import { createPollReader } from './poll-reader.ts';
import { taskNotFound } from './require-task.ts';
import { JSON_TYPE, taskAnswer, taskText } from './schemas.ts';

/** Shortest and longest wait between polls that `Retry-After` advises, in seconds. */
const RETRY_AFTER = { min: 1, max: 15 };

export async function tasksRoutes(app: App, deps: ApiDeps): Promise<void> {
  const readPoll = createPollReader(deps.database.pool, renderPoll);

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
          200: taskAnswer('How it stands.'),
          304: Type.Unsafe<void>({ type: 'null', description: 'Nothing has changed.' }),
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const poll = await readPoll(request.params.id);
      if (poll === undefined) throw taskNotFound(request.params.id);
      if (poll.retryAfter !== undefined) void reply.header('Retry-After', poll.retryAfter);
      if (isUnchanged(request, reply, poll.etag)) return reply.code(304).send();
      return reply.type(JSON_TYPE).send(poll.body);
    },
  );

  cancelRoute(app, deps);
  const context = createTasksContext(deps);
  app.addHook('onClose', () => context.ring.close());
  createRoutes(app, context);
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
  const body = taskText(view);
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
