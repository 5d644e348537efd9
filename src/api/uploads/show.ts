// GET /v1/uploads/{id}
import { inspectUpload } from '../../intake/inspect/inspect-upload.ts';
import { judgeOption } from '../../intake/judge-option.ts';
import { mergeOptions, requireUpload } from '../../intake/kept-file.ts';
import { CollectedOptions, readLooseOptions } from '../../intake/upload-options.ts';
import { isUuid } from '../../core/uuid.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { holdToDataset } from '../http/scope.ts';
import { optionsToInspect } from '../imports/upload-schema.ts';
import { InspectedUploadSchema, toInspectedUpload } from './inspection-schema.ts';
import { ownerOf } from './owner.ts';

export function showRoute(app: App, deps: ApiDeps): void {
  app.get(
    '/uploads/:id',
    {
      config: { role: 'operator', scope: { verbs: ['import'], dataset: 'upload' } },
      // Options are checked by hand, as those of an import.
      validatorCompiler: () => () => true,
      schema: {
        tags: ['uploads'],
        operationId: 'getUpload',
        summary: 'Look at a kept upload',
        description:
          'Reads it again, with the options that it was sent with and those of the query in their place, such as `?delimiter=;&dataset=customers`. Nothing is changed by it.',
        params: IdParams,
        querystring: optionsToInspect(),
        response: { 200: InspectedUploadSchema, ...problems(400, 404, 413, 415, 422) },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!isUuid(id)) throw new AppError('INVALID_REQUEST', 'The id of an upload is a UUID.');
      const upload = await requireUpload(deps, id, ownerOf(request.user));
      const said = new CollectedOptions();
      for (const [name, value] of Object.entries(request.query as Record<string, unknown>)) {
        const added = said.add(name, value);
        if (added === undefined) continue;
        judgeOption(deps, added.name, added.text);
        if (added.name === 'dataset') holdToDataset(request, added.text);
      }
      const options = readLooseOptions(mergeOptions(upload, said.texts));
      return toInspectedUpload(upload, await inspectUpload(deps, upload, options));
    },
  );
}
