// GET and DELETE /v1/datasets/{name}/mappings
import { Type } from '@fastify/type-provider-typebox';
import { deleteMapping, listMappings } from '../../db/imports/mappings.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { Page, PageQuery, problems } from '../http/schemas.ts';
import { requireDatasetRow } from './require-dataset.ts';
import { NameParams, SavedMapping, toSavedMapping } from './schemas.ts';

const MappingParams = Type.Object({
  ...NameParams.properties,
  fingerprint: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'As the list of mappings has it.' }),
});

export function mappingRoutes(app: App, { database: { db } }: ApiDeps): void {
  app.get(
    '/datasets/:name/mappings',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import', 'write'], dataset: 'path' } },
      schema: {
        operationId: 'listMappings',
        summary: 'Saved mappings',
        description:
          'One for each header that an import with a `mapping` has succeeded with. `mapping=saved` of an upload takes the one of its header.',
        tags: ['datasets'],
        params: NameParams,
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: { 200: Page(SavedMapping, 'One page of mappings.'), ...problems(400, 404) },
      },
    },
    async ({ params: { name }, query: { limit, cursor } }) => {
      await requireDatasetRow(db, name);
      const page = await listMappings(db, name, {
        limit,
        ...(cursor === undefined ? {} : { after: cursor }),
      });
      return { data: page.mappings.map(toSavedMapping), nextCursor: page.next };
    },
  );

  app.delete(
    '/datasets/:name/mappings/:fingerprint',
    {
      config: { role: 'operator', scope: { verbs: ['import'], dataset: 'path' } },
      schema: {
        operationId: 'deleteMapping',
        summary: 'Forget a saved mapping',
        description: 'Imports that used it stay as they are.',
        tags: ['datasets'],
        params: MappingParams,
        response: { 204: Type.Null({ description: 'Forgotten.' }), ...problems(400, 404) },
      },
    },
    async ({ params: { name, fingerprint } }, reply) => {
      if (!(await deleteMapping(db, name, fingerprint)))
        throw new AppError('NOT_FOUND', `No mapping ${fingerprint} is saved for dataset "${name}".`);
      return reply.code(204).send(null);
    },
  );
}
