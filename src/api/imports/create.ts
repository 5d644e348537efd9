// POST /v1/imports
import type { App } from '../http/fastify.ts';
import type { ImportsContext } from './context.ts';
import { receiveUpload } from './receive-upload.ts';
import { sendTakenImport } from './taken.ts';
import { uploadSchema } from './upload-schema.ts';

export function createRoute(app: App, context: ImportsContext): void {
  app.post(
    '/imports',
    {
      config: { role: 'operator', takesFile: true, scope: { verbs: ['import'], dataset: 'handler' } },
      // Options are checked by hand, the same for fields and query; the body is a stream.
      validatorCompiler: () => () => true,
      schema: { tags: ['imports'], ...uploadSchema(context.deps.config) },
    },
    async (request, reply) => sendTakenImport(context.deps, reply, await receiveUpload(context, request)),
  );
}
