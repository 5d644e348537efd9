// GET /v1/datasets/{name}/records/{id}/origin
import { Type, type Static } from '@fastify/type-provider-typebox';
import { rfc3339 } from '../../core/records/write-record.ts';
import { readFailure } from '../../db/records/errors.ts';
import { findMaker, findMatches, findUserNames, type OriginImport } from '../../db/records/origin.ts';
import { findRecord } from '../../db/records/read-records.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { CreatedBy, Id, Instant, nullable, problems } from '../http/schemas.ts';
import { READS, recordNotFound, requireKey, type RecordsContext } from './context.ts';
import { RecordParams } from './schemas.ts';

const OriginImportAnswer = component(
  'OriginImport',
  Type.Object(
    {
      importId: Id('The import.'),
      fileName: nullable(Type.String({ description: 'Of its file; null when it has none, or is erased.' })),
      entryName: nullable(Type.String({ description: 'Of the file in its archive.' })),
      row: nullable(Type.Integer({ description: 'The record’s number in the file, from 1.' })),
      at: nullable(Instant('When it was sent; null when the import is no longer known.')),
      by: nullable(CreatedBy),
    },
    { description: 'An import that has made the record, or has found it.' },
  ),
);

const Origin = component(
  'RecordOrigin',
  Type.Object(
    {
      import: nullable(OriginImportAnswer),
      matchedBy: Type.Array(OriginImportAnswer, {
        description: 'Imports by upsert that have found the record since, oldest first; the newest 100.',
      }),
      createdAt: Instant('When the record was made.'),
      createdBy: nullable(CreatedBy),
      updatedAt: Instant('When it last changed.'),
      updatedBy: nullable(CreatedBy),
    },
    { description: 'Where a record comes from. `import` is null for one that no import has made.' },
  ),
);

export function originRoute(app: App, { db, config, shapeOf }: RecordsContext): void {
  app.get(
    '/datasets/:name/records/:id/origin',
    {
      config: READS,
      schema: {
        operationId: 'getRecordOrigin',
        summary: 'Where a record comes from',
        description:
          'The import, its file and the row there, who sent it, and who has made and changed the record.',
        tags: ['records'],
        params: RecordParams,
        response: { 200: Origin, ...problems(400, 404, 409) },
      },
    },
    async ({ params }) => {
      const shape = await shapeOf(params.name);
      const names = ['created_at', 'created_by', 'updated_at', 'updated_by', 'import_id', 'import_row'];
      const select = names.map((name) => ({ column: shape.columns.find((each) => each.name === name)! }));
      const key = requireKey(shape, params.id);
      const found = await findRecord(db, shape, key, select).catch((error: unknown) => {
        throw readFailure(error, shape, config.queryTimeoutMs);
      });
      if (found === undefined) throw recordNotFound(shape, params.id);
      const [createdAt, createdBy = null, updatedAt, updatedBy = null, importId = null, row = null] =
        found.values;
      const users = await findUserNames(db.$client, [createdBy, updatedBy]);
      const user = (id: string | null) => (id === null ? null : { id, name: users.get(id) ?? null });
      return {
        import: importId === null ? null : toImport(await findMaker(db.$client, importId, row)),
        matchedBy: (await findMatches(db.$client, key[0]!)).map(toImport),
        createdAt: rfc3339(createdAt!),
        createdBy: user(createdBy),
        updatedAt: rfc3339(updatedAt!),
        updatedBy: user(updatedBy),
      };
    },
  );
}

function toImport(origin: OriginImport): Static<typeof OriginImportAnswer> {
  const { importId, fileName, entryName, row, at, byId, byName } = origin;
  return {
    importId,
    fileName,
    entryName,
    row,
    at: at === null ? null : at.toISOString(),
    by: byId === null ? null : { id: byId, name: byName },
  };
}
