// GET /v1/imports/{id}
import { Type } from '@fastify/type-provider-typebox';
import { etagOf, isUnchanged } from '../http/caching.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import type { ImportsContext } from './context.ts';
import { ImportSchema, toImport } from './import-schema.ts';

export function showRoute(app: App, { deps, requireImport }: ImportsContext): void {
  app.get(
    '/imports/:id',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'getImport',
        summary: 'One import',
        description:
          'Answers 304 to `If-None-Match` with the `ETag` of the last answer when nothing has changed.',
        params: IdParams,
        response: {
          200: ImportSchema,
          304: Type.Unsafe<void>({ type: 'null', description: 'Nothing has changed.' }),
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const imp = toImport(await requireImport(request.params.id), deps.config.basePath);
      if (isUnchanged(request, reply, etagOf(JSON.stringify(imp)))) return reply.code(304).send();
      return imp;
    },
  );
}
