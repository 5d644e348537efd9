// GET /v1/datasets/{name}/records.csv, .ndjson, .json and .xlsx: all records of a query, streamed.
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { fieldColumns, type RecordColumn, type RecordShape } from '../../core/records/record-shape.ts';
import { compileWriter } from '../../core/records/write-record.ts';
import { readFailure } from '../../db/records/errors.ts';
import { copyRecords, readAll, type ExportQuery } from '../../db/records/export-records.ts';
import { WORKBOOK_TYPE } from '../../core/excel/write-workbook.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { queryOf } from './asked-query.ts';
import { READS, type RecordsContext } from './context.ts';
import { recordsWorkbook } from './export-workbook.ts';
import { DatasetParams, ExportParameters } from './schemas.ts';

const SAME = 'Filters, `select` and `order` are those of the list; there is no limit.';
const FIELDS =
  'Without `select` it has the fields of the dataset, as an import takes them, and not what Sluice fills. Without `order` records come as the table has them, which is the fastest.';

const CsvParameters = Type.Object({
  ...ExportParameters.properties,
  raw: Type.Boolean({
    default: false,
    description:
      'true: without the guard against spreadsheet formulas, for programs and for an import of the same file.',
  }),
});

const file = (type: string) => ({
  description: 'The file.',
  content: { [type]: { schema: Type.Unsafe<unknown>({ type: 'string' }) } },
});

export function exportRoutes(app: App, { deps, config, shapeOf }: RecordsContext): void {
  const { pool } = deps.downloads;

  app.get(
    '/datasets/:name/records.csv',
    {
      config: READS,
      schema: {
        operationId: 'exportRecordsCsv',
        summary: 'Export records as CSV',
        description: `As Postgres writes CSV: an empty cell is NULL, \`""\` the empty text; an import with \`dialect=postgres-csv\` reads all of it as it was. Texts that a spreadsheet would run as a formula begin with an apostrophe. ${SAME} ${FIELDS}`,
        tags: ['records'],
        params: DatasetParams,
        querystring: CsvParameters,
        response: { 200: file('text/csv'), ...problems(400, 404, 409) },
      },
    },
    async ({ params, query: { raw, ...query } }, reply) => {
      const shape = await shapeOf(params.name);
      const asked = asInFiles(exportOf(shape, query));
      return sendFile(reply, shape, 'text/csv; charset=utf-8', 'csv', () => csvStream(shape, asked, raw));
    },
  );

  for (const form of ['ndjson', 'json'] as const) {
    const type = form === 'json' ? 'application/json' : 'application/x-ndjson';
    app.get(
      `/datasets/:name/records.${form}`,
      {
        config: READS,
        schema: {
          operationId: form === 'json' ? 'exportRecordsJson' : 'exportRecordsNdjson',
          summary: form === 'json' ? 'Export records as JSON' : 'Export records as NDJSON',
          description: `${form === 'json' ? 'One array' : 'An object a line'}, each record as the list has it. ${SAME} ${FIELDS}`,
          tags: ['records'],
          params: DatasetParams,
          querystring: ExportParameters,
          response: { 200: file(type), ...problems(400, 404, 409) },
        },
      },
      async ({ params, query }, reply) => {
        const shape = await shapeOf(params.name);
        const asked = exportOf(shape, query);
        return sendFile(reply, shape, `${type}; charset=utf-8`, form, () =>
          Readable.from(jsonTexts(shape, asked, form), { objectMode: false }),
        );
      },
    );
  }

  app.get(
    '/datasets/:name/records.xlsx',
    {
      config: READS,
      schema: {
        operationId: 'exportRecordsXlsx',
        summary: 'Export records as a workbook',
        description: `One sheet. Numbers of up to 15 digits, dates, times and truth values are cells of their kind, datetimes in UTC; longer numbers, fractions of seconds, days before March 1900 and JSON are texts, so that Excel changes no digit. A datetime whose dataset names a zone other than UTC is a text too. A text is a text there, whatever it begins with. NULL and the empty text are both a blank cell. 409 when there are more than 1,048,575 records, or a text is longer than 32,767 characters: Excel takes no more. ${SAME} ${FIELDS}`,
        tags: ['records'],
        params: DatasetParams,
        querystring: ExportParameters,
        response: { 200: file(WORKBOOK_TYPE), ...problems(400, 404, 409) },
      },
    },
    async ({ params, query }, reply) => {
      const shape = await shapeOf(params.name);
      const asked = asInFiles(exportOf(shape, query));
      return sendFile(reply, shape, WORKBOOK_TYPE, 'xlsx', () => recordsWorkbook(pool, shape, asked));
    },
  );

  async function* jsonTexts(
    shape: RecordShape,
    query: ExportQuery,
    form: 'json' | 'ndjson',
  ): AsyncGenerator<string> {
    const write = compileWriter(query.select);
    const [open, between, close] = form === 'json' ? ['[\n', ',\n', '\n]\n'] : ['', '\n', '\n'];
    const client = await pool.connect();
    let before = open;
    try {
      for await (const rows of readAll(client, shape, query)) {
        yield before + rows.map(write).join(between);
        before = between;
      }
      if (before === between || form === 'json') yield before === between ? close : `${open}]\n`;
    } catch (error) {
      throw readFailure(error, shape, config.queryTimeoutMs);
    } finally {
      client.release();
    }
  }

  async function csvStream(shape: RecordShape, query: ExportQuery, raw: boolean): Promise<Readable> {
    const client = await pool.connect();
    try {
      const stream = await copyRecords(client, shape, query, raw);
      let isRead = false;
      stream.once('end', () => (isRead = true));
      // It does not end by itself when Postgres refuses the statement.
      stream.once('error', () => stream.destroy());
      // Of a connection in the midst of a COPY nothing else can be asked.
      stream.once('close', () => {
        if (!isRead) return client.release(true);
        void client.query('ROLLBACK').then(
          () => client.release(),
          (error: Error) => client.release(error),
        );
      });
      return stream;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** What fails before the first byte is told before the answer has begun. @param open is not called for a HEAD */
  async function sendFile(
    reply: FastifyReply,
    shape: RecordShape,
    type: string,
    extension: string,
    open: () => Readable | Promise<Readable>,
  ): Promise<FastifyReply> {
    const name = `${encodeURIComponent(shape.dataset.name)}.${extension}`;
    void reply.type(type).header('Content-Disposition', `attachment; filename*=UTF-8''${name}`);
    if (reply.request.method === 'HEAD') return reply.send();
    try {
      const stream = await open();
      await once(stream, 'readable');
      return await reply.send(stream);
    } catch (error) {
      throw readFailure(error, shape, config.queryTimeoutMs);
    }
  }
}

function exportOf(shape: RecordShape, parameters: Parameters<typeof queryOf>[1]): ExportQuery {
  const { select, where, order } = queryOf(shape, parameters, fieldColumns(shape));
  return { select, where, order: parameters.order === undefined ? undefined : order };
}

/** What an import looks up is in a file as an import takes it. */
function asInFiles(query: ExportQuery): ExportQuery {
  const inFile = (column: RecordColumn): RecordColumn => column.inFiles ?? column;
  return {
    ...query,
    select: query.select.map((each) =>
      'column' in each ? { column: inFile(each.column) } : { ...each, columns: each.columns.map(inFile) },
    ),
  };
}
