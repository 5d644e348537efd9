// What is done with one upload that comes in pieces: it is said how it stands, it takes more bytes, it is given up.
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUuid } from '../../core/uuid.ts';
import { findResumable, type ResumableUpload } from '../../db/uploads/resumable.ts';
import { findUpload } from '../../db/uploads/uploads.ts';
import { AppError } from '../../errors.ts';
import { deleteKept, noUpload } from '../../intake/keep-upload.ts';
import { appendBytes, otherOffset } from '../../intake/resumable/append-bytes.ts';
import { finishUpload, removeResumable } from '../../intake/resumable/finish-upload.ts';
import type { ApiDeps } from '../deps.ts';
import { holdToDataset } from '../http/scope.ts';
import { waitForAnswer } from '../imports/upload-body.ts';
import { ownerOf } from '../uploads/owner.ts';
import { CutRequests } from './cut-requests.ts';
import { hasBytes, readChecksum, readOffset, sayStanding } from './headers.ts';

const FINISHING_RETRY_SECONDS = 2;
/** Clients of tus ask a few times within seconds and then give up. Of an API that was killed at it the turn is over after half a minute. */
const FINISHING_WAIT_MS = 10_000;
const FINISHING_LOOK_MS = 500;

type Answers = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

export interface OneUpload {
  readonly answerStanding: Answers;
  readonly takeMore: Answers;
  readonly giveUp: Answers;
  /** Takes what the request has of an upload that was begun by it. */
  takeFirst(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    first: { readonly sendsBytes: boolean; readonly checksum: ReturnType<typeof readChecksum> },
  ): Promise<FastifyReply>;
}

export function oneUpload(deps: ApiDeps): OneUpload {
  const { db } = deps.database;
  const cutRequests = new CutRequests();

  return {
    answerStanding,
    takeMore,
    giveUp,
    takeFirst: async (request, reply, id, { sendsBytes, checksum }) =>
      take(request, reply, await requireResumable(request, id), sendsBytes, checksum),
  };

  async function answerStanding(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const id = idOf(request);
    let upload = await findHeld(request, id);
    if (upload !== undefined && (await cutRequests.settle(id))) upload = await findHeld(request, id);
    void reply.code(200).header('Cache-Control', 'no-store');
    if (upload === undefined) {
      const kept = await requireKept(request, id);
      return reply
        .headers({ 'Upload-Length': String(kept.bytes), 'Upload-Offset': String(kept.bytes) })
        .send();
    }
    void reply.header('Upload-Length', String(upload.length));
    if (upload.metadata !== '') void reply.header('Upload-Metadata', upload.metadata);
    if (upload.received === upload.length) await finish(request, upload);
    return sayStanding(reply, upload).send();
  }

  async function takeMore(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
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
  }

  async function giveUp(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const id = idOf(request);
    const upload = await findHeld(request, id);
    if (upload === undefined) {
      await requireKept(request, id);
      await deleteKept({ ...deps, logger: request.log }, id, ownerOf(request.user));
    } else if (!(await removeResumable({ ...deps, logger: request.log }, id))) throw noUpload(id);
    return reply.code(204).send(null);
  }

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
      ? await cutRequests.note(upload.id, request, () =>
          appendBytes(
            { ...deps, logger: request.log },
            upload,
            (request.body as Readable | undefined)?.iterator({ destroyOnReturn: false }) ?? noBytes(),
            checksum,
          ),
        )
      : upload.received;
    if (received === upload.length) {
      await finish(request, upload);
      return reply.header('Upload-Offset', String(received)).send(null);
    }
    return sayStanding(reply, await requireResumable(request, upload.id)).send(null);
  }

  async function finish(request: FastifyRequest, upload: ResumableUpload): Promise<void> {
    const until = performance.now() + FINISHING_WAIT_MS;
    while (!(await finishUpload({ ...deps, logger: request.log }, upload))) {
      // Another one is at it, was killed at it, has made it, or has found that it is no file.
      const isHeld = (await findHeld(request, upload.id)) !== undefined;
      if ((await findUpload(db, upload.id, ownerOf(request.user))) !== undefined) return;
      if (!isHeld) throw noUpload(upload.id);
      if (performance.now() > until) throw finishing(upload.id);
      await sleep(FINISHING_LOOK_MS);
    }
    request.log.info({ upload: upload.id, by: request.user.id }, 'a resumable upload is whole');
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

function finishing(id: string): AppError {
  return new AppError(
    'UPLOAD_FINISHING',
    `All bytes of the upload ${id} are there, and the file is being looked at. Ask again in ${FINISHING_RETRY_SECONDS} s.`,
    { retryAfterSeconds: FINISHING_RETRY_SECONDS },
  );
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
