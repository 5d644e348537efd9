// A stream becomes a kept upload that was looked at.
import { Readable } from 'node:stream';
import type { NewUpload, UploadRow } from '../../db/uploads/uploads.ts';
import { isUnavailable } from '../../db/errors.ts';
import { keptKey } from '../../storage/keys.ts';
import type { IntakeDeps } from '../intake-deps.ts';
import { recordKept, removeBytes, requireRoom } from '../keep-upload.ts';
import { requireUpload } from '../kept-file.ts';
import { SentBytes } from '../sent-bytes.ts';
import type { LooseOptions } from '../upload-options.ts';
import { inspectUpload, type Inspection } from './inspect-upload.ts';

export interface FileToKeep {
  readonly upload: Omit<NewUpload, 'bytes' | 'sha256'>;
  readonly source: AsyncIterable<Buffer>;
  readonly options: LooseOptions;
}

/**
 * Keeps a file and looks at it. When it throws nothing is left behind, or the sweep removes it.
 * @throws AppError of the upload kinds; of the file kinds, for what cannot be taken whatever is answered; TOO_MANY_KEPT_UPLOADS
 */
export async function receiveToInspect(
  deps: IntakeDeps,
  { upload, source, options }: FileToKeep,
): Promise<{ upload: UploadRow; inspection: Inspection }> {
  await requireRoom(deps, upload.createdBy, upload.id);
  try {
    const sent = new SentBytes(source, deps.config.maxUploadBytes);
    await deps.storage.write(keptKey(upload.id), Readable.from(sent.read(), { objectMode: false }));
    const row = { ...upload, bytes: sent.count, sha256: sent.sha256() };
    const inspection = await inspectUpload(deps, row, options);
    await recordKept(deps, row);
    return { upload: await requireUpload(deps, upload.id, upload.createdBy), inspection };
  } catch (error) {
    if (!isUnavailable(error)) await removeBytes(deps, upload.id);
    throw error;
  }
}
