// POST /v1/datasets/{name}/records
import { Type } from '@fastify/type-provider-typebox';
import { selectAll } from '../../core/records/parse-query.ts';
import { compileRecordReader, isRefused } from '../../core/records/read-record.ts';
import { keyInPath } from '../../core/records/record-key.ts';
import type { Selected } from '../../core/records/query.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import type { ReadValues } from '../../core/records/sought.ts';
import { compileWriter } from '../../core/records/write-record.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import {
  createRecords,
  invalidRecords,
  type Created,
  type GivenRecord,
  type Outcome,
} from '../../db/records/create-records.ts';
import { audited } from '../../db/records/audited.ts';
import { lookUpValues } from '../../db/records/look-up-values.ts';
import { readFailure } from '../../db/records/errors.ts';
import { findRecords, type StoredRecord } from '../../db/records/read-records.ts';
import { AppError, type ErrorItem } from '../../errors.ts';
import { requireKey } from '../../intake/require-dataset.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { exactAnswer } from '../schedules/exact-answer.ts';
import { IDEMPOTENT } from '../imports/taken.ts';
import { WRITES, etagOfVersion, type RecordsContext } from './context.ts';
import { answerWritten, type Written } from './written.ts';
import { CreatedRecords, DatasetParams, NewRecords, RecordAnswer } from './schemas.ts';

const Query = Type.Object(
  {
    onConflict: Type.Optional(
      Type.Enum(['error', 'key'], {
        type: 'string',
        default: 'error',
        description:
          'What becomes of a record whose `primaryKey` is in the table. `error`: it is refused. `key`: the record that is there gets the values that are given.',
      }),
    ),
  },
  { additionalProperties: false },
);

export function createRoute(app: App, context: RecordsContext): void {
  const { db, config, shapeOf } = context;
  app.post(
    '/datasets/:name/records',
    {
      config: WRITES,
      bodyLimit: config.recordsBodyBytes,
      schema: {
        operationId: 'createRecords',
        summary: 'Create records',
        description:
          'One record, or a list of them: all are written, or none. They are checked as an import checks them, and `errors` has all that is wrong, each with a JSON Pointer. Texts are read as cells of a file; numbers keep their digits. `id` and what else Sluice fills is not looked at. With `onConflict=key`, records that are all there already are answered with 200.',
        tags: ['records'],
        params: DatasetParams,
        querystring: Query,
        headers: IDEMPOTENT,
        body: NewRecords,
        response: {
          200: exactAnswer(Type.Union([RecordAnswer, CreatedRecords]), 'None of them is new.'),
          201: exactAnswer(
            Type.Union([RecordAnswer, CreatedRecords]),
            'The record, or the records of a list in its order.',
          ),
          ...problems(400, 404, 409, 413, 415, 422),
        },
      },
    },
    (request, reply) =>
      answerWritten(context, request, reply, async (keep) => {
        const { params, body, user } = request;
        const shape = await shapeOf(params.name);
        const upsert = request.query.onConflict === 'key';
        if (upsert) await requireKey(db, shape.dataset);
        const records = await readRecords(shape, body);
        const select = selectAll(shape.columns);
        let counts: Counts | undefined;
        const written = await createRecords(
          db,
          shape,
          records,
          { upsert, by: user.id },
          async (tx, created) => {
            counts = countsOf(created);
            await recordAudit(tx, audited(user, shape, 'records.create', created.keys, { ...counts }));
            const stored = await findRecords(tx, shape, created.keys, select);
            return keep(tx, writtenOf(params.name, created, stored, select, Array.isArray(body)));
          },
        ).catch((error: unknown) => {
          throw readFailure(error, shape, config.queryTimeoutMs);
        });
        request.log.info({ dataset: params.name, by: user.id, ...counts }, 'records were written');
        return written;
      }),
  );

  /** @throws AppError RECORD_INVALID with all that is wrong */
  async function readRecords(shape: RecordShape, body: unknown): Promise<GivenRecord[]> {
    const list = Array.isArray(body);
    const all: readonly unknown[] = list ? body : [body];
    if (all.length > config.recordsAtOnce)
      throw new AppError(
        'RECORD_INVALID',
        `The request has ${all.length} records; there may be ${config.recordsAtOnce} (SLUICE_RECORDS_AT_ONCE). Send several requests, or import a file.`,
        { most: config.recordsAtOnce },
      );
    if (all.length === 0) throw new AppError('RECORD_INVALID', 'The list has no records.');
    const reader = compileRecordReader(shape, config.maxCellBytes);
    const errors: ErrorItem[] = [];
    const pointerOf = (at: number): string => (list ? `/${at}` : '');
    const read = all.flatMap((each, at): ReadValues | ReadValues[] => {
      const values = reader.read(each, pointerOf(at), 'whole');
      if (!isRefused(values)) return values;
      errors.push(...values);
      return [];
    });
    if (errors.length > 0) throw invalidRecords(errors);
    const found = await lookUpValues(db, shape, read);
    return found.map((values, at) => ({ values, pointer: pointerOf(at) }));
  }
}

type Counts = Record<Outcome, number>;

function countsOf({ outcomes }: Created): Counts {
  const counts = { inserted: 0, updated: 0, unchanged: 0 };
  for (const outcome of outcomes) counts[outcome]++;
  return counts;
}

/** 201 when one of them is new. */
function writtenOf(
  dataset: string,
  created: Created,
  stored: readonly StoredRecord[],
  select: readonly Selected[],
  isList: boolean,
): Written {
  const status = created.outcomes.includes('inserted') ? 201 : 200;
  const write = compileWriter(select);
  const texts = stored.map(({ values }) => write(values));
  if (isList) {
    const counts = Object.entries(countsOf(created)).map(([name, count]) => `,"${name}":${count}`);
    return { status, body: `{"data":[${texts.join(',')}]${counts.join('')}}` };
  }
  const path = `/v1/datasets/${encodeURIComponent(dataset)}/records/${keyInPath(created.keys[0]!)}`;
  return {
    status,
    headers: { ETag: etagOfVersion(stored[0]!.version), Location: path },
    body: texts[0]!,
  };
}
