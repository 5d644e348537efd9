// /v1/uploads/resumable: tus 1.0. A file that is sent in pieces becomes a kept upload of the same id.
import { randomFillSync } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import { createUuidV7 } from '../../core/uuid.ts';
import { addResumable } from '../../db/uploads/resumable.ts';
import { AppError } from '../../errors.ts';
import { tooMany } from '../../intake/keep-upload.ts';
import { judgeOption } from '../../intake/judge-option.ts';
import { requireDataset } from '../../intake/require-dataset.ts';
import { CHECKSUMS } from '../../intake/resumable/append-bytes.ts';
import { tooLarge } from '../../intake/too-large.ts';
import { CollectedOptions, readLooseOptions } from '../../intake/upload-options.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { holdToDataset } from '../http/scope.ts';
import {
  hasBytes,
  overridingMethod,
  readChecksum,
  readLength,
  readMetadata,
  requireVersion,
  TUS_EXTENSIONS,
  TUS_VERSION,
} from './headers.ts';
import { oneUpload } from './one-upload.ts';

const PATH = '/uploads/resumable';
const OF_AN_UPLOAD = ['DELETE', 'HEAD', 'PATCH'];
const SCOPE = { verbs: ['import'], dataset: 'handler' } as const;
/** Options and ids are checked by hand, and bodies are bytes. */
const unchecked = () => () => true;

/** In a scope of its own: bytes go into the storage, never whole into memory. */
export async function resumableRoutes(app: App, deps: ApiDeps): Promise<void> {
  const nextId = createUuidV7((bytes) => randomFillSync(bytes));
  const { db } = deps.database;
  const { config } = deps;
  const ofOne = oneUpload(deps);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.method !== 'OPTIONS') requireVersion(request);
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    void reply.headers({
      'Tus-Resumable': TUS_VERSION,
      ...(reply.statusCode === 412 ? { 'Tus-Version': TUS_VERSION } : {}),
    });
    done(null, payload);
  });

  app.options(
    PATH,
    {
      config: { role: 'operator', scope: SCOPE },
      schema: {
        tags: ['uploads'],
        operationId: 'describeResumableUploads',
        summary: 'What of tus is spoken here',
        response: { 204: Type.Null({ description: 'In headers.' }), ...problems() },
      },
    },
    async (_request, reply) =>
      reply
        .code(204)
        .headers({
          'Tus-Version': TUS_VERSION,
          'Tus-Extension': TUS_EXTENSIONS,
          'Tus-Max-Size': String(config.maxUploadBytes),
          'Tus-Checksum-Algorithm': CHECKSUMS.join(','),
        })
        .send(null),
  );

  app.post(
    PATH,
    {
      config: { role: 'operator', takesFile: true, scope: SCOPE },
      validatorCompiler: unchecked,
      schema: {
        tags: ['uploads'],
        operationId: 'beginResumableUpload',
        summary: 'Begin a file that can be sent in pieces',
        description: [
          'tus 1.0: any client of tus can send files here. `Upload-Length` is the length of the file, `Upload-Metadata` has its name (`filename`) and the options of an import. The body may hold the first bytes.',
          'When all bytes are there, the file is a kept upload: the last part of `Location` is its `uploadId`. docs/sending-a-file.md tells the whole.',
        ].join('\n\n'),
        response: {
          201: Type.Null({ description: 'Begun. `Location` is where bytes go.' }),
          ...problems(400, 404, 408, 409, 412, 413, 415, 422, 423, 460, 507),
        },
      },
    },
    async (request, reply) => {
      const length = readLength(request);
      if (length > config.maxUploadBytes) throw tooLarge(config.maxUploadBytes);
      const checksum = readChecksum(request);
      const sendsBytes = hasBytes(request);
      const metadata = readMetadata(request);
      const collected = new CollectedOptions();
      for (const [name, text] of [
        ...Object.entries(request.query as Record<string, unknown>),
        ...metadata.options,
      ]) {
        const added = collected.add(name, text);
        if (added !== undefined) judgeOption(deps, added.name, added.text);
      }
      const options = collected.texts;
      if (options.uploadId !== undefined)
        throw new AppError('INVALID_REQUEST', 'A file that is sent has no uploadId yet. Leave it out.', {
          option: 'uploadId',
        });
      holdToDataset(request, options.dataset ?? '');
      if (options.dataset !== undefined) await requireDataset(db, options.dataset);
      const { fileName } = readLooseOptions(options);
      const id = nextId(Date.now());
      const full = await addResumable(
        db,
        {
          id,
          length,
          fileName,
          packing: null,
          options,
          metadata: metadata.text,
          createdBy: request.user.id,
        },
        {
          hours: config.uploadHours,
          mostUploads: config.keptUploads,
          mostBytes: config.keptUploadBytes,
        },
      );
      if (full !== undefined) throw tooMany(deps, full, length);
      request.log.info({ upload: id, length, by: request.user.id }, 'a resumable upload was begun');
      void reply.code(201).header('Location', `/v1${PATH}/${id}`);
      return ofOne.takeFirst(request, reply, id, { sendsBytes, checksum });
    },
  );

  app.head(
    `${PATH}/:id`,
    { config: { role: 'operator', scope: SCOPE }, validatorCompiler: unchecked },
    async (request, reply) => ofOne.answerStanding(request, reply),
  );

  app.patch(
    `${PATH}/:id`,
    {
      config: { role: 'operator', takesFile: true, scope: SCOPE },
      validatorCompiler: unchecked,
      schema: {
        tags: ['uploads'],
        operationId: 'continueResumableUpload',
        summary: 'Send the next bytes of a file',
        description:
          'From `Upload-Offset` on; `HEAD` says how many bytes there are. What has come before a connection is cut stays. With `Upload-Checksum` all bytes of the request count, or none. The last one is answered as `POST /v1/uploads` would be when the file cannot be taken.',
        params: IdParams,
        response: {
          204: Type.Null({ description: 'Taken. `Upload-Offset` says how many bytes there are.' }),
          ...problems(400, 404, 408, 409, 412, 413, 415, 422, 423, 460, 507),
        },
      },
    },
    async (request, reply) => ofOne.takeMore(request, reply),
  );

  app.delete(
    `${PATH}/:id`,
    {
      config: { role: 'operator', scope: SCOPE },
      validatorCompiler: unchecked,
      schema: {
        tags: ['uploads'],
        operationId: 'endResumableUpload',
        summary: 'Give up a file that is sent in pieces',
        description: 'With the bytes that are there; also when it is a kept upload already.',
        params: IdParams,
        response: { 204: Type.Null({ description: 'It is gone.' }), ...problems(400, 404, 412) },
      },
    },
    async (request, reply) => ofOne.giveUp(request, reply),
  );

  app.post(
    `${PATH}/:id`,
    {
      config: { role: 'operator', takesFile: true, scope: SCOPE },
      validatorCompiler: unchecked,
      schema: { hide: true },
    },
    (request, reply) => {
      const method = overridingMethod(request);
      switch (method) {
        case 'PATCH':
          return ofOne.takeMore(request, reply);
        case 'DELETE':
          return ofOne.giveUp(request, reply);
        case 'HEAD':
          return ofOne.answerStanding(request, reply);
        default:
          throw new AppError(
            'METHOD_NOT_ALLOWED',
            `An upload takes ${OF_AN_UPLOAD.join(', ')}. A POST to it needs the header X-HTTP-Method-Override with one of them${method === undefined ? '' : `, not ${method.slice(0, 20)}`}.`,
            { allow: OF_AN_UPLOAD },
          );
      }
    },
  );
}
