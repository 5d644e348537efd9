// What became of an import's records, as files: rejects.csv, unprocessed.csv, accepted.csv.
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { tellsNull } from '../../core/csv/types.ts';
import { isFinal } from '../../core/tasks/task-status.ts';
import { listRejectKeys } from '../../db/imports/chunks.ts';
import { findImport, type ImportRow } from '../../db/imports/imports.ts';
import type { ImportView } from '../../db/imports/import-views.ts';
import { AppError } from '../../errors.ts';
import { downloadKey } from '../../storage/keys.ts';
import type { LinkedFile } from '../../storage/storage.ts';
import { requireFiles } from '../../intake/require-files.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { streamAccepted } from '../../outcome/accepted.ts';
import { WORKBOOK_TYPE } from '../../core/excel/write-workbook.ts';
import { requireRoom, streamRejectWorkbook } from '../../outcome/reject-workbook.ts';
import { workbookFile } from '../http/workbook-file.ts';
import { streamRejects } from '../../outcome/rejects.ts';
import { streamUnprocessed } from '../../outcome/unprocessed.ts';
import type { ImportsContext } from './context.ts';
import { linkDownload } from './link-download.ts';

const redirect = Type.Optional(
  Type.Boolean({
    default: false,
    description:
      'true: where files are kept in S3, the answer is 303 with an address there, valid for SLUICE_S3_LINK_SECONDS, from which the file comes without Sluice between and in ranges. Elsewhere the file itself is the answer.',
  }),
);

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

const RedirectQuery = Type.Object({ redirect }, { additionalProperties: false });

const RawOrRedirectQuery = Type.Object({ ...RawQuery.properties, redirect }, { additionalProperties: false });

const CSV_TYPE = 'text/csv; charset=utf-8';

const GUARDED =
  'Cells that a spreadsheet would run as a formula begin with an apostrophe, which is taken off when the file is sent again.';

export function downloadRoutes(app: App, { deps, requireImport }: ImportsContext): void {
  const { db } = deps.database;

  app.get(
    '/imports/:id/rejects.csv',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'downloadRejects',
        summary: 'Rejected records, to fix and send again',
        description: `The file’s own columns after \`_row\` and \`_errors\`, complete and in file order. ${GUARDED}`,
        params: IdParams,
        querystring: RawOrRedirectQuery,
        response: {
          200: csv('only its header when nothing was rejected'),
          303: ELSEWHERE,
          ...problems(400, 404, 410, 503),
        },
      },
    },
    async (request, reply) => {
      const view = await requireKept(request.params.id);
      const keys = await listRejectKeys(db, view.id);
      const header = view.columns.map((column) => column.header);
      const { raw } = request.query;
      return send(reply, view.id, request.query, { type: CSV_TYPE, name: `rejects-${view.id}.csv` }, () =>
        streamRejects(deps.storage, keys, header, raw === true, tellsNull(view.dialect)),
      );
    },
  );

  app.get(
    '/imports/:id/rejects.xlsx',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'downloadRejectsWorkbook',
        summary: 'Rejected records as an Excel workbook, to fix and send again',
        description:
          'The same as rejects.csv. Each cell is a text, so Excel runs none as a formula and changes none. 409 when there are more rejects than a sheet has rows.',
        params: IdParams,
        querystring: RedirectQuery,
        response: {
          200: workbookFile('only its header when nothing was rejected'),
          303: ELSEWHERE,
          ...problems(400, 404, 409, 410, 503),
        },
      },
    },
    async (request, reply) => {
      const view = await requireKept(request.params.id);
      requireRoom(view.counts.rejected);
      const { document, columns, dialect } = await requireRow(view.id);
      const keys = await listRejectKeys(db, view.id);
      const as = { type: WORKBOOK_TYPE, name: `rejects-${view.id}.xlsx` };
      return send(reply, view.id, request.query, as, () =>
        streamRejectWorkbook(deps.storage, { document, columns, keys, tellsNull: tellsNull(dialect) }),
      );
    },
  );

  app.get(
    '/imports/:id/unprocessed.csv',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'downloadUnprocessed',
        summary: 'Records neither landed nor rejected, to send again',
        description: [
          'The records that a cancel, a failure or `maxErrors` has left, and those that an undo or a rollback has taken back, in file order. 409 until the import has ended. A record that has landed is not here, even if another program has deleted its row or has emptied the row’s `import_id` or `import_row` since.',
          'The columns are those of rejects.csv: `_row` (the record’s number in its file), `_errors`, then the file’s own. `_errors` is empty, except for records that cannot be read or decoded. Those are rejected again until you mend them or empty the cell.',
          GUARDED,
        ].join(' '),
        params: IdParams,
        querystring: RawOrRedirectQuery,
        response: {
          200: csv('only its header when nothing is left'),
          303: ELSEWHERE,
          ...problems(400, 404, 409, 410, 503),
        },
      },
    },
    async (request, reply) => {
      const view = await requireKept(request.params.id);
      if (!isFinal(view.status))
        throw new AppError(
          'CONFLICT',
          `The import is ${view.status}. Ask again when it has ended: only then is it known which records are unprocessed.`,
          { taskStatus: view.status },
        );
      const imp = await requireRow(view.id);
      const { raw } = request.query;
      const as = { type: CSV_TYPE, name: `unprocessed-${view.id}.csv` };
      return send(reply, view.id, request.query, as, () => streamUnprocessed(deps, imp, raw === true));
    },
  );

  app.get(
    '/imports/:id/accepted.csv',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import'], dataset: 'import' } },
      schema: {
        tags: ['imports'],
        operationId: 'downloadAccepted',
        summary: 'Records that are in the table, and their ids',
        description:
          'Columns `_row` (the record’s number in its file) and `_id` (the id of its row), in file order, as the table is at this moment: rows that were taken back or deleted are left out, and so are those whose `import_id` another program has emptied. If it has emptied `import_row`, `_row` is empty. 410 for an upsert whose files were removed: which rows it had found is removed with them.',
        params: IdParams,
        response: { 200: csv('only its header when there is none'), ...problems(400, 404, 410) },
      },
    },
    async (request, reply) => {
      const { id, erasedAt } = await requireImport(request.params.id);
      // Made from the table: of retention it needs to know nothing.
      requireFiles({ erasedAt, filesRemovedAt: null });
      const imp = await requireRow(id);
      return sendFile(reply, CSV_TYPE, `accepted-${id}.csv`, () => streamAccepted(deps.downloads.pool, imp));
    },
  );

  /** The file, or where it is when the client asks for that and the storage has addresses. */
  async function send(
    reply: FastifyReply,
    importId: string,
    { raw, redirect: elsewhere }: { readonly raw?: boolean; readonly redirect?: boolean },
    as: LinkedFile,
    open: () => Readable | Promise<Readable>,
  ): Promise<FastifyReply> {
    if (elsewhere === true && reply.request.method !== 'HEAD') {
      const key = downloadKey(importId, raw === true ? 'raw' : 'guarded', as.name);
      const address = await linkDownload(deps.storage, key, as, open, () => requireKept(importId));
      if (address !== undefined) return reply.redirect(address, 303);
    }
    return sendFile(reply, as.type, as.name, open);
  }

  async function requireKept(id: string): Promise<ImportView> {
    const view = await requireImport(id);
    requireFiles(view);
    return view;
  }

  async function requireRow(id: string): Promise<ImportRow> {
    const imp = await findImport(db, id);
    if (imp === undefined) throw new AppError('NOT_FOUND', `There is no import ${id}.`);
    return imp;
  }
}

const ELSEWHERE = {
  description: 'With `redirect=true`: the file is at the address in `Location`. Send no API key there.',
  headers: { Location: { type: 'string', description: 'Where the file is.' } },
  type: 'null',
} as const;

function csv(empty: string) {
  return {
    description: `The file; ${empty}.`,
    content: { 'text/csv': { schema: Type.Unsafe<unknown>({ type: 'string' }) } },
  };
}

/**
 * What fails before the first byte, such as a file that is gone, is told before the answer has begun.
 * @param open makes the file; not called for a HEAD, which asks only whether there is one
 */
async function sendFile(
  reply: FastifyReply,
  type: string,
  name: string,
  open: () => Readable | Promise<Readable>,
): Promise<FastifyReply> {
  void reply.type(type).header('Content-Disposition', `attachment; filename="${name}"`);
  if (reply.request.method === 'HEAD') return reply.send();
  const file = await open();
  await once(file, 'readable');
  return reply.send(file);
}
