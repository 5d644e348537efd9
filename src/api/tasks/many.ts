// POST /v1/tasks/cancel and POST /v1/tasks/retry: all tasks that match a filter.
import { Type, type TSchema } from '@fastify/type-provider-typebox';
import { parseExact } from '../../core/tasks/exact-json.ts';
import { FINAL_STATUSES, type TaskStatus } from '../../core/tasks/task-status.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { cancelTasks } from '../../db/tasks/cancel-many.ts';
import { findAsked, listRetryable, type AskedBefore } from '../../db/tasks/retries.ts';
import { inTransaction } from '../../db/transaction.ts';
import { ofTrace } from '../../tracing/tracing.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import type { TasksContext } from './context.ts';
import { FILTER, readTaskFilter } from './filter.ts';
import { findMatching, MOST_AT_ONCE, requireExpected } from './matching.ts';
import { recordTasks } from './record-tasks.ts';

/** In one transaction. */
const BATCH = 500;
const UNFINISHED: readonly TaskStatus[] = ['queued', 'running'];

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Remaining = Type.Boolean({ description: 'More match than one request touches: send it again.' });

const bodyOf = (name: string, statuses: readonly TaskStatus[], description: string) =>
  component(
    name,
    Type.Object(
      {
        ...FILTER,
        status: Type.Optional(
          Type.Array(Type.Enum([...statuses], { type: 'string' }), { minItems: 1, description }),
        ),
        expect: Type.Optional(
          Type.Integer({
            minimum: 0,
            description: `How many tasks you expect it to touch, at most ${MOST_AT_ONCE}. Without it, or if it is another number, 409 says how many it would be.`,
          }),
        ),
      },
      { additionalProperties: false },
    ),
  );

const CancelBody = bodyOf('TasksToCancel', UNFINISHED, 'Only these statuses. Without it, both.');
const RetryBody = bodyOf('TasksToRetry', FINAL_STATUSES, 'Only these statuses. Without it, `failed`.');

const Cancelled = component(
  'CancelledTasks',
  Type.Object({
    cancelled: Count('Had not begun, and have ended.'),
    cancelling: Count('Run, and are being stopped.'),
    remaining: Remaining,
  }),
);
const Retried = component(
  'RetriedTasks',
  Type.Object({
    retried: Count('Recorded anew; `retryOf` of each says of which one.'),
    declined: Count('Not recorded, because another task has their unique key.'),
    remaining: Remaining,
  }),
);

export function manyRoutes(app: App, context: TasksContext): void {
  const { deps, nextId } = context;
  const { pool, db } = deps.database;

  app.post(
    '/tasks/cancel',
    {
      config: { role: 'operator' },
      schema: schemaOf({
        operationId: 'cancelTasks',
        summary: 'Cancel all tasks that match',
        description:
          'As `DELETE /v1/tasks/{id}` does each of them; rows of imports that have landed are kept. `expect` must be the number of tasks that it touches.',
        body: CancelBody,
        answer: Cancelled,
      }),
    },
    async (request, reply) => {
      const { expect, status = [...UNFINISHED], ...filter } = request.body;
      const matching = await findMatching(pool, readTaskFilter({ ...filter, status }));
      requireExpected(matching, expect, 'cancel');
      const told = { cancelled: 0, cancelling: 0 };
      for (const ids of batches(matching.ids)) {
        const { cancelled, cancelling } = await inTransaction(db, async (tx) => {
          const found = await cancelTasks(tx.$client, ids, request.user.id);
          await recordAudit(tx, {
            by: request.user,
            action: 'tasks.cancel',
            subject: { type: 'task', id: null },
            details: { filter: { ...filter, status }, ...found },
          });
          return found;
        });
        told.cancelled += cancelled;
        told.cancelling += cancelling;
      }
      return reply.code(202).send({ ...told, remaining: matching.more });
    },
  );

  app.post(
    '/tasks/retry',
    {
      config: { role: 'operator' },
      schema: schemaOf({
        operationId: 'retryTasks',
        summary: 'Do all ended tasks that match again',
        description:
          'As `POST /v1/tasks/{id}/retry` does each of them, oldest first. Tasks that were done again already do not match, nor do imports and undos. `expect` must be the number of tasks that it touches.',
        body: RetryBody,
        answer: Retried,
      }),
    },
    async (request, reply) => {
      const { expect, status = ['failed'], ...filter } = request.body;
      const matching = await findMatching(pool, readTaskFilter({ ...filter, status }), (ids) =>
        listRetryable(pool, ids),
      );
      requireExpected(matching, expect, 'do again');
      const told = { retried: 0, declined: 0 };
      for (const ids of batches(matching.ids)) {
        const recorded = await inTransaction(db, async (tx) => {
          const asked = await findAsked(tx.$client, ids);
          await recordAudit(tx, {
            by: request.user,
            action: 'tasks.retry',
            subject: { type: 'task', id: null },
            details: { filter: { ...filter, status }, tasks: asked.length },
          });
          return recordTasks(tx.$client, asked.map(again), request.user.id);
        });
        recorded.ring(context.ring);
        told.retried += recorded.isNew.filter(Boolean).length;
        told.declined += recorded.isNew.filter((isNew) => !isNew).length;
      }
      return reply.code(202).send({ ...told, remaining: matching.more });
    },
  );

  function again({ id, name, args, options }: AskedBefore) {
    return {
      id: nextId(),
      name,
      args: parseExact(args) as Record<string, unknown>,
      options: { ...ofTrace(), ...options },
      retryOf: id,
    };
  }
}

function schemaOf<Body extends TSchema, Answer extends TSchema>(route: {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly body: Body;
  readonly answer: Answer;
}) {
  const { body, answer, ...said } = route;
  return { tags: ['tasks'], ...said, body, response: { 202: answer, ...problems(400, 409) } };
}

function* batches(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += BATCH) yield ids.slice(at, at + BATCH);
}
