// Workers on demand: how they are, and starting and stopping them by hand.
import { Type } from '@fastify/type-provider-typebox';
import { POOL_STATES, shownState } from '../../core/workers/worker-pool.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { inTransaction } from '../../db/transaction.ts';
import { askPool, findPool, type PoolView } from '../../db/workers/worker-pool.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { component } from '../http/components.ts';
import type { App, RequestUser } from '../http/fastify.ts';
import { Instant, problems } from '../http/schemas.ts';
import { refuseWhileOthersWork } from './others-at-work.ts';

const PoolSchema = component(
  'WorkerPool',
  Type.Object(
    {
      state: Type.Enum([...POOL_STATES], {
        type: 'string',
        description:
          '`pending`: a worker is being started. `running`: it takes work. `stopping`: what runs ends within SLUICE_SHUTDOWN_GRACE_MS or goes back to its queue. `stopped`: there is none.',
      }),
      onDemand: Type.Boolean({
        description:
          'Whether work that waits starts a worker. False after a stop by hand, until the next start by hand.',
      }),
      host: Type.String({ description: 'The name of the machine or container where `sluice up` runs.' }),
      changedAt: Instant('When the state was entered, or is on its way since.'),
    },
    { description: 'Workers on demand.' },
  ),
);

const StopOptions = component(
  'WorkersStop',
  Type.Object(
    {
      force: Type.Optional(
        Type.Boolean({ description: 'Stop them also while others are at work. Without it: false.' }),
      ),
    },
    { additionalProperties: false },
  ),
);

const ANSWERS = {
  200: { ...PoolSchema, description: 'It is so already.' },
  202: { ...PoolSchema, description: 'It is on its way; GET /v1/workers/pool says how far.' },
};

export function poolRoutes(app: App, deps: ApiDeps): void {
  const { db } = deps.database;

  app.get(
    '/workers/pool',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['workers'],
        operationId: 'getWorkerPool',
        summary: 'Workers on demand',
        description: 'Of `sluice up --workers on-demand`. A 409 if none runs with this database.',
        response: { 200: PoolSchema, ...problems(409) },
      },
    },
    async () => toPool(await requirePool()),
  );

  app.post(
    '/workers/start',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['workers'],
        operationId: 'startWorkers',
        summary: 'Start the worker of `sluice up` now',
        description:
          'Whether work waits or not. It is stopped again when there is nothing to do for SLUICE_WORKERS_IDLE_MS. After a stop by hand, work starts a worker again from now on.',
        response: { ...ANSWERS, ...problems(409) },
      },
    },
    async (request, reply) => {
      const pool = await change('start', request.user);
      return reply.code(pool.state === 'running' ? 200 : 202).send(pool);
    },
  );

  app.post(
    '/workers/stop',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['workers'],
        operationId: 'stopWorkers',
        summary: 'Stop the worker of `sluice up`, and start none',
        description:
          'What runs ends within SLUICE_SHUTDOWN_GRACE_MS, or goes back to its queue without an attempt used up. Nothing starts a worker until POST /v1/workers/start, also over a restart of `sluice up`; work waits. While others are at work it is refused with 409: `users` used the API in the last SLUICE_ACTIVE_MINUTES, `tasks` are theirs or nobody’s and run or wait. Workers that were started otherwise go on.',
        body: StopOptions,
        response: { ...ANSWERS, ...problems(400, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      const { force = false } = request.body;
      await requirePool();
      if (!force) await refuseWhileOthersWork(db, request.user.id, deps.config.activeMinutes);
      const pool = await change('stop', request.user, { force });
      return reply.code(pool.state === 'stopped' ? 200 : 202).send(pool);
    },
  );

  async function requirePool(): Promise<PoolView> {
    const pool = await findPool(db);
    if (pool !== undefined) return pool;
    throw new AppError(
      'WORKERS_NOT_ON_DEMAND',
      'No "sluice up --workers on-demand" runs with this database, so nobody would start or stop a worker. Start it so, or set SLUICE_WORKERS=on-demand. Workers that you start yourself are stopped by POST /v1/workers/{id}/shutdown.',
    );
  }

  async function change(
    wish: 'start' | 'stop',
    by: RequestUser,
    options: Readonly<Record<string, unknown>> = {},
  ) {
    const { host } = await requirePool();
    await inTransaction(db, async (tx) => {
      await askPool(tx, wish);
      await recordAudit(tx, {
        by,
        action: `workers.${wish}`,
        subject: { type: 'worker', id: null },
        details: { ...options, host },
      });
    });
    return toPool(await requirePool());
  }
}

function toPool({ state, wish, host, changedAt }: PoolView) {
  return {
    state: shownState(state, wish),
    onDemand: wish !== 'stop',
    host,
    changedAt: changedAt.toISOString(),
  };
}
