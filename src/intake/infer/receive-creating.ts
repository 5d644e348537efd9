// A file whose dataset is made of it: inferred, made, and imported into, in one go.
import { Readable } from 'node:stream';
import { parseDataset } from '../../core/dataset/document/parse-dataset.ts';
import { DATASET_NAME } from '../../core/dataset/document/properties.ts';
import { changeDataset } from '../../db/datasets/change-dataset.ts';
import { findDatasetRow } from '../../db/datasets/datasets.ts';
import { deleteDataset } from '../../db/datasets/delete-dataset.ts';
import type { ImportView } from '../../db/imports/import-views.ts';
import { AppError } from '../../errors.ts';
import { keptKey } from '../../storage/keys.ts';
import type { IntakeDeps } from '../intake-deps.ts';
import { askNext, keepQuestioned, removeBytes } from '../keep-upload.ts';
import { readKept } from '../kept-file.ts';
import { wrong } from '../options/option.ts';
import { asQuestion, isQuestion } from '../questions.ts';
import { receiveFile, type SentFile } from '../receive-file.ts';
import type { Sender } from '../record-import.ts';
import { SentBytes } from '../sent-bytes.ts';
import type { UploadOptions } from '../upload-options.ts';
import type { InferredUpload } from './infer-text.ts';
import { inferUpload } from './infer-upload.ts';

/** A file with `create=true`. */
export interface CreatingFile extends Omit<SentFile, 'dataset' | 'parent'> {
  readonly sender: Sender;
  /** A fresh UUID v7, of the upload that it becomes when it raises a question. */
  readonly keptId: string;
}

interface StoredFile {
  readonly id: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The dataset is there when the import is; when this throws, neither is.
 * @throws AppError CONFLICT when there is a dataset of the name; what inferring, making and receiving throw
 */
export async function receiveCreating(deps: IntakeDeps, file: CreatingFile): Promise<ImportView> {
  const { options } = file;
  if (options.dryRun)
    throw wrong('create', 'makes a dataset and its table, and dryRun writes nothing. Leave out one of them');
  if (!DATASET_NAME.test(options.dataset))
    throw wrong(
      'dataset',
      'must be a name of a-z, 0-9, _ and - that begins with a letter, 63 characters at most, for a dataset to be made',
    );
  refuseExisting(options.dataset, await findDatasetRow(deps.database.db, options.dataset));
  // 1 the file is stored: it is read twice
  const { stored, remove } = await store(deps, file);
  try {
    // 2 what it holds
    const inferred = await inferOrAsk(deps, file, stored);
    // 3 the dataset, and the import
    return await importInto(deps, file, stored, inferred);
  } finally {
    await remove();
  }
}

async function store(
  deps: IntakeDeps,
  { importId, source }: CreatingFile,
): Promise<{ stored: StoredFile; remove: () => Promise<void> }> {
  const sent = new SentBytes(source, deps.config.maxUploadBytes);
  const remove = (): Promise<void> => removeBytes(deps, importId);
  try {
    // A kept upload too: it may be deleted meanwhile.
    await deps.storage.write(keptKey(importId), Readable.from(sent.read(), { objectMode: false }));
  } catch (error) {
    await remove();
    throw error;
  }
  return { stored: { id: importId, bytes: sent.count, sha256: sent.sha256() }, remove };
}

/** @throws AppError a question, about a file that is kept for it where it can be */
async function inferOrAsk(deps: IntakeDeps, file: CreatingFile, stored: StoredFile): Promise<InferredUpload> {
  const { options, kept, keep, sender } = file;
  try {
    return await inferUpload(deps, { ...stored, packing: options.packing ?? null }, options, {
      name: options.dataset,
      types: 'detect',
    });
  } catch (error) {
    if (!isQuestion(error)) throw error;
    if (kept !== undefined) throw await askNext(deps, error, kept);
    if (keep === undefined) throw asQuestion(error);
    // Under an id of its own: what is stored for this request goes with it.
    throw await keepQuestioned(
      deps,
      error,
      {
        keep: (to) => deps.storage.copy(keptKey(stored.id), to),
        about: () => ({ bytes: stored.bytes, sha256: stored.sha256 }),
      },
      { ...keep, id: file.keptId, fileName: options.fileName, parentId: null, createdBy: sender.id },
    );
  }
}

async function importInto(
  deps: IntakeDeps,
  file: CreatingFile,
  { id }: StoredFile,
  { dataset: inferred, mapping }: InferredUpload,
): Promise<ImportView> {
  const { options, sender } = file;
  const { db } = deps.database;
  const dataset = parseDataset(inferred, 'What was inferred from the file');
  const { created } = await changeDataset(db, {
    dataset,
    manager: 'api',
    takesOver: false,
    by: sender,
    judge: (row) => refuseExisting(dataset.name, row),
    lockMs: deps.config.ddlLockMs,
  });
  const asInferred: UploadOptions = {
    ...options,
    mapping: options.mapping ?? mapping,
  };
  try {
    return await receiveFile(deps, {
      ...file,
      source: readKept(deps.storage, id),
      options: asInferred,
      dataset,
      keep: undefined,
    });
  } catch (error) {
    await unmake(deps, dataset.name, created.length > 0, sender);
    throw error;
  }
}

/** An import that was recorded after all, though nobody was told, keeps its dataset. */
async function unmake(deps: IntakeDeps, name: string, dropsTables: boolean, by: Sender): Promise<void> {
  const { database, config, logger } = deps;
  await deleteDataset(database.db, {
    name,
    dropsTables,
    by,
    judge: (row) => row!,
    lockMs: config.ddlLockMs,
  }).catch((error: unknown) =>
    logger.warn({ err: error, dataset: name }, 'the dataset of a file that was not imported stays'),
  );
}

function refuseExisting(name: string, row: object | undefined): void {
  if (row !== undefined)
    throw new AppError(
      'CONFLICT',
      `There is a dataset "${name}" already, so create=true makes none. Leave create out to import into it, or choose another name; nothing was kept.`,
      { dataset: name },
    );
}
