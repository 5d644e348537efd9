// GET /v1/datasets, of one, of its versions, and the JSON Schema of documents.
import { Type } from '@fastify/type-provider-typebox';
import { datasetJsonSchema } from '../../core/dataset/document/json-schema.ts';
import { findDatasetVersion, listDatasetVersions } from '../../db/datasets/dataset-versions.ts';
import { listDatasets } from '../../db/datasets/datasets.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { component } from '../http/components.ts';
import { isUnchanged } from '../http/caching.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { Page, PageQuery, problems } from '../http/schemas.ts';
import { heldDatasets } from '../http/scope.ts';
import { datasetTag } from './preconditions.ts';
import { requireDatasetRow } from './require-dataset.ts';
import {
  DatasetAnswer,
  DatasetVersion,
  DatasetVersionAnswer,
  NameParams,
  toDatasetAnswer,
  toDatasetVersion,
} from './schemas.ts';

const JsonSchemaAnswer = component(
  'JsonSchema',
  Type.Object({}, { additionalProperties: true, description: 'A JSON Schema.' }),
);

export function readRoutes(app: App, { config, database: { db } }: ApiDeps): void {
  app.get(
    '/datasets',
    {
      config: { role: 'viewer', scope: { verbs: [], dataset: 'handler' } },
      schema: {
        operationId: 'listDatasets',
        summary: 'List datasets',
        description: 'In the order of their names.',
        tags: ['datasets'],
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: { 200: Page(DatasetAnswer, 'One page of datasets.'), ...problems(400) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const held = heldDatasets(request);
      const rows = (await listDatasets(db))
        .filter(({ name }) => held?.includes(name) ?? true)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const rest = rows.filter((row) => cursor === undefined || row.name > cursor);
      return pageOf(
        rest,
        limit,
        (row) => row.name,
        (row) => toDatasetAnswer(row, config),
      );
    },
  );

  app.get(
    '/datasets/schema.json',
    {
      config: { role: 'viewer', scope: { verbs: [], dataset: 'none' } },
      schema: {
        operationId: 'getDatasetSchema',
        summary: 'The JSON Schema of dataset documents',
        description:
          'JSON Schema 2020-12, for editors and generators. `sluice datasets schema` prints it too.',
        tags: ['datasets'],
        response: {
          200: JsonSchemaAnswer,
          ...problems(400),
        },
      },
    },
    () => datasetJsonSchema(),
  );

  app.get(
    '/datasets/:name',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import', 'write'], dataset: 'path' } },
      schema: {
        operationId: 'getDataset',
        summary: 'One dataset',
        description:
          'Its `ETag` is what `If-Match` of a change takes. Answers 304 to `If-None-Match` with it.',
        tags: ['datasets'],
        params: NameParams,
        response: {
          200: DatasetAnswer,
          304: Type.Null({ description: 'It is as it was.' }),
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const row = await requireDatasetRow(db, request.params.name);
      if (isUnchanged(request, reply, datasetTag(row))) return reply.code(304).send(null);
      return toDatasetAnswer(row, config);
    },
  );

  app.get(
    '/datasets/:name/versions',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import', 'write'], dataset: 'path' } },
      schema: {
        operationId: 'listDatasetVersions',
        summary: 'Versions of a dataset',
        description: 'Newest first. `datasetVersion` of an import is one of them.',
        tags: ['datasets'],
        params: NameParams,
        querystring: Type.Object(
          {
            ...PageQuery,
            cursor: Type.Optional(
              Type.String({
                pattern: '^[0-9]{1,9}$',
                description: 'The `nextCursor` of the page before; without, the first page.',
              }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: Page(DatasetVersion, 'One page of versions.'), ...problems(400, 404) },
      },
    },
    async ({ params: { name }, query: { limit, cursor } }) => {
      await requireDatasetRow(db, name);
      const rows = await listDatasetVersions(db, name, {
        limit: limit + 1,
        before: cursor === undefined ? undefined : Number(cursor),
      });
      return pageOf(rows, limit, ({ version }) => String(version), toDatasetVersion);
    },
  );

  app.get(
    '/datasets/:name/versions/:version',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import', 'write'], dataset: 'path' } },
      schema: {
        operationId: 'getDatasetVersion',
        summary: 'One version of a dataset',
        description: 'With its document, as PUT takes it. Versions of a deleted dataset stay.',
        tags: ['datasets'],
        params: Type.Object({
          ...NameParams.properties,
          version: Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'Which one.' }),
        }),
        response: { 200: DatasetVersionAnswer, ...problems(400, 404) },
      },
    },
    async ({ params: { name, version } }) => {
      const row = await findDatasetVersion(db, name, version);
      if (row === undefined) throw new AppError('NOT_FOUND', `Dataset "${name}" has no version ${version}.`);
      return { ...toDatasetVersion(row), document: { ...row.document } };
    },
  );
}
