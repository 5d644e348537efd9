// GET /v1/tasks/{id}: the poll, and the wait for the end.
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { abortAfter, type AbortAfter } from '../../core/abort-after.ts';
import { isFinal } from '../../core/tasks/task-status.ts';
import { listEnded } from '../../db/tasks/attempts.ts';
import type { TaskView } from '../../db/tasks/task-views.ts';
import { hearEndedBells } from '../../queue/ended-bells.ts';
import { etagOf, isUnchanged } from '../http/caching.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import type { TasksContext } from './context.ts';
import { createEndWatch } from './end-watch.ts';
import { createPollReader } from './poll-reader.ts';
import { taskNotFound } from './require-task.ts';
import { JSON_TYPE, taskAnswer, taskText } from './schemas.ts';

/** Shortest and longest wait between polls that `Retry-After` advises, in seconds. */
const RETRY_AFTER = { min: 1, max: 15 };
/** Less than the time after which common load balancers and this API end a connection on which nothing moves. */
const LONGEST_WAIT_SECONDS = 60;

const Query = Type.Object(
  {
    wait: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: LONGEST_WAIT_SECONDS,
        description:
          'Seconds: the answer comes when the task has ended, or after this time as it is then. Without it, at once.',
      }),
    ),
  },
  { additionalProperties: false },
);

export function showRoute(app: App, { deps }: TasksContext): void {
  const { database, redis, config, logger } = deps;
  const readPoll = createPollReader(database.pool, renderPoll);
  const watch = createEndWatch((ids) => listEnded(database.pool, ids), logger);
  const bells = hearEndedBells(redis, config, logger, (id) => watch.heard(id));
  let isStopping = false;
  app.addHook('preClose', (done) => {
    isStopping = true;
    watch.close();
    done();
  });
  app.addHook('onClose', () => bells.close());

  app.get(
    '/tasks/:id',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import', 'write'], dataset: 'task' } },
      schema: {
        tags: ['tasks'],
        operationId: 'getTask',
        summary: 'Status of a task',
        description:
          'Answers 304 to `If-None-Match` with the `ETag` of the last answer when nothing has changed. `Retry-After` advises when to ask again; with `wait` there is no need to ask often.',
        params: IdParams,
        querystring: Query,
        response: {
          200: taskAnswer('How it stands.'),
          304: Type.Unsafe<void>({ type: 'null', description: 'Nothing has changed.' }),
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { wait = 0 } = request.query;
      let poll = await requirePoll(id);
      if (wait > 0 && poll.retryAfter !== undefined) {
        bells.listen(poll.queue);
        const { signal, clear } = atMost(wait, reply);
        await watch.ended(id.toLowerCase(), signal).finally(clear);
        poll = await requirePoll(id);
        // Kept open, it would hold up the stop.
        if (isStopping) void reply.header('Connection', 'close');
      }
      if (poll.retryAfter !== undefined) void reply.header('Retry-After', poll.retryAfter);
      if (isUnchanged(request, reply, poll.etag)) return reply.code(304).send();
      return reply.type(JSON_TYPE).send(poll.body);
    },
  );

  async function requirePoll(id: string): Promise<Poll> {
    const poll = await readPoll(id);
    if (poll === undefined) throw taskNotFound(id);
    return poll;
  }
}

/** Given after so many seconds, or when the client has gone. */
function atMost(seconds: number, reply: FastifyReply): AbortAfter {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return abortAfter(seconds * 1000, gone.signal, () => new Error('The time to wait is over.'));
}

/** The answer to a poll, made once for all who asked at the same time. */
interface Poll {
  readonly body: string;
  /** Of the body: it changes with anything a client can see. */
  readonly etag: string;
  /** Undefined when the task has ended. */
  readonly retryAfter: string | undefined;
  readonly queue: string;
}

function renderPoll(view: TaskView): Poll {
  const body = taskText(view);
  return {
    body,
    etag: etagOf(body),
    retryAfter: isFinal(view.status) ? undefined : String(retryAfter(view)),
    queue: view.queue,
  };
}

function retryAfter(view: TaskView): number {
  return Math.min(
    RETRY_AFTER.max,
    Math.max(RETRY_AFTER.min, Math.ceil((view.progress?.etaSeconds ?? 0) / 2)),
  );
}
