// PATCH, PUT and DELETE /v1/datasets/{name}/records/{id}
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { selectAll } from '../../core/records/parse-query.ts';
import {
  compileRecordReader,
  isRefused,
  type Extent,
  type GivenValues,
} from '../../core/records/read-record.ts';
import { fieldColumns, type RecordShape } from '../../core/records/record-shape.ts';
import { compileWriter } from '../../core/records/write-record.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { changeRecords, deleteRecords, lockRecord } from '../../db/records/change-records.ts';
import { invalidRecords } from '../../db/records/create-records.ts';
import { audited } from '../../db/records/audited.ts';
import { lookUpValues } from '../../db/records/look-up-values.ts';
import { readFailure } from '../../db/records/errors.ts';
import { findRecord, type StoredRecord } from '../../db/records/read-records.ts';
import { inTransaction, untilNoClash, type Tx } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { exactAnswer } from '../schedules/exact-answer.ts';
import { IDEMPOTENT } from '../imports/taken.ts';
import { WRITES, etagOfVersion, recordNotFound, requireKey, type RecordsContext } from './context.ts';
import { answerWritten } from './written.ts';
import { ChangedFields, RecordAnswer, RecordParams } from './schemas.ts';

const Headers = Type.Object({
  ...IDEMPOTENT.properties,
  'if-match': Type.Optional(
    Type.String({
      description: 'The `ETag` that the record was read with: when it has changed since, the answer is 412.',
    }),
  ),
});

const PutQuery = Type.Object(
  {
    partial: Type.Optional(
      Type.Boolean({ default: false, description: 'true: as PATCH, what is not given stays.' }),
    ),
  },
  { additionalProperties: false },
);

const ANSWERS = {
  200: exactAnswer(RecordAnswer, 'The record as it is now.'),
  ...problems(400, 404, 409, 412, 413, 415, 422),
};

type Asked = FastifyRequest<{ Params: { name: string; id: string } }>;

export function changeRoutes(app: App, context: RecordsContext): void {
  const { db, config, shapeOf } = context;
  app.patch(
    '/datasets/:name/records/:id',
    {
      config: WRITES,
      bodyLimit: config.recordsBodyBytes,
      schema: {
        operationId: 'changeRecord',
        summary: 'Change fields of a record',
        description:
          'What is not given stays as it is; null empties a field. The fields are checked as an import checks them. `id` and what else Sluice fills is not looked at.',
        tags: ['records'],
        params: RecordParams,
        headers: Headers,
        body: ChangedFields,
        response: ANSWERS,
      },
    },
    (request, reply) => change(request, reply, 'partial'),
  );

  app.put(
    '/datasets/:name/records/:id',
    {
      config: WRITES,
      bodyLimit: config.recordsBodyBytes,
      schema: {
        operationId: 'replaceRecord',
        summary: 'Replace a record',
        description:
          'A field that is not given is emptied; a required one must be given. A record that was read can be changed and sent back as it is.',
        tags: ['records'],
        params: RecordParams,
        querystring: PutQuery,
        headers: Headers,
        body: ChangedFields,
        response: ANSWERS,
      },
    },
    (request, reply) => change(request, reply, request.query.partial === true ? 'partial' : 'whole'),
  );

  app.delete(
    '/datasets/:name/records/:id',
    {
      config: WRITES,
      schema: {
        operationId: 'deleteRecord',
        summary: 'Delete a record',
        description:
          'The answer is the record as it was. Its rows in linked tables go with it, unless something else refers to them; 409 when another table refers to the record.',
        tags: ['records'],
        params: RecordParams,
        headers: Headers,
        response: {
          200: exactAnswer(RecordAnswer, 'The record that was deleted.'),
          ...problems(400, 404, 409, 412),
        },
      },
    },
    (request, reply) =>
      answerWritten(context, request, reply, async (keep) => {
        const { params } = request;
        const shape = await shapeOf(params.name);
        const key = requireKey(shape, params.id);
        const deleted = await written(shape, async (tx) => {
          const found = await lockMatched(tx, shape, request);
          await deleteRecords(tx, shape, [key]);
          await recordAudit(tx, audited(request.user, shape, 'records.delete', [key]));
          return keep(tx, { body: textOf(shape, found) });
        });
        request.log.info(
          { dataset: params.name, record: params.id, by: request.user.id },
          'a record was deleted',
        );
        return deleted;
      }),
  );

  const written = <T>(shape: RecordShape, work: (tx: Tx) => Promise<T>): Promise<T> =>
    untilNoClash(() => inTransaction(db, work)).catch((error: unknown) => {
      throw readFailure(error, shape, config.queryTimeoutMs);
    });

  function change(request: Asked, reply: FastifyReply, extent: Extent): Promise<string> {
    return answerWritten(context, request, reply, async (keep) => {
      const { params, user } = request;
      const shape = await shapeOf(params.name);
      const key = requireKey(shape, params.id);
      const read = compileRecordReader(shape, config.maxCellBytes).read(request.body, '', extent);
      if (isRefused(read)) throw invalidRecords(read);
      const given = (await lookUpValues(db, shape, [read]))[0]!;
      const { values, toDefault } =
        extent === 'whole' ? withEmptied(shape, given) : { values: given, toDefault: [] };
      const changed = await written(shape, async (tx) => {
        await lockMatched(tx, shape, request);
        const keys = await changeRecords(tx, shape, [key], values, user.id, toDefault);
        if (keys.length > 0)
          await recordAudit(
            tx,
            audited(request.user, shape, 'records.change', [key], { fields: [...given.keys()] }),
          );
        const record = (await findRecord(tx, shape, keys[0] ?? key, selectAll(shape.columns)))!;
        return keep(tx, {
          headers: { ETag: etagOfVersion(record.version) },
          body: textOf(shape, record),
        });
      });
      request.log.info({ dataset: params.name, record: params.id, by: user.id }, 'a record was changed');
      return changed;
    });
  }

  /** @throws AppError RECORD_NOT_FOUND, RECORD_CHANGED */
  async function lockMatched(tx: Tx, shape: RecordShape, request: Asked): Promise<StoredRecord> {
    const { id } = request.params;
    const found = await lockRecord(tx, shape, requireKey(shape, id));
    if (found === undefined) throw recordNotFound(shape, id);
    const etag = etagOfVersion(found.version);
    if (isMatch(request.headers['if-match'], etag)) return found;
    throw new AppError(
      'RECORD_CHANGED',
      `Record ${id} has changed since it was read. Read it again, and decide anew.`,
      { etag },
    );
  }
}

/** RFC 9110, 13.1.1: tags are compared strongly; `*` is any. */
function isMatch(ifMatch: string | undefined, etag: string): boolean {
  return ifMatch === undefined || ifMatch.split(',').some((tag) => ['*', etag].includes(tag.trim()));
}

/** What is not given is emptied; a column of a table that exists gets its default, if it has one. */
function withEmptied(
  shape: RecordShape,
  given: GivenValues,
): { readonly values: GivenValues; readonly toDefault: readonly string[] } {
  const columns = fieldColumns(shape);
  const toDefault = columns
    .filter(({ name, existing }) => !given.has(name) && (existing?.default ?? null) !== null)
    .map(({ name }) => name);
  const values = columns
    .filter(({ name }) => !toDefault.includes(name))
    .map(({ name }) => [name, given.get(name) ?? null] as const);
  return { values: new Map(values), toDefault };
}

function textOf(shape: RecordShape, { values }: StoredRecord): string {
  return compileWriter(selectAll(shape.columns))(values);
}
