// GET /v1/workers: who takes the work, and who has died.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { WORKER_STATES } from '../../core/workers/worker-state.ts';
import { listWorkers, type WorkerView } from '../../db/workers/workers.ts';
import type { ApiDeps } from '../deps.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { Id, IdPageQuery, Instant, Page, problems } from '../http/schemas.ts';

const WorkerSchema = component(
  'Worker',
  Type.Object({
    id: Id('The worker; a new one each time its process is started.'),
    state: Type.Enum([...WORKER_STATES], {
      type: 'string',
      description:
        '`online`: it says again and again that it is there. `lost`: it has said nothing for 20 seconds; killed, frozen, or cut off from Postgres. A worker that was stopped is not listed.',
    }),
    host: Type.String({ description: 'The name of its machine or container.' }),
    pid: Type.Integer({ description: 'Its process there.' }),
    version: Type.String({ description: 'Of Sluice.' }),
    queues: Type.Array(Type.String(), { description: 'Where it takes work from.' }),
    slots: Type.Integer({ description: 'How many pieces of work it does at a time.' }),
    running: Type.Array(Type.String({ format: 'uuid' }), {
      description: 'The tasks that have work in it; of a lost one, when it was last heard of.',
    }),
    startedAt: Instant('When it was started.'),
    beatAt: Instant('When it was last heard of.'),
  }),
);

export async function workersRoutes(app: App, deps: ApiDeps): Promise<void> {
  app.get(
    '/workers',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['workers'],
        operationId: 'listWorkers',
        summary: 'List workers',
        description: 'Oldest first. A lost worker is listed for a day.',
        querystring: IdPageQuery,
        response: { 200: Page(WorkerSchema, 'One page of workers.'), ...problems(400) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const rows = await listWorkers(deps.database.db, { limit: limit + 1, after: cursor });
      return pageOf(rows, limit, (row) => row.id, toWorker);
    },
  );
}

function toWorker(view: WorkerView): Static<typeof WorkerSchema> {
  const { queues, running, startedAt, beatAt, ...rest } = view;
  return {
    ...rest,
    queues: [...queues],
    running: [...running],
    startedAt: startedAt.toISOString(),
    beatAt: beatAt.toISOString(),
  };
}
