// GET /v1/imports/{id}/errors
import { listRowErrors, type RowErrorCursor } from '../../db/imports/row-errors.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, Page, problems } from '../http/schemas.ts';
import { badCursor } from './bad-cursor.ts';
import type { ImportsContext } from './context.ts';
import { ErrorsQuery, RowErrorSchema, toRowErrorJson } from './schemas.ts';

export function errorsRoute(app: App, { deps, requireImport }: ImportsContext): void {
  app.get(
    '/imports/:id/errors',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['imports'],
        operationId: 'listRowErrors',
        summary: 'Row errors, in file order',
        description: `Up to ${deps.config.maxStoredErrors} of an import are kept (SLUICE_MAX_STORED_ERRORS); its counts are exact and rejects.csv is complete.`,
        params: IdParams,
        querystring: ErrorsQuery,
        response: { 200: Page(RowErrorSchema, 'One page of row errors.'), ...problems(400, 404) },
      },
    },
    async (request) => {
      await requireImport(request.params.id);
      const { limit, cursor, ...filter } = request.query;
      const after = cursor === undefined ? undefined : readErrorCursor(cursor);
      const page = await listRowErrors(deps.database.db, request.params.id, filter, {
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return {
        data: page.errors.map(toRowErrorJson),
        nextCursor: page.next === null ? null : `${page.next.row}.${page.next.line}.${page.next.no}`,
      };
    },
  );
}

function readErrorCursor(cursor: string): RowErrorCursor {
  const match = /^(\d{1,15})\.(\d{1,15})\.(\d{1,6})$/.exec(cursor);
  if (match === null) throw badCursor();
  return { row: Number(match[1]), line: Number(match[2]), no: Number(match[3]) };
}
