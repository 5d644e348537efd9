// GET /v1/datasets/{name}/records/{id}/stats
import { Type } from '@fastify/type-provider-typebox';
import { writeKey } from '../../core/records/record-key.ts';
import { readFailure } from '../../db/records/errors.ts';
import { findReads } from '../../db/records/read-counts.ts';
import { findRecord } from '../../db/records/read-records.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { Instant, nullable, problems } from '../http/schemas.ts';
import { READS, recordNotFound, requireKey, type RecordsContext } from './context.ts';
import { RecordParams } from './schemas.ts';

const Stats = component(
  'RecordStats',
  Type.Object(
    {
      reads: Type.Integer({ description: 'How often the record was read by its id.' }),
      lastReadAt: nullable(Instant('When it was last read so; null: never.')),
    },
    { description: 'What is counted of a record.' },
  ),
);

export function statsRoute(app: App, { db, config, shapeOf, reads }: RecordsContext): void {
  app.get(
    '/datasets/:name/records/:id/stats',
    {
      config: READS,
      schema: {
        operationId: 'getRecordStats',
        summary: 'How often a record was read',
        description:
          'Reads by `GET …/records/{id}` are counted behind their answers, and folded into Postgres once a second; those of this API process are counted in. An API process that is killed loses the reads of its last second, or of as long as Postgres was away.',
        tags: ['records'],
        params: RecordParams,
        response: { 200: Stats, ...problems(400, 404, 409) },
      },
    },
    async ({ params }) => {
      const shape = await shapeOf(params.name);
      const key = requireKey(shape, params.id);
      const select = shape.key.map((column) => ({ column }));
      const found = await findRecord(db, shape, key, select).catch((error: unknown) => {
        throw readFailure(error, shape, config.queryTimeoutMs);
      });
      if (found === undefined) throw recordNotFound(shape, params.id);
      await reads.fold();
      const stats = await findReads(db.$client, params.name, writeKey(found.values));
      return { reads: stats.reads, lastReadAt: stats.lastReadAt?.toISOString() ?? null };
    },
  );
}
