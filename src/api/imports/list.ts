// GET /v1/imports
import { isUuid } from '../../core/uuid.ts';
import { listImportViews } from '../../db/imports/import-views.ts';
import type { App } from '../http/fastify.ts';
import { Page, problems } from '../http/schemas.ts';
import { heldDatasets, holdToDataset } from '../http/scope.ts';
import { badCursor } from './bad-cursor.ts';
import type { ImportsContext } from './context.ts';
import { readFilter } from './history-filter.ts';
import { HistoryQuery, ImportSchema, toImport } from './import-schema.ts';

export function listRoute(app: App, { deps }: ImportsContext): void {
  app.get(
    '/imports',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import'], dataset: 'handler' } },
      schema: {
        tags: ['imports'],
        operationId: 'listImports',
        summary: 'History, newest first',
        querystring: HistoryQuery,
        response: { 200: Page(ImportSchema, 'One page of imports.'), ...problems(400) },
      },
    },
    async (request) => {
      const { limit, cursor, ...filter } = request.query;
      if (cursor !== undefined && !isUuid(cursor)) throw badCursor();
      if (filter.dataset !== undefined) holdToDataset(request, filter.dataset);
      const among = { ...readFilter(filter), datasets: heldDatasets(request) };
      const page = await listImportViews(deps.database.pool, among, {
        limit,
        ...(cursor === undefined ? {} : { before: cursor }),
      });
      return {
        data: page.imports.map((view) => toImport(view, deps.config.basePath)),
        nextCursor: page.next,
      };
    },
  );
}
