// A file is kept as it was sent: its bytes in the storage, then its row. Of a crash in between the sweep removes the bytes.
import { counted } from '../core/counted.ts';
import {
  countKept,
  deleteUpload,
  existingUploads,
  recordUpload,
  sayOfUpload,
  type NewUpload,
  type Owner,
} from '../db/uploads/uploads.ts';
import { isUnavailable } from '../db/errors.ts';
import { AppError } from '../errors.ts';
import { keptFolder, keptKey } from '../storage/keys.ts';
import type { IntakeDeps } from './intake-deps.ts';
import type { UploadOptionName } from './options/table.ts';
import { asQuestion } from './questions.ts';
import type { AskedFile } from './store-upload.ts';
import type { RawUploadOptions } from './upload-options.ts';

export type KeepDeps = Pick<IntakeDeps, 'config' | 'database' | 'storage' | 'logger'>;

export interface KeptUpload {
  readonly id: string;
  readonly expiresAt: Date;
}

/** A kept upload that is being imported, and what the request says of it. */
export interface AnsweredUpload extends KeptUpload {
  readonly said: RawUploadOptions;
  /** Options that it was sent with, and that do not hold. */
  readonly takenBack: ReadonlySet<UploadOptionName>;
}

/** Whether any upload is kept at all. */
export function keepsUploads({ config }: Pick<KeepDeps, 'config'>): boolean {
  return config.keptUploads > 0;
}

/**
 * Records an upload whose bytes are stored. When it throws nothing is left behind, or the sweep removes it.
 * @param reuse see `recordUpload`
 * @throws AppError TOO_MANY_KEPT_UPLOADS
 */
export async function recordKept(deps: KeepDeps, upload: NewUpload, reuse = false): Promise<KeptUpload> {
  const { keptUploads, keptUploadBytes, uploadHours } = deps.config;
  const limits = { hours: uploadHours, mostUploads: keptUploads, mostBytes: keptUploadBytes };
  let kept;
  try {
    kept = await recordUpload(deps.database.db, upload, limits, reuse);
  } catch (error) {
    // Nobody knows whether it was recorded.
    if (!isUnavailable(error)) await removeBytes(deps, upload.id);
    throw error;
  }
  if (kept.kind === 'kept' && kept.id === upload.id) return kept;
  await removeBytes(deps, upload.id);
  if (kept.kind === 'full') throw tooMany(deps, kept.now, upload.bytes);
  return kept;
}

/**
 * Keeps a file that has raised a question.
 * @returns the question, with the id of the upload; or with the reason why it is not kept
 * @throws AppError of the upload kinds, for what comes to light as the rest of the file is read
 */
export async function keepQuestioned(
  deps: KeepDeps,
  question: AppError,
  file: AskedFile,
  upload: Omit<NewUpload, 'bytes' | 'sha256'>,
): Promise<AppError> {
  try {
    await file.keep(keptKey(upload.id));
    const kept = await recordKept(deps, { ...upload, ...file.about() }, true);
    return askAbout(question, { ...kept, options: upload.options });
  } catch (error) {
    if (!isUnavailable(error)) await removeBytes(deps, upload.id);
    if (!(error instanceof AppError) || !['TOO_MANY_KEPT_UPLOADS', 'STORAGE_FULL'].includes(error.code))
      throw error;
    return asQuestion(question, { notKept: error.message });
  }
}

/**
 * The next question about a file that is kept. What was answered so far is kept with it, so that questions may be answered one by one.
 * @throws AppError UPLOAD_NOT_FOUND when it is deleted meanwhile
 */
export async function askNext(
  { database }: Pick<KeepDeps, 'database'>,
  question: AppError,
  { id, expiresAt, said, takenBack }: AnsweredUpload,
): Promise<AppError> {
  const options = await sayOfUpload(database.db, id, said, [...takenBack]);
  if (options === undefined) throw noUpload(id);
  return askAbout(question, { id, expiresAt, options });
}

/** The question about a file that is kept. @param kept its options hold for the answer too */
export function askAbout(
  question: AppError,
  { id, expiresAt, options }: KeptUpload & { readonly options: NewUpload['options'] },
): AppError {
  return asQuestion(
    question,
    { uploadId: id, uploadExpiresAt: expiresAt.toISOString(), uploadOptions: options },
    `The file is kept as upload ${id}: answer with that uploadId, and do not send it again.`,
  );
}

/** @throws AppError NOT_FOUND */
export async function deleteKept(deps: KeepDeps, id: string, owner: Owner): Promise<void> {
  if (!(await deleteUpload(deps.database.db, id, owner))) throw noUpload(id);
  await removeBytes(deps, id);
}

export function noUpload(id: string): AppError {
  return new AppError(
    'UPLOAD_NOT_FOUND',
    `There is no upload ${id}. It may have expired, been deleted, or be another user's. Send the file again.`,
  );
}

/**
 * Removes the bytes of an upload that is not recorded: two may have made the same one of its pieces, and one of them has succeeded. What
 * cannot be removed now is removed by the sweep.
 */
export async function removeBytes({ database, storage, logger }: KeepDeps, id: string): Promise<void> {
  try {
    if (!(await isRecorded({ database }, id))) await storage.removeFolder(keptFolder(id));
  } catch (error) {
    logger.warn({ err: error, uploadId: id }, 'a kept file could not be removed');
  }
}

export async function isRecorded({ database }: Pick<KeepDeps, 'database'>, id: string): Promise<boolean> {
  return (await existingUploads(database.db, [id])).has(id);
}

/** Before a file is read that could not be kept. @param besides an upload that came in pieces and is to be kept now @throws AppError TOO_MANY_KEPT_UPLOADS */
export async function requireRoom(deps: KeepDeps, userId: string, besides?: string): Promise<void> {
  const { keptUploads, keptUploadBytes } = deps.config;
  const now = await countKept(deps.database.db, userId, besides);
  if (now.uploads >= keptUploads || now.bytes >= keptUploadBytes) throw tooMany(deps, now, 0);
}

export function tooMany(
  { config: { keptUploads, keptUploadBytes, uploadHours } }: KeepDeps,
  now: { readonly uploads: number; readonly bytes: number },
  bytes: number,
): AppError {
  return new AppError(
    'TOO_MANY_KEPT_UPLOADS',
    `You keep ${counted(now.uploads, 'upload')} of ${counted(now.bytes, 'byte')}, and may keep ${keptUploads} (SLUICE_KEPT_UPLOADS) of ${counted(keptUploadBytes, 'byte')} (SLUICE_KEPT_UPLOAD_BYTES). Delete some (DELETE /v1/uploads/{id}), or wait until they expire, ${counted(uploadHours, 'hour')} after they were sent.`,
    { uploads: now.uploads, keptBytes: now.bytes, bytes },
  );
}
