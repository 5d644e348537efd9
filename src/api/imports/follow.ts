// GET /v1/imports/{id}/events
import { Readable } from 'node:stream';
import { Type } from '@fastify/type-provider-typebox';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import type { ImportsContext } from './context.ts';
import { followImport } from './events.ts';

export function followRoute(app: App, { deps, stopping, requireImport }: ImportsContext): void {
  app.get(
    '/imports/:id/events',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['imports'],
        operationId: 'followImport',
        summary: 'Progress as server-sent events',
        description:
          '`snapshot` first, `progress` at most twice a second, `end` with the final state. Data is the import as JSON; reconnecting gives a new snapshot.',
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
      void reply
        .type('text/event-stream; charset=utf-8')
        .header('Cache-Control', 'no-store')
        .header('X-Accel-Buffering', 'no');
      // A stream would keep it waiting until the import has ended.
      if (request.method === 'HEAD') return reply.send();
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const events = followImport(deps.database.pool, view, AbortSignal.any([gone.signal, stopping]));
      return reply.send(Readable.from(events, { objectMode: false }));
    },
  );
}
