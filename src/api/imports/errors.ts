// GET /v1/imports/{id}/errors
import { counted } from '../../core/counted.ts';
import { listRowErrors, type RowErrorCursor } from '../../db/imports/row-errors.ts';
import type { ImportView } from '../../db/imports/import-views.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, Page, problems } from '../http/schemas.ts';
import { badCursor } from './bad-cursor.ts';
import type { ImportsContext } from './context.ts';
import { ErrorsQuery, RowErrorSchema, toRowErrorJson } from './row-error-schema.ts';

export function errorsRoute(app: App, { deps, requireImport }: ImportsContext): void {
  app.get(
    '/imports/:id/errors',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'listRowErrors',
        summary: 'Row errors, in file order',
        description: `Up to ${deps.config.maxStoredErrors} of an import are kept (SLUICE_MAX_STORED_ERRORS); its counts are exact and rejects.csv is complete. ${howLong(deps.config.rowErrorRetentionDays)}`,
        params: IdParams,
        querystring: ErrorsQuery,
        response: { 200: Page(RowErrorSchema, 'One page of row errors.'), ...problems(400, 404, 410) },
      },
    },
    async (request) => {
      const { limit, cursor, ...filter } = request.query;
      const after = cursor === undefined ? undefined : readErrorCursor(cursor);
      const page = await listRowErrors(deps.database.db, request.params.id, filter, {
        limit,
        ...(after === undefined ? {} : { after }),
      });
      // Asked after the page was read: when it says no, none of the page was gone.
      const view = await requireImport(request.params.id);
      requireErrors(view);
      return {
        data: page.errors.map((error) => toRowErrorJson(error, view.dialect)),
        nextCursor: page.next === null ? null : `${page.next.row}.${page.next.line}.${page.next.no}`,
      };
    },
  );
}

function howLong(days: number): string {
  return days === 0
    ? 'They are kept as long as the import.'
    : `410 when they were removed, ${counted(days, 'day')} after the end of the import (SLUICE_ROW_ERROR_RETENTION_DAYS).`;
}

/** @throws AppError ROW_ERRORS_GONE when retention has removed row errors of the import */
function requireErrors({ errorsRemovedAt }: ImportView): void {
  if (errorsRemovedAt !== null)
    throw new AppError(
      'ROW_ERRORS_GONE',
      `The row errors of this import were removed on ${errorsRemovedAt.toISOString()} (SLUICE_ROW_ERROR_RETENTION_DAYS, or the retention of the dataset). Its counts are kept.`,
    );
}

function readErrorCursor(cursor: string): RowErrorCursor {
  const match = /^(\d{1,15})\.(\d{1,15})\.(\d{1,6})$/.exec(cursor);
  if (match === null) throw badCursor();
  return { row: Number(match[1]), line: Number(match[2]), no: Number(match[3]) };
}
