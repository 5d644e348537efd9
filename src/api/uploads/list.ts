// GET /v1/uploads
import { listUploads } from '../../db/uploads/uploads.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { IdPageQuery, Page, problems } from '../http/schemas.ts';
import type { ApiDeps } from '../deps.ts';
import { ownerOf } from './owner.ts';
import { toUpload, UploadSchema } from './schemas.ts';

export function listRoute(app: App, { database }: ApiDeps): void {
  app.get(
    '/uploads',
    {
      config: { role: 'operator' },
      schema: {
        tags: ['uploads'],
        operationId: 'listUploads',
        summary: 'Kept uploads, newest first',
        description: 'Your own; of an admin, those of all users.',
        querystring: IdPageQuery,
        response: { 200: Page(UploadSchema, 'One page of uploads.'), ...problems(400) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const rows = await listUploads(database.db, ownerOf(request.user), limit + 1, cursor);
      return pageOf(rows, limit, ({ id }) => id, toUpload);
    },
  );
}
