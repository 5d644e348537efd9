// GET /v1/imports/{id}/events
import { Readable } from 'node:stream';
import { Type } from '@fastify/type-provider-typebox';
import { counted } from '../../core/counted.ts';
import { AppError } from '../../errors.ts';
import { AtOnce } from '../http/at-once.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import type { ImportsContext } from './context.ts';
import { followImport } from './events.ts';

export function followRoute(app: App, { deps, stopping, requireImport }: ImportsContext): void {
  const { streamsPerKey } = deps.config;
  const streams = new AtOnce({ total: 0, perKey: streamsPerKey });

  app.get(
    '/imports/:id/events',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'followImport',
        summary: 'Progress as server-sent events',
        description:
          '`snapshot` first, `progress` at most twice a second, `end` with the final state. Data is the import as JSON; reconnecting gives a new snapshot. A key may have so many streams open at a server (SLUICE_STREAMS_PER_KEY); one more is 429. A stream ends when its key is revoked or expires, or its user is removed.',
        params: IdParams,
        response: {
          200: {
            description: 'text/event-stream',
            content: { 'text/event-stream': { schema: Type.Unsafe<unknown>({ type: 'string' }) } },
          },
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const view = await requireImport(request.params.id);
      void reply.type('text/event-stream; charset=utf-8').header('X-Accel-Buffering', 'no');
      // A stream would keep it waiting until the import has ended.
      if (request.method === 'HEAD') return reply.send();
      const leave = streams.enter(request.user.keyId);
      if (typeof leave === 'string') throw tooManyStreams(streamsPerKey);
      const gone = new AbortController();
      reply.raw.once('close', () => {
        gone.abort();
        leave();
      });
      const events = followImport(deps.database.pool, view, {
        signal: AbortSignal.any([gone.signal, stopping]),
        isAllowed: request.isStillAllowed,
        basePath: deps.config.basePath,
      });
      return reply.send(Readable.from(events, { objectMode: false }));
    },
  );
}

function tooManyStreams(limit: number): AppError {
  return new AppError(
    'RATE_LIMITED',
    `This key has ${counted(limit, 'event stream')} open, as many as it may. Close one, or poll GET /v1/tasks/{id} instead.`,
  );
}
