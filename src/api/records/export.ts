// GET /v1/datasets/{name}/records.csv, .ndjson, .json and .xlsx: all records of a query, streamed. A POST to the same address has a task
// make the file.
import { once } from 'node:events';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import type { ExportQuery } from '../../core/records/query.ts';
import { parseExport } from '../../core/records/parse-query.ts';
import {
  EXPORT_FORMATS,
  EXPORT_RECORDS,
  typeOfExport,
  type ExportFormat,
} from '../../core/records/record-request.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { readFailure } from '../../db/records/errors.ts';
import { estimateRecords } from '../../db/records/read-records.ts';
import { AppError } from '../../errors.ts';
import { openRecordsFile } from '../../outcome/records/records-file.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { IDEMPOTENT } from '../imports/taken.ts';
import { TAKEN_HEADERS, taskAnswer } from '../tasks/schemas.ts';
import { becomeTask } from './become-task.ts';
import { READS, type RecordsContext } from './context.ts';
import { DatasetParams, ExportParameters } from './schemas.ts';

const SAME =
  'Filters, `select` and `order` are those of the list; there is no limit. Without `select` it has the fields of the dataset, as an import takes them, and not what Sluice fills. Without `order` records come as the table has them, which is the fastest.';

interface Form {
  readonly id: string;
  readonly what: string;
  readonly is: string;
}

const FORMS: Readonly<Record<ExportFormat, Form>> = {
  csv: {
    id: 'exportRecordsCsv',
    what: 'CSV',
    is: 'As Postgres writes CSV: an empty cell is NULL, `""` the empty text; an import with `dialect=postgres-csv` reads all of it as it was. Texts that a spreadsheet would run as a formula begin with an apostrophe.',
  },
  ndjson: {
    id: 'exportRecordsNdjson',
    what: 'NDJSON',
    is: 'An object a line, each record as the list has it, except that a field that is looked up has its natural key, by the name that files have for it.',
  },
  json: {
    id: 'exportRecordsJson',
    what: 'JSON',
    is: 'One array, each record as NDJSON has it.',
  },
  xlsx: {
    id: 'exportRecordsXlsx',
    what: 'a workbook',
    is: 'One sheet. Numbers of up to 15 digits, dates, times and truth values are cells of their kind, datetimes in UTC; longer numbers, fractions of seconds, days before March 1900 and JSON are texts, so that Excel changes no digit. A datetime whose dataset names a zone other than UTC is a text too. A text is a text there, whatever it begins with. NULL is a blank cell, and the empty text a cell with an apostrophe alone. 409 when there are more than 1,048,575 records, or a text is longer than 32,767 characters: Excel takes no more.',
  },
};

const RawParameters = Type.Object({
  ...ExportParameters.properties,
  raw: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'true: without the guard against spreadsheet formulas, for programs and for an import of the same file.',
    }),
  ),
});

export function exportRoutes(app: App, context: RecordsContext): void {
  const { deps, config, shapeOf } = context;

  for (const format of EXPORT_FORMATS) {
    const { id, what, is } = FORMS[format];
    const url = `/datasets/:name/records.${format}`;
    const querystring = (format === 'csv' ? RawParameters : ExportParameters) as typeof RawParameters;

    app.get(
      url,
      {
        config: READS,
        schema: {
          operationId: id,
          summary: `Export records as ${what}`,
          description: `${is} ${SAME} 409 for more than SLUICE_EXPORT_RECORDS, as Postgres estimates their number: \`POST\` to the same address has a task make the file.`,
          tags: ['records'],
          params: DatasetParams,
          querystring,
          response: { 200: fileOf(format), ...problems(400, 404, 409) },
        },
      },
      async ({ params, query: { raw = false, ...parameters } }, reply) => {
        const shape = await shapeOf(params.name);
        return sendFile(reply, shape, parseExport(shape, parameters), format, raw);
      },
    );

    app.post(
      url,
      {
        config: READS,
        schema: {
          operationId: `${id}AsTask`,
          summary: `Have a task export records as ${what}`,
          description: `For exports that take long. The \`result\` of the task says how many \`records\` and \`bytes\` the file has, and where it is (\`file\`): to be fetched, by whoever may read the records, as often as you like, until it \`expiresAt\`. A cancelled task leaves no file. ${is} ${SAME}`,
          tags: ['records'],
          params: DatasetParams,
          querystring,
          headers: IDEMPOTENT,
          response: {
            202: taskAnswer('`Location` is the task to poll.', TAKEN_HEADERS),
            ...problems(400, 404, 409, 422),
          },
        },
      },
      async (request, reply) => {
        const { raw = false, ...parameters } = request.query;
        const shape = await shapeOf(request.params.name);
        // What is wrong with it is told at once.
        parseExport(shape, parameters);
        return becomeTask(context, request, reply, {
          name: EXPORT_RECORDS,
          dataset: shape.dataset.name,
          request: { parameters },
          args: { format, raw },
        });
      },
    );
  }

  /** What fails before the first byte is told before the answer has begun. A HEAD reads nothing. */
  async function sendFile(
    reply: FastifyReply,
    shape: RecordShape,
    query: ExportQuery,
    format: ExportFormat,
    raw: boolean,
  ): Promise<FastifyReply> {
    const name = `${encodeURIComponent(shape.dataset.name)}.${format}`;
    void reply.type(typeOfExport(format));
    void reply.header('Content-Disposition', `attachment; filename*=UTF-8''${name}`);
    if (reply.request.method === 'HEAD') return reply.send();
    const timeoutMs = config.queryTimeoutMs;
    try {
      await requireFew(shape, query, format);
      const { stream } = await openRecordsFile(deps.downloads.pool, shape, query, { format, raw, timeoutMs });
      await once(stream, 'readable');
      return await reply.send(stream);
    } catch (error) {
      throw readFailure(error, shape, timeoutMs);
    }
  }

  /** @throws AppError EXPORT_TOO_LARGE */
  async function requireFew(shape: RecordShape, query: ExportQuery, format: ExportFormat): Promise<void> {
    const most = config.exportRecords;
    if (most === 0) return;
    const records = await estimateRecords(deps.database.pool, shape, query);
    if (records <= most) return;
    throw new AppError(
      'EXPORT_TOO_LARGE',
      `There are about ${records} records; ${most} are streamed at most (SLUICE_EXPORT_RECORDS). Send the same request as POST: a task makes records.${format}, to be fetched when it is ready.`,
      { records, most },
    );
  }
}

function fileOf(format: ExportFormat) {
  const [type] = typeOfExport(format).split(';');
  return {
    description: 'The file.',
    content: { [type!]: { schema: Type.Unsafe<unknown>({ type: 'string' }) } },
  };
}
