// POST /v1/uploads/{id}/imports
import { isUuid } from '../../core/uuid.ts';
import { AppError } from '../../errors.ts';
import { requireUpload } from '../../intake/kept-file.ts';
import type { App } from '../http/fastify.ts';
import { IdParams } from '../http/schemas.ts';
import { ownerOf } from '../uploads/owner.ts';
import type { ImportsContext } from './context.ts';
import { receiveUpload } from './receive-upload.ts';
import { requireRetryParent } from './retry-options.ts';
import { sendTakenImport } from './taken.ts';
import { importUploadSchema } from './upload-schema.ts';

export function importUploadRoute(app: App, context: ImportsContext): void {
  app.post(
    '/uploads/:id/imports',
    {
      config: { role: 'operator', takesFile: true, scope: { verbs: ['import'], dataset: 'handler' } },
      // As for an upload: options are checked by hand.
      validatorCompiler: () => () => true,
      schema: { tags: ['uploads'], params: IdParams, ...importUploadSchema() },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!isUuid(id)) throw new AppError('INVALID_REQUEST', 'The id of an upload is a UUID.');
      // One that is gone has perhaps been imported by the same request before.
      const upload = await requireUpload(context.deps, id, ownerOf(request.user)).catch((error: unknown) => {
        if (request.headers['idempotency-key'] === undefined) throw error;
        return { parentId: null };
      });
      const parent =
        upload.parentId === null ? undefined : await requireRetryParent(context.deps, upload.parentId);
      return sendTakenImport(
        context.deps,
        reply,
        await receiveUpload(context, request, { parent, uploadId: id }),
      );
    },
  );
}
