// GET /v1/imports/{id}
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import type { ImportsContext } from './context.ts';
import { ImportSchema, toImport } from './schemas.ts';

export function showRoute(app: App, { requireImport }: ImportsContext): void {
  app.get(
    '/imports/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['imports'],
        operationId: 'getImport',
        summary: 'One import',
        params: IdParams,
        response: { 200: ImportSchema, ...problems(400, 404) },
      },
    },
    async (request) => toImport(await requireImport(request.params.id)),
  );
}
