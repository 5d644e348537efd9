// A stream becomes a recorded import: read it top to bottom. It knows nothing of HTTP.
import { findMapping } from '../db/imports/mappings.ts';
import { lockImport, type ImportRow } from '../db/imports/imports.ts';
import type { ImportView } from '../db/imports/import-views.ts';
import type { NewUpload } from '../db/uploads/uploads.ts';
import type { Tx } from '../db/transaction.ts';
import type { Dataset } from '../core/dataset/types.ts';
import { traced } from '../tracing/tracing.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { askNext, keepQuestioned, type AnsweredUpload } from './keep-upload.ts';
import { newImportRow } from './new-import-row.ts';
import { asQuestion, isQuestion } from './questions.ts';
import { recordFile, removeStored, type Sender } from './record-import.ts';
import { requireFiles } from './require-files.ts';
import { requireDataset, requireKey, requireUnchanged } from './require-dataset.ts';
import { storeUpload, type OnQuestion, type SourceOfFile, type StoredUpload } from './store-upload.ts';
import type { UploadOptions } from './upload-options.ts';

/** A file that is about to be read. */
export interface SentFile extends SourceOfFile {
  /** Of the import that it becomes: a fresh UUID v7. */
  readonly importId: string;
  readonly options: UploadOptions;
  /** The one of `options.dataset`, where it is known already. */
  readonly dataset?: Dataset | undefined;
  /** Null: nobody, as for a task that came by SQL. */
  readonly sender: Sender | null;
  /** The import whose rejects the file mends. */
  readonly parent?: ImportRow | undefined;
  /** What is recorded of the file when it raises a question and is kept; left out when it is not to be. */
  readonly keep?: Pick<NewUpload, 'options' | 'packing'> | undefined;
  /** The kept upload that the file comes from. */
  readonly kept?: AnsweredUpload | undefined;
  /** What becomes true together with the import, or prevents it by throwing. */
  readonly together?: ((tx: Tx, sha256: string) => Promise<void>) | undefined;
}

/**
 * Takes one file in and gives the import that it became, as it was recorded. When it throws, nothing is left behind, or the sweep
 * removes it.
 * @throws AppError of the upload and file kinds (errors.ts); UNAVAILABLE when it is not known whether it was recorded
 */
export async function receiveFile(deps: IntakeDeps, file: SentFile): Promise<ImportView> {
  const { importId, options, parent, sender } = file;
  // 1 where the records go
  const dataset = file.dataset ?? (await requireDataset(deps.database.db, options.dataset));
  await requireUnchanged(deps.database.db, dataset);
  if (options.mode === 'upsert') await requireKey(deps.database.db, dataset);
  // 2 one pass over the stream into the storage; what is no text, or does not fit the dataset, ends it early
  const stored = await traced(
    { name: 'receive file', attributes: { 'sluice.dataset': dataset.name } },
    async (span) => {
      const received = await store(deps, file, dataset);
      span.set({ 'sluice.file.bytes': received.bytes });
      return received;
    },
  );
  // 3 the row of the import
  const row = newImportRow(
    {
      ...stored,
      dataset: dataset.name,
      document: dataset,
      fileName: options.fileName,
      mode: options.mode,
      onError: options.onError,
      maxErrors: options.maxErrors,
      ifDuplicate: options.ifDuplicate,
      parentId: parent?.id ?? null,
      rootId: parent === undefined ? null : (parent.rootId ?? parent.id),
    },
    {
      id: importId,
      createdBy: sender?.id ?? null,
      dryRun: options.dryRun,
      commitOf: null,
      rerunOf: null,
      plan: stored.plan,
    },
  );
  // 4 from here on Postgres knows, and the queue is told
  return recordFile(deps, row, sender, together(file, row.sha256));
}

/** Undefined: nothing else hangs on it, and it may be recorded together with other files. */
function together(
  { parent, together: more }: SentFile,
  sha256: string,
): ((tx: Tx) => Promise<void>) | undefined {
  if (parent === undefined && more === undefined) return undefined;
  return async (tx) => {
    // Its rejects may have been erased while the file came in.
    if (parent !== undefined) requireFiles((await lockImport(tx, parent.id)) ?? parent);
    await more?.(tx, sha256);
  };
}

async function store(deps: IntakeDeps, file: SentFile, dataset: Dataset): Promise<StoredUpload> {
  const { db } = deps.database;
  const { keep, sender } = file;
  const onQuestion: OnQuestion | undefined =
    keep === undefined || sender === null
      ? undefined
      : (question, asked) =>
          keepQuestioned(deps, question, asked, {
            ...keep,
            id: file.importId,
            fileName: file.options.fileName,
            parentId: file.parent?.id ?? null,
            createdBy: sender.id,
          });
  try {
    return await storeUpload(
      deps,
      file.importId,
      file,
      dataset,
      file.options,
      deps.config,
      (fingerprint) => findMapping(db, dataset.name, fingerprint),
      onQuestion,
    );
  } catch (error) {
    await removeStored(deps, file.importId);
    if (onQuestion !== undefined || !isQuestion(error)) throw error;
    throw file.kept === undefined ? asQuestion(error) : await askNext(deps, error, file.kept);
  }
}
