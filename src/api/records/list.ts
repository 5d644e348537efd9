// GET /v1/datasets/{name}/records and POST …/records/query
import { writeCursor } from '../../core/records/cursor.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { writerOf } from '../../core/records/write-record.ts';
import { readPage } from '../../db/records/read-records.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { exactAnswer } from '../schedules/exact-answer.ts';
import { pageOfBody, pageOfParameters, type AskedPage } from './asked-query.ts';
import { READS, type RecordsContext } from './context.ts';
import { createShared } from './shared-reads.ts';
import { DatasetParams, FILTERS, ListParameters, QueryBody, RecordPage } from './schemas.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

export function listRoutes(app: App, { db, config, shapeOf }: RecordsContext): void {
  /** The text of a page, by the dataset and what was asked. */
  const shared = createShared<string>();

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
      const asked = pageOfParameters(shape, query);
      const what = JSON.stringify([params.name, query]);
      void reply.type(JSON_TYPE);
      return shared(what, () => pageText(shape, asked));
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
      void reply.type(JSON_TYPE);
      return pageText(shape, pageOfBody(shape, body ?? {}));
    },
  );

  async function pageText(shape: RecordShape, { query, count }: AskedPage): Promise<string> {
    const page = await readPage(db, shape, query, count, config.queryTimeoutMs);
    const write = writerOf(query.select);
    const next = page.next === undefined ? 'null' : JSON.stringify(writeCursor(query.order, page.next));
    const counted = page.count === undefined ? '' : `,"count":${page.count}`;
    return `{"data":[${page.rows.map(write).join(',')}],"nextCursor":${next}${counted}}`;
  }
}
