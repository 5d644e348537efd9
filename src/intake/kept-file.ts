// A kept upload as the file of an import.
import { findUpload, type Owner, type UploadRow } from '../db/uploads/uploads.ts';
import { AppError } from '../errors.ts';
import { keptKey } from '../storage/keys.ts';
import type { Storage } from '../storage/storage.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { noUpload } from './keep-upload.ts';
import { isOptionName, type UploadOptionName } from './options/table.ts';
import type { RawUploadOptions } from './upload-options.ts';

/** @throws AppError UPLOAD_NOT_FOUND */
export async function requireUpload(
  { database }: Pick<IntakeDeps, 'database'>,
  id: string,
  owner: Owner,
): Promise<UploadRow> {
  const upload = await findUpload(database.db, id, owner);
  if (upload === undefined) throw noUpload(id);
  return upload;
}

/** The bytes as they were sent. @throws AppError UPLOAD_NOT_FOUND when it is deleted meanwhile */
export async function* readKept(storage: Storage, id: string): AsyncGenerator<Buffer> {
  const bytes = storage.read(keptKey(id));
  try {
    yield* bytes as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof AppError && error.code === 'FILE_GONE' ? noUpload(id) : error;
  } finally {
    bytes.destroy();
  }
}

/**
 * The options that an upload was sent with, and what is said now in their place.
 * @param takenBack are as if they had never been given
 */
export function mergeOptions(
  { options }: Pick<UploadRow, 'options'>,
  now: RawUploadOptions,
  takenBack: ReadonlySet<UploadOptionName> = new Set(),
): RawUploadOptions {
  const said = Object.entries({ ...options, ...now });
  return Object.fromEntries(said.filter(([name]) => isOptionName(name) && !takenBack.has(name)));
}
