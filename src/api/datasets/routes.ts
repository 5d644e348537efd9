import { Type } from '@fastify/type-provider-typebox';
import { templateCsv } from '../../core/dataset/header/template.ts';
import { templateWorkbook } from '../../core/dataset/header/template-workbook.ts';
import { WORKBOOK_TYPE } from '../../core/excel/write-workbook.ts';
import { zipParts } from '../../outcome/zip-parts.ts';
import { workbookFile } from '../http/workbook-file.ts';
import type { Database } from '../../db/client.ts';
import { findDatasetRow, listDatasets, type DatasetRow } from '../../db/datasets/datasets.ts';
import { deleteMapping, listMappings } from '../../db/imports/mappings.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { Label, Page, PageQuery, problems } from '../http/schemas.ts';
import { DatasetAnswer, SavedMapping, toDatasetAnswer, toSavedMapping } from './schemas.ts';

const Name = Type.String({ ...Label('The dataset’s name.'), examples: ['customers'] });
const NameParams = Type.Object({ name: Name });
const MappingParams = Type.Object({
  name: Name,
  fingerprint: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'As the list of mappings has it.' }),
});

export async function datasetsRoutes(app: App, deps: ApiDeps): Promise<void> {
  const { config } = deps;
  const { db } = deps.database;

  app.get(
    '/datasets',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listDatasets',
        summary: 'List datasets',
        description: 'In the order of their names.',
        tags: ['datasets'],
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: { 200: Page(DatasetAnswer, 'One page of datasets.'), ...problems(400) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const rows = (await listDatasets(db)).sort((a, b) => (a.name < b.name ? -1 : 1));
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
    '/datasets/:name',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'getDataset',
        summary: 'One dataset',
        tags: ['datasets'],
        params: NameParams,
        response: { 200: DatasetAnswer, ...problems(400, 404) },
      },
    },
    async ({ params: { name } }) => toDatasetAnswer(await findOrThrow(db, name), config),
  );

  app.get(
    '/datasets/:name/template.csv',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'downloadTemplate',
        summary: 'A CSV file to fill in',
        description: 'The header of the dataset, as a spreadsheet program opens it.',
        tags: ['datasets'],
        params: NameParams,
        produces: ['text/csv'],
        response: { 200: Type.String({ description: 'The file.' }), ...problems(400, 404) },
      },
    },
    async ({ params: { name } }, reply) => {
      const { document } = await findOrThrow(db, name);
      return reply
        .type('text/csv; charset=utf-8')
        .header(
          'content-disposition',
          `attachment; filename*=UTF-8''${encodeURIComponent(document.name)}.csv`,
        )
        .send(templateCsv(document));
    },
  );

  app.get(
    '/datasets/:name/template.xlsx',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'downloadTemplateWorkbook',
        summary: 'An Excel workbook to fill in',
        description:
          'The header of the dataset, required fields marked. Fields with an `enum` have a list to choose from, and each column tells what it takes.',
        tags: ['datasets'],
        params: NameParams,
        response: { 200: workbookFile('ready to be filled in'), ...problems(400, 404) },
      },
    },
    async ({ params: { name } }, reply) => {
      const { document } = await findOrThrow(db, name);
      return reply
        .type(WORKBOOK_TYPE)
        .header(
          'content-disposition',
          `attachment; filename*=UTF-8''${encodeURIComponent(document.name)}.xlsx`,
        )
        .send(zipParts(templateWorkbook(document)));
    },
  );

  app.get(
    '/datasets/:name/mappings',
    {
      config: { role: 'viewer' },
      schema: {
        operationId: 'listMappings',
        summary: 'Saved mappings',
        description:
          'One for each header that an import with a `mapping` has succeeded with. `mapping=saved` of an upload takes the one of its header.',
        tags: ['datasets'],
        params: NameParams,
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: { 200: Page(SavedMapping, 'One page of mappings.'), ...problems(400, 404) },
      },
    },
    async ({ params: { name }, query: { limit, cursor } }) => {
      await findOrThrow(db, name);
      const page = await listMappings(db, name, {
        limit,
        ...(cursor === undefined ? {} : { after: cursor }),
      });
      return { data: page.mappings.map(toSavedMapping), nextCursor: page.next };
    },
  );

  app.delete(
    '/datasets/:name/mappings/:fingerprint',
    {
      config: { role: 'operator' },
      schema: {
        operationId: 'deleteMapping',
        summary: 'Forget a saved mapping',
        description: 'Imports that used it stay as they are.',
        tags: ['datasets'],
        params: MappingParams,
        response: { 204: Type.Null({ description: 'Forgotten.' }), ...problems(400, 404) },
      },
    },
    async ({ params: { name, fingerprint } }, reply) => {
      if (!(await deleteMapping(db, name, fingerprint)))
        throw new AppError('NOT_FOUND', `No mapping ${fingerprint} is saved for dataset "${name}".`);
      return reply.code(204).send(null);
    },
  );
}

async function findOrThrow(db: Database, name: string): Promise<DatasetRow> {
  const row = await findDatasetRow(db, name);
  if (row === undefined) throw new AppError('DATASET_NOT_FOUND', `There is no dataset "${name}".`);
  return row;
}
