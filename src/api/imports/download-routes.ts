// What became of an import's records, as files: rejects.csv, unprocessed.csv, accepted.csv.
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { isFinal } from '../../core/tasks/task-status.ts';
import { listRejectKeys } from '../../db/imports/chunks.ts';
import { findImport, type ImportRow } from '../../db/imports/imports.ts';
import type { ImportView } from '../../db/tasks/task-views.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { streamAccepted } from '../../outcome/accepted.ts';
import { streamRejects } from '../../outcome/rejects.ts';
import { streamUnprocessed } from '../../outcome/unprocessed.ts';

const RawQuery = Type.Object(
  {
    raw: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'true: without the guard against spreadsheet formulas.',
      }),
    ),
  },
  { additionalProperties: false },
);

const GUARDED =
  'Cells that a spreadsheet would run as a formula begin with an apostrophe, which is taken off when the file is sent again.';

/** @param requireImport gives an import, or a 404 */
export function downloadRoutes(
  app: App,
  deps: ApiDeps,
  requireImport: (id: string) => Promise<ImportView>,
): void {
  const { db } = deps.database;

  app.get(
    '/imports/:id/rejects.csv',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['imports'],
        operationId: 'downloadRejects',
        summary: 'Rejected records, to fix and send again',
        description: `The file’s own columns after \`_row\` and \`_errors\`, complete and in file order. ${GUARDED}`,
        params: IdParams,
        querystring: RawQuery,
        response: { 200: csv('only its header when nothing was rejected'), ...problems(400, 404, 410) },
      },
    },
    async (request, reply) => {
      const view = await requireFiles(request.params.id);
      const keys = await listRejectKeys(db, view.id);
      const header = view.columns.map((column) => column.header);
      const rejects = streamRejects(deps.storage, keys, header, request.query.raw === true);
      return sendCsv(reply, rejects, `rejects-${view.id}.csv`);
    },
  );

  app.get(
    '/imports/:id/unprocessed.csv',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['imports'],
        operationId: 'downloadUnprocessed',
        summary: 'Records neither landed nor rejected, to send again',
        description: [
          'What a cancel, a limit of errors or a failure has left, in file order; 409 until the import has ended.',
          'The columns are those of rejects.csv: `_row` (the record’s number in its file), `_errors`, then the file’s own. `_errors` is empty but for records that cannot be read or decoded; those are rejected again unless they are mended or the cell is emptied.',
          GUARDED,
        ].join(' '),
        params: IdParams,
        querystring: RawQuery,
        response: { 200: csv('only its header when nothing is left'), ...problems(400, 404, 409, 410) },
      },
    },
    async (request, reply) => {
      const view = await requireFiles(request.params.id);
      if (!isFinal(view.status))
        throw new AppError(
          'CONFLICT',
          `The import is ${view.status}. What it leaves unprocessed is known when it has ended; ask again then.`,
          { taskStatus: view.status },
        );
      const imp = await requireRow(view.id);
      const records = streamUnprocessed(deps, imp, request.query.raw === true);
      return sendCsv(reply, records, `unprocessed-${view.id}.csv`);
    },
  );

  app.get(
    '/imports/:id/accepted.csv',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['imports'],
        operationId: 'downloadAccepted',
        summary: 'Records that stand in the table, and their ids',
        description:
          'Columns `_row` (the record’s number in its file) and `_id` (the id of its row), in file order, as the table is at this moment: rows that were taken back or deleted are left out. 410 for an upsert whose files were removed: which rows it had found is removed with them.',
        params: IdParams,
        response: { 200: csv('only its header when there is none'), ...problems(400, 404, 410) },
      },
    },
    async (request, reply) => {
      const { id } = await requireImport(request.params.id);
      const accepted = streamAccepted(deps.downloads.pool, await requireRow(id));
      return sendCsv(reply, accepted, `accepted-${id}.csv`);
    },
  );

  async function requireFiles(id: string): Promise<ImportView> {
    const view = await requireImport(id);
    if (view.filesRemovedAt === null) return view;
    throw new AppError(
      'FILE_GONE',
      `The files of this import were removed on ${view.filesRemovedAt.toISOString()} (SLUICE_FILE_RETENTION_DAYS).`,
    );
  }

  async function requireRow(id: string): Promise<ImportRow> {
    const imp = await findImport(db, id);
    if (imp === undefined) throw new AppError('NOT_FOUND', `There is no import ${id}.`);
    return imp;
  }
}

function csv(empty: string) {
  return {
    description: `The file; ${empty}.`,
    content: { 'text/csv': { schema: Type.Unsafe<unknown>({ type: 'string' }) } },
  };
}

/** What fails before the first byte, such as a file that is gone, is told before the answer has begun. */
async function sendCsv(reply: FastifyReply, file: Readable, name: string): Promise<FastifyReply> {
  await once(file, 'readable');
  return reply
    .type('text/csv; charset=utf-8')
    .header('Content-Disposition', `attachment; filename="${name}"`)
    .send(file);
}
