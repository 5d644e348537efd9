// GET /v1/datasets/{name}/records/{id}
import { Type } from '@fastify/type-provider-typebox';
import { parseSelect, selectWhole } from '../../core/records/parse-query.ts';
import { writeKey } from '../../core/records/record-key.ts';
import { writerOf } from '../../core/records/write-record.ts';
import { readFailure } from '../../db/records/errors.ts';
import { findRecord } from '../../db/records/read-records.ts';
import { isUnchanged } from '../http/caching.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { exactAnswer } from '../schedules/exact-answer.ts';
import { READS, etagOfVersion, recordNotFound, requireKey, type RecordsContext } from './context.ts';
import { createRecordReader } from './shared-reads.ts';
import { OneParameters, RecordAnswer, RecordParams } from './schemas.ts';

export function showRoute(app: App, { db, config, shapeOf, reads }: RecordsContext): void {
  const readTogether = createRecordReader(db);

  app.get(
    '/datasets/:name/records/:id',
    {
      config: READS,
      schema: {
        operationId: 'getRecord',
        summary: 'One record',
        description:
          'The answer has an `ETag`: give it as `If-Match` to change the record only if nobody else has, or as `If-None-Match` to ask whether it has changed. Each answer is counted as a read (`…/stats`).',
        tags: ['records'],
        params: RecordParams,
        querystring: OneParameters,
        response: {
          200: exactAnswer(RecordAnswer, 'The record.'),
          304: Type.Unsafe<void>({ type: 'null', description: 'It has not changed.' }),
          ...problems(400, 404, 409),
        },
      },
    },
    async (request, reply) => {
      const { params, query } = request;
      const shape = await shapeOf(params.name);
      const select = query.select === undefined ? undefined : parseSelect(shape, query.select);
      const key = requireKey(shape, params.id);
      const finding = select === undefined ? readTogether(shape, key) : findRecord(db, shape, key, select);
      const found = await finding.catch((error: unknown) => {
        throw readFailure(error, shape, config.queryTimeoutMs);
      });
      if (found === undefined) throw recordNotFound(shape, params.id);
      if (request.method === 'GET') reads.add(params.name, writeKey(found.key ?? key));
      if (isUnchanged(request, reply, etagOfVersion(found.version))) return reply.code(304).send();
      void reply.type('application/json; charset=utf-8');
      return writerOf(select ?? selectWhole(shape))(found.values);
    },
  );
}
