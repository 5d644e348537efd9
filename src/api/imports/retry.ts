// POST /v1/imports/{id}/retries
import { isUuid } from '../../core/uuid.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';
import { IdParams } from '../http/schemas.ts';
import type { ImportsContext } from './context.ts';
import { receiveUpload } from './receive-upload.ts';
import { requireRetryParent } from './retry-options.ts';
import { sendTakenImport } from './taken.ts';
import { retrySchema } from './upload-schema.ts';

export function retryRoute(app: App, context: ImportsContext): void {
  app.post(
    '/imports/:id/retries',
    {
      config: { role: 'operator', takesFile: true, scope: { verbs: ['import'], dataset: 'import' } },
      // As for an upload: options are checked by hand.
      validatorCompiler: () => () => true,
      schema: { tags: ['imports'], params: IdParams, ...retrySchema(context.deps.config) },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!isUuid(id)) throw new AppError('INVALID_REQUEST', 'The id of an import is a UUID.');
      const parent = await requireRetryParent(context.deps, id);
      return sendTakenImport(context.deps, reply, await receiveUpload(context, request, { parent }));
    },
  );
}
