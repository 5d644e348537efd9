// POST /v1/uploads
import multipart from '@fastify/multipart';
import { counted } from '../../core/counted.ts';
import { AppError } from '../../errors.ts';
import { judgeOption } from '../../intake/judge-option.ts';
import { receiveToInspect } from '../../intake/inspect/receive-to-inspect.ts';
import { requireDataset } from '../../intake/require-dataset.ts';
import { readLooseOptions } from '../../intake/upload-options.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { holdToDataset } from '../http/scope.ts';
import { openUpload } from '../imports/open-upload.ts';
import { fileToKeepRequest } from '../imports/upload-schema.ts';
import { refuseTooLong, waitForAnswer } from '../imports/upload-body.ts';
import { InspectedUploadSchema, toInspectedUpload } from './inspection-schema.ts';

/** In a scope of its own: a file is read where it is stored, never into memory. */
export async function createRoute(app: App, deps: ApiDeps, nextId: () => string): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  await app.register(multipart);
  app.post(
    '/uploads',
    {
      config: { role: 'operator', takesFile: true, scope: { verbs: ['import'], dataset: 'handler' } },
      // As for an import: options are checked by hand.
      validatorCompiler: () => () => true,
      schema: { tags: ['uploads'], ...schemaOf(deps) },
    },
    async (request, reply) => {
      refuseTooLong(request, deps.config);
      waitForAnswer(request);
      const sent = await openUpload(request, async (name, text) => {
        judgeOption(deps, name, text);
        if (name !== 'dataset') return;
        holdToDataset(request, text);
        await requireDataset(deps.database.db, text);
      });
      // Of a file without one all datasets would be named that it fits.
      if (sent.uploadId === undefined && sent.options.dataset === undefined) holdToDataset(request, '');
      if (sent.uploadId !== undefined)
        throw new AppError(
          'INVALID_REQUEST',
          `An upload is a file that is sent. To look at one that is kept: GET /v1/uploads/${sent.uploadId}`,
          { option: 'uploadId' },
        );
      const options = readLooseOptions(sent.options, sent);
      const { upload, inspection } = await receiveToInspect(
        { ...deps, logger: request.log },
        {
          upload: {
            id: nextId(),
            fileName: options.fileName,
            packing: sent.packing ?? null,
            options: sent.options,
            parentId: null,
            createdBy: request.user.id,
          },
          source: sent.bytes(),
          options,
        },
      );
      return reply
        .code(201)
        .header('Location', `/v1/uploads/${upload.id}`)
        .send(toInspectedUpload(upload, inspection));
    },
  );
}

function schemaOf({ config: { uploadHours, keptUploads } }: ApiDeps) {
  return {
    operationId: 'createUpload',
    summary: 'Send a file and look at it',
    description: [
      `Keeps a file for ${counted(uploadHours, 'hour')} and tells what it is: encoding, dialect, header, the first records, types by column, a mapping, and what an import would be asked. Nothing is imported: POST /v1/imports with the \`uploadId\` does that, with the options that are sent here unless it says otherwise.`,
      'The body and the options are those of an import; `dataset` may be left out, and the datasets are proposed that fit best.',
      `What cannot be taken whatever is answered (no text, a damaged archive, too large) is answered as it would be by an import, and not kept. 409 when you keep ${counted(keptUploads, 'upload')} already.`,
    ].join('\n\n'),
    ...fileToKeepRequest(),
    response: {
      201: { ...InspectedUploadSchema, description: 'Kept. `Location` is the upload.' },
      ...problems(400, 404, 408, 409, 413, 415, 422, 507),
    },
  };
}
