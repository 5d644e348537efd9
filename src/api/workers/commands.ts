// POST /v1/workers/{id}/pause, …: what a worker is to do. It is recorded, and the worker has a second to answer.
import { randomFillSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from '@fastify/type-provider-typebox';
import { createUuidV7 } from '../../core/uuid.ts';
import { SHUTDOWN_MODES, type WorkerCommandName } from '../../core/workers/worker-state.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { inTransaction } from '../../db/transaction.ts';
import { findCommand, recordCommand, type CommandRow } from '../../db/workers/commands.ts';
import { findWorker } from '../../db/workers/workers.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { component } from '../http/components.ts';
import type { App, RequestUser } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { CommandSchema, toCommand } from './schemas.ts';

/** So long the worker has time to answer. */
const ANSWER_MS = 1000;
const LOOK_MS = 40;

const ScaleOptions = component(
  'WorkerScale',
  Type.Object(
    {
      concurrency: Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description: 'How many I/O tasks it runs at the same time from now on. What runs is left alone.',
      }),
    },
    { additionalProperties: false },
  ),
);

const ShutdownOptions = component(
  'WorkerShutdown',
  Type.Object(
    {
      mode: Type.Optional(
        Type.Enum([...SHUTDOWN_MODES], {
          type: 'string',
          description:
            '`warm` (without it): what runs may end within SLUICE_SHUTDOWN_GRACE_MS, and then goes back to its queue. `cold`: it goes back at once. No attempt is used up by it.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
);

const ANSWERS = {
  200: { ...CommandSchema, description: 'The worker has followed it, or has begun to.' },
  202: {
    ...CommandSchema,
    description: 'The worker did not answer within a second. The command holds all the same.',
  },
};

const HOLDS =
  'The state is kept: workers of the same name (SLUICE_WORKER_NAME) that start later do the same. Answered within a second: 200 when the worker has done it; 202 when it did not answer, and does it as soon as it can.';

export function commandRoutes(app: App, deps: ApiDeps): void {
  const { db } = deps.database;
  const newId = createUuidV7(randomFillSync);

  const describe = (operationId: string, summary: string, description: string) => ({
    tags: ['workers'],
    operationId,
    summary,
    description,
    params: IdParams,
    response: { ...ANSWERS, ...problems(400, 404, 409) },
  });

  app.post(
    '/workers/:id/pause',
    {
      config: { role: 'admin' },
      schema: describe(
        'pauseWorker',
        'Have a worker begin nothing',
        `What runs goes on: tasks, and chunks of imports. ${HOLDS}`,
      ),
    },
    async (request, reply) => {
      const said = await command(request.params.id, 'pause', {}, request.user);
      return reply.code(statusOf(said)).send(said);
    },
  );

  app.post(
    '/workers/:id/resume',
    {
      config: { role: 'admin' },
      schema: describe('resumeWorker', 'Have a paused worker go on', HOLDS),
    },
    async (request, reply) => {
      const said = await command(request.params.id, 'resume', {}, request.user);
      return reply.code(statusOf(said)).send(said);
    },
  );

  app.post(
    '/workers/:id/drain',
    {
      config: { role: 'admin' },
      schema: describe(
        'drainWorker',
        'Have a worker end what runs, and exit',
        'It begins nothing more, waits for all that runs, however long that takes, and exits with code 0. What starts it anew (`sluice up`, a container’s restart policy) may do so.',
      ),
    },
    async (request, reply) => {
      const said = await command(request.params.id, 'drain', {}, request.user);
      return reply.code(statusOf(said)).send(said);
    },
  );

  app.post(
    '/workers/:id/scale',
    {
      config: { role: 'admin' },
      schema: {
        ...describe('scaleWorker', 'How many I/O tasks a worker runs at the same time', HOLDS),
        body: ScaleOptions,
        response: { ...ANSWERS, ...problems(400, 404, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      const said = await command(request.params.id, 'scale', request.body, request.user);
      return reply.code(statusOf(said)).send(said);
    },
  );

  app.post(
    '/workers/:id/shutdown',
    {
      config: { role: 'admin' },
      schema: {
        ...describe(
          'shutDownWorker',
          'Have a worker exit',
          'As SIGTERM does. What starts it anew (`sluice up`, a container’s restart policy) may do so.',
        ),
        body: ShutdownOptions,
        response: { ...ANSWERS, ...problems(400, 404, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      const said = await command(
        request.params.id,
        'shutdown',
        { mode: request.body.mode ?? 'warm' },
        request.user,
      );
      return reply.code(statusOf(said)).send(said);
    },
  );

  async function command(
    workerId: string,
    name: WorkerCommandName,
    options: Record<string, unknown>,
    by: RequestUser,
  ) {
    const worker = await findWorker(db, workerId);
    if (worker === undefined) throw new AppError('NOT_FOUND', `There is no worker ${workerId}.`);
    const { phase } = worker;
    if (phase === 'stopping' || (phase === 'draining' && name !== 'shutdown'))
      throw new AppError('CONFLICT', `The worker is ${phase} already.`, { phase });
    const id = newId(Date.now());
    await inTransaction(db, async (tx) => {
      await recordCommand(tx, {
        id,
        workerId,
        workerName: worker.name,
        command: name,
        options,
        createdBy: by.id,
      });
      await recordAudit(tx, {
        by,
        action: `worker.${name}`,
        subject: { type: 'worker', id: workerId },
        details: { ...options, name: worker.name, host: worker.host, pid: worker.pid },
      });
    });
    const row = await answered(id);
    return toCommand(
      row,
      row.acknowledgedAt === null
        ? `The worker did not answer within a second${worker.state === 'lost' ? ' (it is lost)' : ''}. The command holds: it follows it as soon as it can.`
        : 'The worker has answered.',
    );
  }

  /** The command as it is when the worker has answered, or when its time is over. */
  async function answered(id: string): Promise<CommandRow> {
    const until = performance.now() + ANSWER_MS;
    for (;;) {
      const row = (await findCommand(db, id))!;
      if (row.acknowledgedAt !== null || performance.now() + LOOK_MS > until) return row;
      await sleep(LOOK_MS);
    }
  }
}

function statusOf({ acknowledgedAt }: { readonly acknowledgedAt: string | null }): 200 | 202 {
  return acknowledgedAt === null ? 202 : 200;
}
