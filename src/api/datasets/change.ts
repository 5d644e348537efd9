// PUT and DELETE /v1/datasets/{name}
import { Type } from '@fastify/type-provider-typebox';
import { parseDataset } from '../../core/dataset/document/parse-dataset.ts';
import { changeDataset, managedElsewhere, planDataset } from '../../db/datasets/change-dataset.ts';
import { completeDataset } from '../../db/datasets/complete-dataset.ts';
import { deleteDataset } from '../../db/datasets/delete-dataset.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { datasetTag, judgePreconditions, Preconditions } from './preconditions.ts';
import { noDataset, requireDatasetRow } from './require-dataset.ts';
import { DatasetDocument } from './document-schemas.ts';
import { DatasetAnswer, DatasetPlanAnswer, NameParams, toDatasetAnswer } from './schemas.ts';

/** Room for a thousand fields with their titles, aliases and choices. */
const DOCUMENT_LIMIT_BYTES = 1024 * 1024;

const TakeOver = Type.Boolean({
  default: false,
  description: 'true: also when the dataset is managed by its file. The API manages it from then on.',
});

export function changeRoutes(app: App, { config, database: { db } }: ApiDeps): void {
  app.put(
    '/datasets/:name',
    {
      config: { role: 'admin' },
      bodyLimit: DOCUMENT_LIMIT_BYTES,
      schema: {
        operationId: 'putDataset',
        summary: 'Make or change a dataset',
        description: [
          'Checks the document (GET /v1/datasets/schema.json is its JSON Schema), makes or changes its tables, and keeps it as a new version. A 422 names everything that is wrong with it by JSON Pointer.',
          'What can be changed without losing or refusing a row is changed: a new column that may be null, a longer text, a key of an empty table. With anything else nothing is changed, and each item of `errors` of the 409 says how table and document differ, and the SQL that a person may run. `plan=true` shows all of it and does nothing.',
          'Imports under way end under the version they began with. 409 with `importIds` when their rows would not fit into the changed tables.',
          'A dataset is managed by its file (`sluice datasets apply`) or by the API, and the other one’s change is a 409; `takeOver=true` hands it to the API.',
        ].join('\n\n'),
        tags: ['datasets'],
        params: NameParams,
        headers: Preconditions,
        querystring: Type.Object(
          {
            plan: Type.Boolean({
              default: false,
              description: 'true: says what would be done, and does nothing.',
            }),
            takeOver: TakeOver,
          },
          { additionalProperties: false },
        ),
        body: DatasetDocument,
        response: {
          200: {
            description: 'Changed, or as it was already; with `plan=true` the plan.',
            content: {
              'application/json': {
                schema: Type.Unsafe<string>(Type.Union([DatasetAnswer, DatasetPlanAnswer])),
              },
            },
          },
          201: { ...DatasetAnswer, description: 'Made.' },
          ...problems(400, 404, 409, 412, 413, 415, 422, 503),
        },
      },
    },
    async (request, reply) => {
      const { params, query, body, headers, user, log } = request;
      const change = {
        dataset: await completeDataset(db, readDocument(body, params.name)),
        manager: 'api' as const,
        takesOver: query.takeOver,
        by: user,
        judge: (row: Parameters<typeof judgePreconditions>[1]) =>
          judgePreconditions(params.name, row, headers),
        lockMs: config.ddlLockMs,
      };
      void reply.type('application/json; charset=utf-8');
      if (query.plan) return reply.send(JSON.stringify(await planDataset(db, change)));
      const changed = await changeDataset(db, change);
      if (changed.outcome !== 'unchanged')
        log.info({ dataset: params.name, by: user.id, ...changed }, 'a dataset was changed');
      const row = await requireDatasetRow(db, params.name);
      const answer = toDatasetAnswer(row, config);
      void reply.header('ETag', datasetTag(row));
      if (changed.outcome === 'created') return reply.code(201).send(answer);
      return reply.send(JSON.stringify(answer));
    },
  );

  app.delete(
    '/datasets/:name',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'deleteDataset',
        summary: 'Delete a dataset',
        description:
          'Its table stays with all its rows, unless `table=drop` is sent (a table that exists always stays; with `table=drop` it is forgotten who brought its rows); imports and their versions stay. 409 with `importIds` while imports or undos of it are under way, and for a dataset that is managed by its file: remove the file too, or it is made again.',
        tags: ['datasets'],
        params: NameParams,
        headers: Type.Pick(Preconditions, ['if-match']),
        querystring: Type.Object(
          {
            table: Type.Enum(['keep', 'drop'], {
              type: 'string',
              default: 'keep',
              description: 'drop: the table and those it is linked to go with all their rows.',
            }),
            takeOver: TakeOver,
          },
          { additionalProperties: false },
        ),
        response: { 204: Type.Null({ description: 'Deleted.' }), ...problems(400, 404, 409, 412, 503) },
      },
    },
    async (request, reply) => {
      const { params, query, headers, user, log } = request;
      const dropped = await deleteDataset(db, {
        name: params.name,
        dropsTables: query.table === 'drop',
        by: user,
        judge: (row) => {
          if (row === undefined) return noDataset(params.name);
          judgePreconditions(params.name, row, headers);
          if (row.managedBy !== 'api' && !query.takeOver) throw managedElsewhere(params.name, row.managedBy);
          return row;
        },
        lockMs: config.ddlLockMs,
      });
      log.info({ dataset: params.name, by: user.id, dropped }, 'a dataset was deleted');
      return reply.code(204).send(null);
    },
  );
}

/** The name may be left to the path. */
function readDocument(body: Record<string, unknown>, name: string) {
  if (body['name'] !== undefined && body['name'] !== name)
    throw new AppError(
      'DATASET_INVALID',
      `The document is of another dataset than the path, which says "${name}". Leave the name out, or send the document to its own path.`,
      { dataset: name },
      { errors: [{ pointer: '/name', detail: `must be "${name}", as in the path, or left out.` }] },
    );
  return parseDataset({ ...body, name }, 'The body');
}
