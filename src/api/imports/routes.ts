// /v1/imports: send a file, follow it, read what did not land.
import { randomFillSync } from 'node:crypto';
import multipart from '@fastify/multipart';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { isUuid, createUuidV7 } from '../../core/uuid.ts';
import { listRowErrors, type RowErrorCursor } from '../../db/imports/row-errors.ts';
import { findImportView, listImportViews, type ImportView } from '../../db/tasks/task-views.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { etagOf, isUnchanged } from '../http/caching.ts';
import { IdParams, Page, problems } from '../http/schemas.ts';
import { downloadRoutes } from './download-routes.ts';
import { commitDryRun } from './commit-dry-run.ts';
import { eventsRoute } from './events-route.ts';
import { readFilter } from './history-filter.ts';
import { receiveUpload, type ReceivedUpload } from './receive-upload.ts';
import { requireRetryParent } from './retry-options.ts';
import {
  ErrorsQuery,
  HistoryQuery,
  ImportSchema,
  RowErrorSchema,
  toImport,
  toRowErrorJson,
} from './schemas.ts';
import { undoRoute } from './undo-route.ts';
import { retrySchema, TAKEN, uploadSchema } from './upload-schema.ts';

const TAGS = ['imports'];

export async function importsRoutes(app: App, deps: ApiDeps): Promise<void> {
  const { pool, db } = deps.database;
  const nextId = createUuidV7((bytes) => randomFillSync(bytes));
  // No body is read here: a file is read where it is stored, never into memory, and what is no file is refused unread.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  await app.register(multipart);

  app.post(
    '/imports',
    {
      config: { role: 'operator', takesFile: true },
      // Options are checked by hand, the same for fields and query; the body is a stream.
      validatorCompiler: () => () => true,
      schema: { tags: TAGS, ...uploadSchema(deps.config) },
    },
    async (request, reply) => {
      return sendTaken(reply, await receiveUpload(deps, request, nextId(Date.now())));
    },
  );

  app.post(
    '/imports/:id/retries',
    {
      config: { role: 'operator', takesFile: true },
      validatorCompiler: () => () => true,
      schema: { tags: TAGS, params: IdParams, ...retrySchema(deps.config) },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!isUuid(id)) throw new AppError('INVALID_REQUEST', 'The id of an import is a UUID.');
      const parent = await requireRetryParent(deps, id);
      return sendTaken(reply, await receiveUpload(deps, request, nextId(Date.now()), parent));
    },
  );

  app.get(
    '/imports',
    {
      config: { role: 'viewer' },
      schema: {
        tags: TAGS,
        operationId: 'listImports',
        summary: 'History, newest first',
        querystring: HistoryQuery,
        response: { 200: Page(ImportSchema, 'One page of imports.'), ...problems(400) },
      },
    },
    async (request) => {
      const { limit, cursor, ...filter } = request.query;
      if (cursor !== undefined && !isUuid(cursor)) throw badCursor();
      const page = await listImportViews(pool, readFilter(filter), {
        limit,
        ...(cursor === undefined ? {} : { before: cursor }),
      });
      return { data: page.imports.map(toImport), nextCursor: page.next };
    },
  );

  app.get(
    '/imports/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: TAGS,
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
      const imp = toImport(await requireImport(request.params.id));
      if (isUnchanged(request, reply, etagOf(JSON.stringify(imp)))) return reply.code(304).send();
      return imp;
    },
  );

  app.post(
    '/imports/:id/commit',
    {
      config: { role: 'operator' },
      schema: {
        tags: TAGS,
        operationId: 'commitImport',
        summary: 'Load what a dry run has tried',
        description:
          'Takes a new import with the file and the options of a dry run that has succeeded. It does what the dry run said, or nothing: 412 when the dataset, the tables’ definition or rows that matter have changed since; a change that comes after the answer makes the import fail (`table-changed`). 409 when it is no dry run that has succeeded, or was committed already (`importId`).',
        params: IdParams,
        response: { 202: TAKEN, ...problems(400, 404, 409, 410, 412, 507) },
      },
    },
    async (request, reply) => {
      const importId = nextId(Date.now());
      await commitDryRun(deps, request.params.id, { userId: request.user.id, importId, log: request.log });
      const view = await requireImport(importId);
      return reply
        .code(202)
        .header('Location', `/v1/tasks/${importId}`)
        .header('Retry-After', '1')
        .send(toImport(view));
    },
  );

  app.get(
    '/imports/:id/errors',
    {
      config: { role: 'viewer' },
      schema: {
        tags: TAGS,
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
      const page = await listRowErrors(db, request.params.id, filter, {
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return {
        data: page.errors.map(toRowErrorJson),
        nextCursor: page.next === null ? null : `${page.next.row}.${page.next.line}.${page.next.no}`,
      };
    },
  );

  downloadRoutes(app, deps, requireImport);
  undoRoute(app, deps, () => nextId(Date.now()));
  eventsRoute(app, deps, requireImport);

  async function sendTaken(reply: FastifyReply, { importId, replayed }: ReceivedUpload) {
    const view = await requireImport(importId);
    if (replayed) void reply.header('Idempotent-Replayed', 'true');
    return reply
      .code(202)
      .header('Location', `/v1/tasks/${importId}`)
      .header('Retry-After', '1')
      .send(toImport(view));
  }

  async function requireImport(id: string): Promise<ImportView> {
    const view = await findImportView(pool, id);
    if (view === undefined) throw new AppError('NOT_FOUND', `There is no import ${id}.`);
    return view;
  }
}

function readErrorCursor(cursor: string): RowErrorCursor {
  const match = /^(\d{1,15})\.(\d{1,15})\.(\d{1,6})$/.exec(cursor);
  if (match === null) throw badCursor();
  return { row: Number(match[1]), line: Number(match[2]), no: Number(match[3]) };
}

function badCursor(): AppError {
  return new AppError(
    'INVALID_REQUEST',
    'The cursor is not one of ours. Use the nextCursor of the page before, or none for the first page.',
  );
}
