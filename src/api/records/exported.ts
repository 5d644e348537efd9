// GET /v1/datasets/{name}/exports/{id}: the file that a task has made of records.
import { once } from 'node:events';
import { Type } from '@fastify/type-provider-typebox';
import { EXPORT_FORMATS, typeOfExport } from '../../core/records/record-request.ts';
import { isUuid } from '../../core/uuid.ts';
import { findExport } from '../../db/records/exports.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';
import { Id, problems } from '../http/schemas.ts';
import { READS, type RecordsContext } from './context.ts';
import { DatasetParams } from './schemas.ts';

const Query = Type.Object(
  {
    redirect: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'true: where files are kept in S3, the answer is 303 with an address there, valid for SLUICE_S3_LINK_SECONDS. Elsewhere the file itself is the answer.',
      }),
    ),
  },
  { additionalProperties: false },
);

const TEXT = Type.Unsafe<unknown>({ type: 'string' });

export function exportedRoute(app: App, { db, deps: { storage } }: RecordsContext): void {
  app.get(
    '/datasets/:name/exports/:id',
    {
      config: READS,
      schema: {
        operationId: 'downloadExport',
        summary: 'The file of an export that a task has made',
        description:
          'It is kept for SLUICE_EXPORT_HOURS after the task has ended, for whoever may read the records of the dataset.',
        tags: ['records'],
        params: Type.Object({ ...DatasetParams.properties, id: Id('The task that has made it.') }),
        querystring: Query,
        response: {
          200: {
            description: 'The file.',
            content: Object.fromEntries(
              EXPORT_FORMATS.map((format) => [typeOfExport(format).split(';')[0]!, { schema: TEXT }]),
            ),
          },
          303: {
            description:
              'With `redirect=true`: the file is at the address in `Location`. Send no API key there.',
            headers: { Location: { type: 'string', description: 'Where the file is.' } },
            type: 'null',
          },
          ...problems(400, 404, 410, 503),
        },
      },
    },
    async ({ params: { name, id }, query, method }, reply) => {
      const found = isUuid(id) ? await findExport(db, id, name) : undefined;
      if (found === undefined)
        throw new AppError(
          'EXPORT_NOT_FOUND',
          `Dataset "${name}" has no export ${id}. It may be no longer kept (SLUICE_EXPORT_HOURS), or its task has not succeeded: GET /v1/tasks/${id}.`,
          { dataset: name },
        );
      const { key, format, bytes } = found;
      const type = typeOfExport(format);
      const fileName = `${encodeURIComponent(name)}.${format}`;
      if (query.redirect === true && method !== 'HEAD') {
        const address = await storage.link(key, { type, name: `export-${id}.${format}` });
        if (address !== undefined) return reply.redirect(address, 303);
      }
      void reply.type(type).header('Content-Disposition', `attachment; filename*=UTF-8''${fileName}`);
      void reply.header('Content-Length', bytes);
      if (method === 'HEAD') return reply.send();
      const file = storage.read(key);
      // What fails before the first byte, such as a file that is gone, is told before the answer has begun.
      if (bytes > 0) await once(file, 'readable');
      return reply.send(file);
    },
  );
}
