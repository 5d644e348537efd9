// PATCH and DELETE /v1/datasets/{name}/records: all records of a filter, if they are no more than was expected.
import { Type } from '@fastify/type-provider-typebox';
import { parseFilters, type FilterParameters } from '../../core/records/parse-query.ts';
import { EVERYTHING, refuseQuery, type Condition } from '../../core/records/query.ts';
import { compileRecordReader, isRefused } from '../../core/records/read-record.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { changeRecords, deleteRecords, lockMatching } from '../../db/records/change-records.ts';
import { invalidRecords } from '../../db/records/create-records.ts';
import { readFailure } from '../../db/records/errors.ts';
import type { RecordKey } from '../../db/records/read-records.ts';
import { inTransaction, untilNoClash, type Tx } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { audited } from './audited.ts';
import { WRITES, type RecordsContext } from './context.ts';
import { ChangedFields, DatasetParams } from './schemas.ts';

/** More are changed by an import, which does so piece by piece. */
const MOST_AFFECTED = 10_000;

const Query = Type.Object({
  maxAffected: Type.Integer({
    minimum: 1,
    maximum: MOST_AFFECTED,
    description:
      'How many records you expect at most. When the filter has more, nothing is changed and the answer is 409.',
  }),
});

const Affected = component(
  'AffectedRecords',
  Type.Object(
    {
      matched: Type.Integer({ description: 'How many records the filter has.' }),
      changed: Type.Integer({ description: 'How many of them are not as they were.' }),
    },
    { description: 'What was done.' },
  ),
);

const ATOMIC =
  'All of them in one transaction. Filters are those of the list, and there must be one: `id=not.is.null` is all.';

export function changeManyRoutes(app: App, { db, config, shapeOf }: RecordsContext): void {
  app.patch(
    '/datasets/:name/records',
    {
      config: WRITES,
      bodyLimit: config.recordsBodyBytes,
      schema: {
        operationId: 'changeRecords',
        summary: 'Change all records of a filter',
        description: `Gives each of them the values of the body; what is not given stays. ${ATOMIC}`,
        tags: ['records'],
        params: DatasetParams,
        querystring: Query,
        body: ChangedFields,
        response: { 200: Affected, ...problems(400, 404, 409, 413, 415, 422) },
      },
    },
    async (request) => {
      const { params, query, user } = request;
      const shape = await shapeOf(params.name);
      const values = compileRecordReader(shape, config.maxCellBytes).read(request.body, '', 'partial');
      if (isRefused(values)) throw invalidRecords(values);
      return each(shape, query, async (tx, keys) => {
        const changed = (await changeRecords(tx, shape, keys, values, user.id)).length;
        const details = { fields: [...values.keys()], changed };
        if (changed > 0) await recordAudit(tx, audited(request, shape, 'records.change', keys, details));
        return changed;
      });
    },
  );

  app.delete(
    '/datasets/:name/records',
    {
      config: WRITES,
      schema: {
        operationId: 'deleteRecords',
        summary: 'Delete all records of a filter',
        description: ATOMIC,
        tags: ['records'],
        params: DatasetParams,
        querystring: Query,
        response: { 200: Affected, ...problems(400, 404, 409, 422) },
      },
    },
    async (request) => {
      const shape = await shapeOf(request.params.name);
      return each(shape, request.query, async (tx, keys) => {
        const deleted = await deleteRecords(tx, shape, keys);
        if (deleted > 0) await recordAudit(tx, audited(request, shape, 'records.delete', keys));
        return deleted;
      });
    },
  );

  /** Locks the records of the filter, and does the work if there are no more than expected. */
  async function each(
    shape: RecordShape,
    { maxAffected, ...filters }: { readonly maxAffected: number },
    work: (tx: Tx, keys: readonly RecordKey[]) => Promise<number>,
  ): Promise<{ matched: number; changed: number }> {
    const where = filterOf(shape, filters);
    try {
      return await untilNoClash(() =>
        inTransaction(
          db,
          async (tx) => {
            const keys = await lockMatching(tx, shape, where, maxAffected);
            if (keys.length > maxAffected)
              throw new AppError(
                'TOO_MANY_AFFECTED',
                `The filter has more records than maxAffected (${maxAffected}). Nothing was changed. Look at the list of the same filter with count=exact.`,
                { maxAffected },
              );
            return { matched: keys.length, changed: await work(tx, keys) };
          },
          `SET LOCAL statement_timeout = ${Math.trunc(config.queryTimeoutMs)}`,
        ),
      );
    } catch (error) {
      throw readFailure(error, shape, config.queryTimeoutMs);
    }
  }
}

function filterOf(shape: RecordShape, filters: FilterParameters): Condition {
  const where = parseFilters(shape, filters);
  return where === EVERYTHING
    ? refuseQuery('The request has no filter. Give one, such as completed=is.true; id=not.is.null is all.')
    : where;
}
