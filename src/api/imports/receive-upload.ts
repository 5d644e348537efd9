// From a request to the import that it became: what POST /v1/imports and POST /v1/imports/{id}/retries have in common.
import type { FastifyRequest } from 'fastify';
import type { Dataset } from '../../core/dataset/types.ts';
import { findDataset } from '../../db/datasets/datasets.ts';
import type { ImportView } from '../../db/imports/import-views.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { judgeOption } from '../../intake/judge-option.ts';
import { keepsUploads } from '../../intake/keep-upload.ts';
import { mergeOptions, readKept, requireUpload } from '../../intake/kept-file.ts';
import { receiveFile, type SentFile } from '../../intake/receive-file.ts';
import { receiveCreating } from '../../intake/infer/receive-creating.ts';
import { noDataset } from '../../intake/require-dataset.ts';
import { readOptions, type RawUploadOptions, type UploadOptions } from '../../intake/upload-options.ts';
import { requireRole } from '../http/auth.ts';
import type { ApiDeps } from '../deps.ts';
import { holdToDataset, refuseLimited } from '../http/scope.ts';
import { ownerOf } from '../uploads/owner.ts';
import { AppError } from '../../errors.ts';
import type { ImportsContext } from './context.ts';
import { answerOnce, readIdempotencyKey, requireSameFile, type Answered } from './idempotency.ts';
import { openUpload, type JudgeOption, type OpenUpload } from './open-upload.ts';
import { readRetryOptions } from './retry-options.ts';
import { intakeOf } from './taken.ts';
import { refuseTooLong, waitForAnswer } from './upload-body.ts';

/** What the path says. */
interface Known {
  /** The import whose rejects the file mends. */
  readonly parent?: ImportRow | undefined;
  /** The kept upload that stands for the file. */
  readonly uploadId?: string;
}

/**
 * Takes one file in. When it throws, nothing is left behind.
 * @throws AppError of the request, upload and file kinds (errors.ts)
 */
export async function receiveUpload(
  { deps, nextId, requireImport }: ImportsContext,
  request: FastifyRequest,
  { parent, uploadId }: Known = {},
): Promise<Answered<ImportView>> {
  // 1 who and what: the API key was checked before the body; now the options, each as it comes
  const { maxUploadBytes } = deps.config;
  refuseTooLong(request, deps.config);
  const key = readIdempotencyKey(request.headers);
  waitForAnswer(request);
  let dataset: Dataset | undefined;
  let unknown: AppError | undefined;
  let creates = (request.query as Record<string, unknown>)['create'] === 'true';
  const judge: JudgeOption = async (name, text) => {
    judgeOption(deps, name, text);
    if (name === 'dataset') holdToDataset(request, text);
    if (name === 'create') creates = text === 'true';
    // What was sent before has its import, whatever became of the dataset since.
    if (name !== 'dataset' || key !== undefined) return;
    dataset = await findDataset(deps.database.db, text);
    if (dataset !== undefined || creates) return;
    // A field "create" may come after it, before the file.
    unknown = noDataset(text);
  };
  const upload = await openUpload(request, judge, uploadId);
  if (unknown !== undefined && !creates) throw unknown;
  const read = (raw: RawUploadOptions): UploadOptions =>
    parent === undefined ? readOptions(raw, upload) : readRetryOptions(parent, raw, upload);
  const sent =
    upload.uploadId === undefined ? fileOf(deps, request, upload, read(upload.options)) : undefined;

  // 2 sent before? else the stream becomes a recorded import
  const importId = nextId();
  const says = {
    ...upload.options,
    ...(upload.uploadId === undefined
      ? {}
      : { uploadId: upload.uploadId, takenBack: [...(upload.takenBack ?? [])].sort().join() }),
    ...(parent === undefined ? {} : { retryOf: parent.id }),
  };
  return answerOnce(
    deps,
    { userId: request.user.id, key, id: importId, says },
    async (settle) => {
      const source = sent ?? (await keptFileOf(deps, request, upload, read, parent));
      const file = { ...source, importId, sender: request.user, together: settle };
      if (!source.options.create) return receiveFile(intakeOf(deps, request), { ...file, dataset, parent });
      requireRole(request.user.role, 'admin');
      refuseLimited(request.user);
      return receiveCreating(intakeOf(deps, request), { ...file, keptId: nextId() });
    },
    async (first) => {
      // A kept upload never changes: the same id is the same file.
      if (upload.uploadId === undefined) await requireSameFile(upload, first, maxUploadBytes);
      const view = await requireImport(first.importId);
      holdToDataset(request, view.dataset);
      return view;
    },
  );
}

type FileSource = Pick<SentFile, 'source' | 'expectedBytes' | 'options' | 'keep' | 'kept'>;

/** The file of the request, which is kept when it raises a question. */
function fileOf(
  deps: ApiDeps,
  { headers }: FastifyRequest,
  upload: OpenUpload,
  options: UploadOptions,
): FileSource {
  const keep = { options: upload.options, packing: upload.packing ?? null };
  // Of a form it counts the fields too.
  const announced = headers['content-length'];
  return {
    source: upload.bytes(),
    expectedBytes: upload.packing === undefined && announced !== undefined ? Number(announced) : undefined,
    options,
    keep: keepsUploads(deps) ? keep : undefined,
  };
}

/** @throws AppError UPLOAD_NOT_FOUND; CONFLICT when the upload is a retry of another import */
async function keptFileOf(
  deps: ApiDeps,
  request: FastifyRequest,
  { uploadId, options, takenBack }: OpenUpload,
  read: (raw: RawUploadOptions) => UploadOptions,
  parent: ImportRow | undefined,
): Promise<FileSource> {
  request.raw.socket.setTimeout(0);
  const upload = await requireUpload(deps, uploadId!, ownerOf(request.user));
  if (upload.parentId !== null && upload.parentId !== parent?.id)
    throw new AppError(
      'CONFLICT',
      `Upload ${upload.id} was sent as a retry of import ${upload.parentId}. Send its uploadId to /v1/imports/${upload.parentId}/retries.`,
      { importId: upload.parentId },
    );
  const merged = read(mergeOptions(upload, options, takenBack));
  holdToDataset(request, merged.dataset);
  return {
    source: readKept(deps.storage, upload.id),
    expectedBytes: upload.packing === null ? upload.bytes : undefined,
    options: { ...merged, packing: upload.packing ?? undefined },
    kept: { id: upload.id, expiresAt: upload.expiresAt, said: options, takenBack: takenBack ?? new Set() },
  };
}
