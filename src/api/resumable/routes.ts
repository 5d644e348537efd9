// /v1/uploads/resumable: tus 1.0. A file that is sent in pieces becomes a kept upload of the same id.
import { randomFillSync } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUuid, createUuidV7 } from '../../core/uuid.ts';
import { addResumable, findResumable, type ResumableUpload } from '../../db/uploads/resumable.ts';
import { findUpload } from '../../db/uploads/uploads.ts';
import { AppError } from '../../errors.ts';
import { deleteKept, noUpload, tooMany } from '../../intake/keep-upload.ts';
import { judgeOption } from '../../intake/judge-option.ts';
import { requireDataset } from '../../intake/require-dataset.ts';
import { appendBytes, CHECKSUMS, otherOffset } from '../../intake/resumable/append-bytes.ts';
import { finishUpload, removeResumable } from '../../intake/resumable/finish-upload.ts';
import { tooLarge } from '../../intake/too-large.ts';
import { CollectedOptions, readLooseOptions } from '../../intake/upload-options.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { holdToDataset } from '../http/scope.ts';
import { waitForAnswer } from '../imports/upload-body.ts';
import { ownerOf } from '../uploads/owner.ts';
import {
  hasBytes,
  readChecksum,
  readLength,
  readMetadata,
  readOffset,
  requireVersion,
  sayStanding,
  TUS_EXTENSIONS,
  TUS_VERSION,
} from './headers.ts';

const PATH = '/uploads/resumable';
const FINISHING_RETRY_SECONDS = 2;
const SCOPE = { verbs: ['import'], dataset: 'handler' } as const;
/** Options and ids are checked by hand, and bodies are bytes. */
const unchecked = () => () => true;

/** In a scope of its own: bytes go into the storage, never whole into memory. */
export async function resumableRoutes(app: App, deps: ApiDeps): Promise<void> {
  const nextId = createUuidV7((bytes) => randomFillSync(bytes));
  const { db } = deps.database;
  const { config } = deps;
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
      const upload = await requireResumable(request, id);
      return take(request, reply, upload, sendsBytes, checksum);
    },
  );

  app.head(
    `${PATH}/:id`,
    { config: { role: 'operator', scope: SCOPE }, validatorCompiler: unchecked },
    async (request, reply) => {
      const id = idOf(request);
      const upload = await findHeld(request, id);
      void reply.code(200).header('Cache-Control', 'no-store');
      if (upload === undefined) {
        const kept = await requireKept(request, id);
        return reply
          .headers({ 'Upload-Length': String(kept.bytes), 'Upload-Offset': String(kept.bytes) })
          .send();
      }
      void reply.headers({ 'Upload-Length': String(upload.length), 'Upload-Metadata': upload.metadata });
      if (upload.received === upload.length) await finish(request, upload);
      return sayStanding(reply, upload).send();
    },
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
    async (request, reply) => {
      const offset = readOffset(request);
      const checksum = readChecksum(request);
      if (!hasBytes(request)) throw new AppError('UPLOAD_NO_FILE', 'The request has no bytes of the file.');
      const id = idOf(request);
      const upload = await findHeld(request, id);
      void reply.code(204);
      if (upload === undefined) {
        const kept = await requireKept(request, id);
        if (offset !== kept.bytes) throw otherOffset(id);
        return reply.header('Upload-Offset', String(kept.bytes)).send(null);
      }
      if (offset !== upload.received) throw otherOffset(id);
      return take(request, reply, upload, true, checksum);
    },
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
    async (request, reply) => {
      const id = idOf(request);
      const upload = await findHeld(request, id);
      if (upload === undefined) {
        await requireKept(request, id);
        await deleteKept({ ...deps, logger: request.log }, id, ownerOf(request.user));
      } else if (!(await removeResumable({ ...deps, logger: request.log }, id))) throw noUpload(id);
      return reply.code(204).send(null);
    },
  );

  /** Stores what the request has, and makes a kept upload of what is whole. */
  async function take(
    request: FastifyRequest,
    reply: FastifyReply,
    upload: ResumableUpload,
    sendsBytes: boolean,
    checksum: ReturnType<typeof readChecksum>,
  ): Promise<FastifyReply> {
    waitForAnswer(request);
    const received = sendsBytes
      ? await appendBytes(
          { ...deps, logger: request.log },
          upload,
          (request.body as Readable | undefined)?.iterator({ destroyOnReturn: false }) ?? noBytes(),
          checksum,
        )
      : upload.received;
    if (received === upload.length) {
      await finish(request, upload);
      return reply.header('Upload-Offset', String(received)).send(null);
    }
    return sayStanding(reply, await requireResumable(request, upload.id)).send(null);
  }

  async function finish(request: FastifyRequest, upload: ResumableUpload): Promise<void> {
    if (await finishUpload({ ...deps, logger: request.log }, upload)) {
      request.log.info({ upload: upload.id, by: request.user.id }, 'a resumable upload is whole');
      return;
    }
    if ((await findUpload(db, upload.id, ownerOf(request.user))) !== undefined) return;
    throw new AppError(
      'UPLOAD_FINISHING',
      `All bytes of the upload ${upload.id} are there, and the file is being looked at. Ask again in ${FINISHING_RETRY_SECONDS} s.`,
      { retryAfterSeconds: FINISHING_RETRY_SECONDS },
    );
  }

  /** Undefined: there is none that still comes in. @throws AppError FORBIDDEN */
  async function findHeld(request: FastifyRequest, id: string): Promise<ResumableUpload | undefined> {
    const upload = await findResumable(db, id, ownerOf(request.user));
    if (upload !== undefined) holdToDataset(request, upload.options['dataset'] ?? '');
    return upload;
  }

  async function requireResumable(request: FastifyRequest, id: string): Promise<ResumableUpload> {
    const upload = await findHeld(request, id);
    if (upload === undefined) throw noUpload(id);
    return upload;
  }

  async function requireKept(request: FastifyRequest, id: string) {
    const kept = await findUpload(db, id, ownerOf(request.user));
    if (kept === undefined) throw noUpload(id);
    holdToDataset(request, kept.options['dataset'] ?? '');
    return kept;
  }
}

/** @throws AppError INVALID_REQUEST */
function idOf({ params }: FastifyRequest): string {
  const { id } = params as { id: string };
  if (!isUuid(id)) throw new AppError('INVALID_REQUEST', 'The id of an upload is a UUID.');
  return id;
}

async function* noBytes(): AsyncGenerator<Buffer> {
  // A request without a body has none.
}
