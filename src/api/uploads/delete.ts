// DELETE /v1/uploads/{id}
import { Type } from '@fastify/type-provider-typebox';
import { deleteKept } from '../../intake/keep-upload.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { ownerOf } from './owner.ts';

export function deleteRoute(app: App, deps: ApiDeps): void {
  app.delete(
    '/uploads/:id',
    {
      config: { role: 'operator', scope: { verbs: ['import'], dataset: 'upload' } },
      schema: {
        tags: ['uploads'],
        operationId: 'deleteUpload',
        summary: 'Delete a kept upload',
        description:
          'Its file is removed. Imports that were made of it have their own copy and stay; one that is being made of it is whole, or is answered 404.',
        params: IdParams,
        response: { 204: Type.Null({ description: 'Deleted.' }), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await deleteKept({ ...deps, logger: request.log }, id, ownerOf(request.user));
      request.log.info({ upload: id, by: request.user.id }, 'a kept upload was deleted');
      return reply.code(204).send(null);
    },
  );
}
