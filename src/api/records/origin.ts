// GET /v1/datasets/{name}/records/{id}/origin
import { Type, type Static } from '@fastify/type-provider-typebox';
import { rfc3339 } from '../../core/records/write-record.ts';
import { readFailure } from '../../db/records/errors.ts';
import {
  findBrought,
  findMaker,
  findMatches,
  findUserNames,
  type OriginImport,
} from '../../db/records/origin.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { CreatedBy, Id, Instant, nullable, problems } from '../http/schemas.ts';
import { findPlace } from './record-line.ts';
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

const OriginMakerAnswer = component(
  'OriginMaker',
  Type.Object(
    {
      ...OriginImportAnswer.properties,
      line: nullable(
        Type.Integer({
          description:
            'The line of the file on which the record begins, from 1; of a sheet its row there. Null when the file is no longer kept, and of a file of rejects, whose rows have the numbers of the first file.',
        }),
      ),
    },
    { description: 'The import that has made the record.' },
  ),
);

const Origin = component(
  'RecordOrigin',
  Type.Object(
    {
      import: nullable(OriginMakerAnswer),
      matchedBy: Type.Array(OriginImportAnswer, {
        description: 'Imports by upsert that have found the record since, oldest first; the newest 100.',
      }),
      createdAt: nullable(
        Instant('When the record was made; null for a row of a table that exists which Sluice has not made.'),
      ),
      createdBy: nullable(CreatedBy),
      updatedAt: nullable(
        Instant('When Sluice last changed it; null for a row of a table that exists which it never has.'),
      ),
      updatedBy: nullable(CreatedBy),
    },
    { description: 'Where a record comes from. `import` is null for one that no import has made.' },
  ),
);

export function originRoute(app: App, { deps, db, config, shapeOf }: RecordsContext): void {
  app.get(
    '/datasets/:name/records/:id/origin',
    {
      config: READS,
      schema: {
        operationId: 'getRecordOrigin',
        summary: 'Where a record comes from',
        description:
          'The import, its file, the row and the line there, who sent it, and who has made and changed the record.',
        tags: ['records'],
        params: RecordParams,
        response: { 200: Origin, ...problems(400, 404, 409) },
      },
    },
    async ({ params }) => {
      const shape = await shapeOf(params.name);
      const key = requireKey(shape, params.id);
      const found = await findBrought(db, shape, key).catch((error: unknown) => {
        throw readFailure(error, shape, config.queryTimeoutMs);
      });
      if (found === undefined) throw recordNotFound(shape, params.id);
      const { createdAt, createdBy, updatedAt, updatedBy, importId, row, id } = found;
      const users = await findUserNames(db.$client, [createdBy, updatedBy]);
      const user = (id: string | null) => (id === null ? null : { id, name: users.get(id) ?? null });
      const maker = importId === null ? undefined : await findMaker(db.$client, importId, row);
      const matches = id === null ? [] : await findMatches(db.$client, id);
      return {
        import: maker === undefined ? null : { ...toImport(maker), ...(await findPlace(deps, maker)) },
        matchedBy: matches.map(toImport),
        createdAt: createdAt === null ? null : rfc3339(createdAt),
        createdBy: user(createdBy),
        updatedAt: updatedAt === null ? null : rfc3339(updatedAt),
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
