// GET /v1/queues: how much waits where; and pausing them.
import { Type } from '@fastify/type-provider-typebox';
import { countChunksLeft, listQueueNames, readQueues } from '../../db/queues/queues.ts';
import { lookForWork } from '../../db/workers/work-to-do.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { Page, PageQuery, problems } from '../http/schemas.ts';
import { changeQueue } from './change-queue.ts';
import { QueueMetrics, QueueParams, QueueSchema, toMetrics, toQueue } from './schemas.ts';

export async function queuesRoutes(app: App, deps: ApiDeps): Promise<void> {
  const { db } = deps.database;

  app.get(
    '/queues',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['queues'],
        operationId: 'listQueues',
        summary: 'List queues',
        description:
          'By name: those that the tasks of a worker name as theirs, and those that have, or had, tasks of their own.',
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: { 200: Page(QueueSchema, 'One page of queues.'), ...problems(400) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const names = (await listQueueNames(db)).filter((name) => cursor === undefined || name > cursor);
      const views = await readQueues(db, names.slice(0, limit + 1));
      return pageOf(views, limit, ({ name }) => name, toQueue);
    },
  );

  app.get(
    '/queues/metrics',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['queues'],
        operationId: 'getQueueMetrics',
        summary: 'What KEDA scales workers on',
        description:
          'All queues as numbers, for the `metrics-api` scaler of KEDA: `valueLocation: queues.default.load`, with a viewer’s key as bearer. In a path, dots of a queue’s name are written `\\.`.',
        response: { 200: QueueMetrics, ...problems() },
      },
    },
    async () =>
      toMetrics(
        await readQueues(db, await listQueueNames(db)),
        await countChunksLeft(db),
        await lookForWork(db, undefined),
      ),
  );

  app.get(
    '/queues/:name',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['queues'],
        operationId: 'getQueue',
        summary: 'One queue',
        params: QueueParams,
        response: { 200: QueueSchema, ...problems(400, 404) },
      },
    },
    async ({ params: { name } }) => {
      if (!(await listQueueNames(db)).includes(name))
        throw new AppError('NOT_FOUND', `There is no queue "${name}".`);
      return shown(name);
    },
  );

  for (const change of ['pause', 'resume'] as const)
    app.post(
      `/queues/:name/${change}`,
      {
        config: { role: 'admin' },
        schema: {
          tags: ['queues'],
          operationId: `${change}Queue`,
          summary: change === 'pause' ? 'Have nobody begin a task of a queue' : 'Have a paused queue go on',
          description:
            change === 'pause'
              ? 'What runs goes on. Tasks are still taken, and wait. A queue may be paused before it has its first task. Pausing `imports` also holds the chunks of imports that are under way. Doing it again changes nothing.'
              : 'Workers begin at once. Doing it again changes nothing.',
          params: QueueParams,
          response: { 200: QueueSchema, ...problems(400, 404) },
        },
      },
      async (request) => {
        const { name } = request.params;
        await changeQueue(db, { name, change, by: request.user });
        return shown(name);
      },
    );

  async function shown(name: string) {
    const [view] = await readQueues(db, [name]);
    return toQueue(view!);
  }
}
