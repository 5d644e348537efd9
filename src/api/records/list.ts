// GET /v1/datasets/{name}/records and POST …/records/query
import type { FastifyReply } from 'fastify';
import { writeCursor } from '../../core/records/cursor.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { compileWriter } from '../../core/records/write-record.ts';
import { readPage } from '../../db/records/read-records.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { exactAnswer } from '../schedules/exact-answer.ts';
import { pageOfBody, pageOfParameters, type AskedPage } from './asked-query.ts';
import { READS, type RecordsContext } from './context.ts';
import { DatasetParams, FILTERS, ListParameters, QueryBody, RecordPage } from './schemas.ts';

export function listRoutes(app: App, { db, config, shapeOf }: RecordsContext): void {
  app.get(
    '/datasets/:name/records',
    {
      config: READS,
      schema: {
        operationId: 'listRecords',
        summary: 'List records',
        description: FILTERS,
        tags: ['records'],
        params: DatasetParams,
        querystring: ListParameters,
        response: { 200: exactAnswer(RecordPage, 'One page of records.'), ...problems(400, 404, 409, 422) },
      },
    },
    async ({ params, query }, reply) => {
      const shape = await shapeOf(params.name);
      return answerPage(reply, shape, pageOfParameters(shape, query));
    },
  );

  app.post(
    '/datasets/:name/records/query',
    {
      config: READS,
      bodyLimit: config.recordsBodyBytes,
      schema: {
        operationId: 'queryRecords',
        summary: 'List records by a query in JSON',
        description: 'The same as the list, for filters that outgrow a URL. It changes nothing.',
        tags: ['records'],
        params: DatasetParams,
        body: QueryBody,
        response: {
          200: exactAnswer(RecordPage, 'One page of records.'),
          ...problems(400, 404, 409, 413, 415, 422),
        },
      },
    },
    async ({ params, body }, reply) => {
      const shape = await shapeOf(params.name);
      return answerPage(reply, shape, pageOfBody(shape, body ?? {}));
    },
  );

  async function answerPage(
    reply: FastifyReply,
    shape: RecordShape,
    { query, count }: AskedPage,
  ): Promise<string> {
    const page = await readPage(db, shape, query, count, config.queryTimeoutMs);
    const write = compileWriter(query.select);
    const next = page.next === undefined ? 'null' : JSON.stringify(writeCursor(query.order, page.next));
    const counted = page.count === undefined ? '' : `,"count":${page.count}`;
    void reply.type('application/json; charset=utf-8');
    return `{"data":[${page.rows.map(write).join(',')}],"nextCursor":${next}${counted}}`;
  }
}
