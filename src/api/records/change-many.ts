// PATCH and DELETE /v1/datasets/{name}/records: all records of a filter, if they are no more than was expected.
import { Type, type Static } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { compileRecordReader, isRefused } from '../../core/records/read-record.ts';
import { CHANGE_RECORDS, DELETE_RECORDS, requireFilter } from '../../core/records/record-request.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { changeRecords, deleteRecords, lockMatching } from '../../db/records/change-records.ts';
import { invalidRecords } from '../../db/records/create-records.ts';
import { audited } from '../../db/records/audited.ts';
import { lookUpValues } from '../../db/records/look-up-values.ts';
import { readFailure } from '../../db/records/errors.ts';
import type { RecordKey } from '../../db/records/read-records.ts';
import { inTransaction, untilNoClash, type Tx } from '../../db/transaction.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { IDEMPOTENT } from '../imports/taken.ts';
import { TAKEN_HEADERS, taskAnswer } from '../tasks/schemas.ts';
import { becomeTask } from './become-task.ts';
import { bodyText } from './bodies.ts';
import { answerWritten } from './written.ts';
import { WRITES, type RecordsContext } from './context.ts';
import { ChangedFields, DatasetParams } from './schemas.ts';

const Query = Type.Object({
  maxAffected: Type.Integer({
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER - 1,
    description:
      'How many records you expect at most. When the filter has more, nothing is changed: the answer is 409, or the task fails. One above SLUICE_AFFECTED_AT_ONCE makes the request a task.',
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

type Asked = FastifyRequest<{ Querystring: Static<typeof Query> }>;

const ANSWERS = {
  200: Affected,
  202: taskAnswer(
    'It became a task, because `maxAffected` is above SLUICE_AFFECTED_AT_ONCE. `Location` is the task to poll; its `result` is what is answered with 200 otherwise.',
    TAKEN_HEADERS,
  ),
};

const ATOMIC =
  'All of them in one transaction, also by a task. Filters are those of the list, and there must be one: `id=not.is.null` is all.';

export function changeManyRoutes(app: App, context: RecordsContext): void {
  const { db, config, shapeOf } = context;
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
        headers: IDEMPOTENT,
        body: ChangedFields,
        response: { ...ANSWERS, ...problems(400, 404, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const { params, query, user } = request;
      const shape = await shapeOf(params.name);
      const read = compileRecordReader(shape, config.maxCellBytes).read(request.body, '', 'partial');
      if (isRefused(read)) throw invalidRecords(read);
      const values = (await lookUpValues(db, shape, [read]))[0]!;
      if (isLarge(query)) return later(request, reply, shape, CHANGE_RECORDS);
      return each(request, reply, shape, async (tx, keys) => {
        const changed = (await changeRecords(tx, shape, keys, values, user.id)).length;
        const details = { fields: [...values.keys()], changed };
        if (changed > 0) await recordAudit(tx, audited(request.user, shape, 'records.change', keys, details));
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
        headers: IDEMPOTENT,
        response: { ...ANSWERS, ...problems(400, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      const shape = await shapeOf(request.params.name);
      if (isLarge(request.query)) return later(request, reply, shape, DELETE_RECORDS);
      return each(request, reply, shape, async (tx, keys) => {
        const deleted = await deleteRecords(tx, shape, keys);
        if (deleted > 0) await recordAudit(tx, audited(request.user, shape, 'records.delete', keys));
        return deleted;
      });
    },
  );

  function isLarge({ maxAffected }: Static<typeof Query>): boolean {
    return maxAffected > config.affectedAtOnce;
  }

  /** What is wrong with the filter is told at once. */
  function later(
    request: Asked,
    reply: FastifyReply,
    shape: RecordShape,
    name: string,
  ): Promise<FastifyReply> {
    const { maxAffected, ...filters } = request.query;
    requireFilter(shape, filters);
    const body = bodyText(request);
    return becomeTask(context, request, reply, {
      name,
      dataset: shape.dataset.name,
      request: { parameters: filters, ...(body === '' ? {} : { body }) },
      args: { maxAffected },
    });
  }

  /** Locks the records of the filter, and does the work if there are no more than expected. */
  function each(
    request: Asked,
    reply: FastifyReply,
    shape: RecordShape,
    work: (tx: Tx, keys: readonly RecordKey[]) => Promise<number>,
  ): Promise<string> {
    return answerWritten(context, request, reply, async (keep) => {
      const { maxAffected, ...filters } = request.query;
      const where = requireFilter(shape, filters);
      try {
        return await untilNoClash(() =>
          inTransaction(
            db,
            async (tx) => {
              const keys = await lockMatching(tx, shape, where, maxAffected);
              const changed = await work(tx, keys);
              return keep(tx, { body: JSON.stringify({ matched: keys.length, changed }) });
            },
            `SET LOCAL statement_timeout = ${Math.trunc(config.queryTimeoutMs)}`,
          ),
        );
      } catch (error) {
        throw readFailure(error, shape, config.queryTimeoutMs);
      }
    });
  }
}
