// GET /v1/workers: who takes the work, and who has died.
import { findTaskNames, findWorker, listWorkers } from '../../db/workers/workers.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { IdPageQuery, IdParams, Page, problems } from '../http/schemas.ts';
import { commandRoutes } from './commands.ts';
import { poolRoutes } from './pool.ts';
import { MOST_SHOWN, toWorker, WorkerSchema } from './schemas.ts';

export async function workersRoutes(app: App, deps: ApiDeps): Promise<void> {
  const { db } = deps.database;

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
      const rows = await listWorkers(db, { limit: limit + 1, after: cursor });
      const shown = rows.flatMap(({ running }) => running.slice(0, MOST_SHOWN));
      const names = await findTaskNames(db, shown);
      return pageOf(
        rows,
        limit,
        (row) => row.id,
        (row) => toWorker(row, names),
      );
    },
  );

  app.get(
    '/workers/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['workers'],
        operationId: 'getWorker',
        summary: 'One worker',
        description:
          'As it was when it was last heard of: it says so every 5 seconds, and after each command.',
        params: IdParams,
        response: { 200: WorkerSchema, ...problems(400, 404) },
      },
    },
    async ({ params: { id } }) => {
      const worker = await findWorker(db, id);
      if (worker === undefined) throw new AppError('NOT_FOUND', `There is no worker ${id}.`);
      return toWorker(worker, await findTaskNames(db, worker.running.slice(0, MOST_SHOWN)));
    },
  );

  commandRoutes(app, deps);
  poolRoutes(app, deps);
}
