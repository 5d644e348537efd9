// GET /v1/tasks/registered: what can be asked for.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { DEFAULT_BACKOFF } from '../../core/tasks/backoff.ts';
import { DELIVERIES, RUNS } from '../../core/tasks/task-document.ts';
import { listRegistered, type RegisteredTask } from '../../db/tasks/registered.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { Id, Label, nullable, Page, PageQuery, problems } from '../http/schemas.ts';
import type { TasksContext } from './context.ts';

const JsonSchema = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, description });
const Ms = (description: string) => nullable(Type.Integer({ minimum: 0, description }));

const Backoff = component(
  'RegisteredBackoff',
  Type.Object(
    {
      type: Type.Enum(['fixed', 'exponential'], { type: 'string' }),
      delayMs: Type.Integer({ minimum: 0, description: 'Before the second attempt.' }),
      maxMs: Type.Integer({ minimum: 0, description: 'The longest wait.' }),
      jitter: Type.Number({ minimum: 0, maximum: 1, description: 'The part that chance may take off.' }),
    },
    { description: 'How long it waits between attempts.' },
  ),
);

const Knower = component(
  'RegisteredWorker',
  Type.Object({ id: Id('The worker.'), host: Type.String() }, { description: 'A worker that knows it.' }),
);

const Registered = component(
  'RegisteredTask',
  Type.Object({
    name: Type.String({ description: 'What it is asked for by.' }),
    description: nullable(Type.String({ description: 'What it does.' })),
    args: JsonSchema('JSON Schema of its arguments.'),
    result: nullable(JsonSchema('JSON Schema of its result; null: any JSON.')),
    queue: Type.String({ description: 'Where it goes when the request says nothing of it.' }),
    priority: Type.Integer({ description: 'The same; the lower, the sooner.' }),
    run: Type.Enum([...RUNS], {
      type: 'string',
      description:
        '`io`: many share a thread. `cpu`: each has a slot. `import`: of imports and undos, which have calls of their own.',
    }),
    delivery: Type.Enum([...DELIVERIES], {
      type: 'string',
      description: 'Whether it is run again when its worker was lost.',
    }),
    maxAttempts: Type.Integer({ minimum: 1, description: 'How often it is tried before it has failed.' }),
    backoff: nullable(Backoff),
    timeLimitMs: Ms('An attempt that takes longer has failed.'),
    softTimeLimitMs: Ms('After this it is told to stop.'),
    expiresMs: Ms('One that has not begun after this is cancelled.'),
    workers: Type.Array(Knower, { description: 'Who is online and knows it; none: it would wait.' }),
  }),
);

const Query = Type.Object(
  {
    ...PageQuery,
    cursor: Type.Optional(Label('The `nextCursor` of the page before; without, the first page.')),
  },
  { additionalProperties: false },
);

export function registeredRoute(app: App, { deps }: TasksContext): void {
  app.get(
    '/tasks/registered',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['tasks'],
        operationId: 'listRegisteredTasks',
        summary: 'Tasks that can be asked for, by name',
        description:
          'What workers have said of the tasks they know: the schemas of arguments and result, the queue, how it is run, its limits, and which workers that are online know it.',
        querystring: Query,
        response: { 200: Page(Registered, 'One page of tasks.'), ...problems(400) },
      },
    },
    async ({ query: { limit, cursor } }) =>
      pageOf(
        await listRegistered(deps.database.pool, { limit: limit + 1, after: cursor ?? '' }),
        limit,
        ({ document }) => document.name,
        toRegistered,
      ),
  );
}

function toRegistered({ document, workers }: RegisteredTask): Static<typeof Registered> {
  return {
    name: document.name,
    description: document.description ?? null,
    args: document.args as Record<string, unknown>,
    result: (document.result as Record<string, unknown> | undefined) ?? null,
    queue: document.queue,
    priority: document.priority,
    run: document.run,
    delivery: document.delivery,
    maxAttempts: document.maxAttempts,
    backoff: document.backoff === undefined ? null : { ...DEFAULT_BACKOFF, ...document.backoff },
    timeLimitMs: document.timeLimitMs ?? null,
    softTimeLimitMs: document.softTimeLimitMs ?? null,
    expiresMs: document.expiresMs ?? null,
    workers: [...workers],
  };
}
