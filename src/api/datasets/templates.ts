// GET /v1/datasets/{name}/template.csv and template.xlsx
import { Type } from '@fastify/type-provider-typebox';
import { templateCsv } from '../../core/dataset/header/template.ts';
import { templateWorkbook } from '../../core/dataset/header/template-workbook.ts';
import { WORKBOOK_TYPE } from '../../core/excel/write-workbook.ts';
import { zipParts } from '../../outcome/zip-parts.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { workbookFile } from '../http/workbook-file.ts';
import { requireDatasetRow } from './require-dataset.ts';
import { NameParams } from './schemas.ts';

export function templateRoutes(app: App, { database: { db } }: ApiDeps): void {
  app.get(
    '/datasets/:name/template.csv',
    {
      config: { role: 'viewer', scope: { verbs: ['read', 'import', 'write'], dataset: 'path' } },
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
      const { document } = await requireDatasetRow(db, name);
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
      config: { role: 'viewer', scope: { verbs: ['read', 'import', 'write'], dataset: 'path' } },
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
      const { document } = await requireDatasetRow(db, name);
      return reply
        .type(WORKBOOK_TYPE)
        .header(
          'content-disposition',
          `attachment; filename*=UTF-8''${encodeURIComponent(document.name)}.xlsx`,
        )
        .send(zipParts(templateWorkbook(document)));
    },
  );
}
