// POST /v1/datasets/infer
import { randomFillSync } from 'node:crypto';
import multipart from '@fastify/multipart';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { datasetName } from '../../core/dataset/infer/field-names.ts';
import { DATASET_NAME } from '../../core/dataset/document/properties.ts';
import { createUuidV7 } from '../../core/uuid.ts';
import { AppError } from '../../errors.ts';
import { inferSent, inferKept } from '../../intake/infer/infer-source.ts';
import { judgeOption } from '../../intake/judge-option.ts';
import { mergeOptions, requireUpload } from '../../intake/kept-file.ts';
import { readLooseOptions } from '../../intake/upload-options.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { openUpload } from '../imports/open-upload.ts';
import { refuseTooLong, waitForAnswer } from '../imports/upload-body.ts';
import { fileToInferRequest } from '../imports/upload-schema.ts';
import { ownerOf } from '../uploads/owner.ts';
import { InferredAnswer, toInferredAnswer } from './inferred-schema.ts';

const TYPES = ['detect', 'text'] as const;

const OWN_QUERY = {
  name: Type.Optional(
    Type.String({
      pattern: DATASET_NAME.source,
      description: 'The name of the dataset; made of the file’s if left out.',
    }),
  ),
  types: Type.Optional(
    Type.Enum([...TYPES], {
      type: 'string',
      default: 'detect',
      description: 'text: each column is a text, without constraints.',
    }),
  ),
};

/** In a scope of its own: a file is read where it is stored, never into memory. */
export async function inferRoute(app: App, deps: ApiDeps): Promise<void> {
  const nextId = createUuidV7((bytes) => randomFillSync(bytes));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  await app.register(multipart);
  app.post(
    '/datasets/infer',
    {
      config: { role: 'operator', takesFile: true },
      // As for an import: options are checked by hand.
      validatorCompiler: () => () => true,
      schema: {
        operationId: 'inferDataset',
        summary: 'Infer a dataset from a file',
        description: [
          'Looks at all records of a file that is sent, or of a kept upload (`uploadId`), and answers with a document that PUT /v1/datasets/{name} takes, and with what each choice in it stands on. Nothing is imported, and a file that is sent is not kept.',
          'A column is more than a text only when every value of it lands without losing anything. Codes with leading zeros, numbers beyond 64 bits, `1E5`, `+5`, `1,234` and days like `03-04-2020` stay texts; `because` and `counterExample` say why.',
          'The options are those of an import. What an import would be asked (encoding, dialect, sheet) is asked here too (422).',
        ].join('\n\n'),
        tags: ['datasets'],
        ...fileToInferRequest(OWN_QUERY),
        response: {
          200: InferredAnswer,
          ...problems(400, 404, 408, 413, 415, 422, 507),
        },
      },
    },
    async (request) => {
      refuseTooLong(request, deps.config);
      waitForAnswer(request);
      const own = takeOwn(request);
      const sent = await openUpload(request, (name, text) => Promise.resolve(judgeOption(deps, name, text)));
      const intake = { ...deps, logger: request.log };
      if (sent.uploadId === undefined) {
        const options = readLooseOptions(sent.options, sent);
        const choices = {
          name: own.name ?? options.dataset ?? datasetName(options.fileName),
          types: own.types,
        };
        const file = { id: nextId(Date.now()), source: sent.bytes(), packing: sent.packing ?? null };
        return toInferredAnswer(await inferSent(intake, file, options, choices));
      }
      request.raw.socket.setTimeout(0);
      const upload = await requireUpload(deps, sent.uploadId, ownerOf(request.user));
      const options = readLooseOptions(mergeOptions(upload, sent.options, sent.takenBack));
      const choices = { name: own.name ?? options.dataset ?? datasetName(upload.fileName), types: own.types };
      return toInferredAnswer(await inferKept(intake, upload, options, choices));
    },
  );
}

interface Own {
  readonly name: string | undefined;
  readonly types: (typeof TYPES)[number];
}

/** What is of this route alone; the rest of the query are options of the file. */
function takeOwn(request: FastifyRequest): Own {
  const { name, types = 'detect', ...options } = request.query as Record<string, unknown>;
  if (name !== undefined && (typeof name !== 'string' || !DATASET_NAME.test(name)))
    throw new AppError(
      'INVALID_REQUEST',
      'The query parameter "name" must be a name of a-z, 0-9, _ and - that begins with a letter, 63 characters at most.',
    );
  if (types !== 'detect' && types !== 'text')
    throw new AppError('INVALID_REQUEST', 'The query parameter "types" must be detect or text.');
  request.query = options;
  return { name, types };
}
