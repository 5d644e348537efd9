// Where the file is that a dataset is inferred from: kept already, or sent and stored for as long as it takes.
import { Readable } from 'node:stream';
import type { InferChoices } from '../../core/dataset/infer/infer-dataset.ts';
import type { UploadRow } from '../../db/uploads/uploads.ts';
import { keptKey } from '../../storage/keys.ts';
import type { IntakeDeps } from '../intake-deps.ts';
import { askAbout, removeBytes } from '../keep-upload.ts';
import { asQuestion, isQuestion } from '../questions.ts';
import { SentBytes } from '../sent-bytes.ts';
import type { LooseOptions } from '../upload-options.ts';
import type { Packing } from '../unpack.ts';
import type { InferredUpload } from './infer-text.ts';
import { inferUpload } from './infer-upload.ts';

export interface FileToInfer {
  /** A fresh UUID v7, of the folder it is stored in meanwhile. */
  readonly id: string;
  readonly source: AsyncIterable<Buffer>;
  readonly packing: Packing | null;
}

/** Leaves nothing behind, or what the sweep removes. @throws AppError as `inferUpload` */
export async function inferSent(
  deps: IntakeDeps,
  { id, source, packing }: FileToInfer,
  options: LooseOptions,
  choices: InferChoices,
): Promise<InferredUpload> {
  try {
    const sent = new SentBytes(source, deps.config.maxUploadBytes);
    await deps.storage.write(keptKey(id), Readable.from(sent.read(), { objectMode: false }));
    return await inferUpload(deps, { id, bytes: sent.count, packing }, options, choices);
  } catch (error) {
    throw isQuestion(error) ? asQuestion(error) : error;
  } finally {
    await removeBytes(deps, id);
  }
}

/** @throws AppError as `inferUpload`; UPLOAD_NOT_FOUND when it is deleted meanwhile */
export async function inferKept(
  deps: IntakeDeps,
  upload: UploadRow,
  options: LooseOptions,
  choices: InferChoices,
): Promise<InferredUpload> {
  try {
    return await inferUpload(deps, upload, options, choices);
  } catch (error) {
    throw isQuestion(error) ? askAbout(error, upload) : error;
  }
}
