// POST /v1/imports, from socket to 202: read it top to bottom.
import type { FastifyRequest } from 'fastify';
import type { Dataset } from '../../core/dataset/types.ts';
import { IMPORT } from '../../core/tasks/task-kinds.ts';
import { findDataset } from '../../db/datasets/datasets.ts';
import { hasUniqueKey } from '../../db/datasets/dataset-tables.ts';
import { findMapping } from '../../db/imports/mappings.ts';
import { insertImport, type ImportRow } from '../../db/imports/imports.ts';
import type { NewImport, RecordedImport } from '../../db/imports/record-imports.ts';
import { isUnavailable } from '../../db/errors.ts';
import { AppError } from '../../errors.ts';
import { dispatchOrLeave } from '../../queue/dispatch.ts';
import { isSmall } from '../../core/imports/small-import.ts';
import { importFolder, uploadKey } from '../../storage/keys.ts';
import type { ApiDeps } from '../deps.ts';
import { holdKey, readIdempotencyKey, requireSameFile, type HeldKey } from './idempotency.ts';
import { refuseDuplicate } from '../../intake/refuse-duplicate.ts';
import { openUpload, uploadBroken, type OpenUpload } from './open-upload.ts';
import { readRetryOptions } from './retry-options.ts';
import { storeUpload, type StoredUpload } from '../../intake/store-upload.ts';
import { tooLarge } from '../../intake/too-large.ts';
import { readOptions, type UploadOptions } from '../../intake/upload-options.ts';

/** The import that a request became, or had become when it was sent before (`replayed`). */
export interface ReceivedUpload {
  readonly importId: string;
  readonly replayed: boolean;
}

/**
 * Takes one file in and records it as an import. When it throws, nothing is left behind.
 * @param importId a fresh UUID v7
 * @param parent the import whose rejects the file mends
 * @throws AppError of the request, upload and file kinds (errors.ts)
 */
export async function receiveUpload(
  deps: ApiDeps,
  request: FastifyRequest,
  importId: string,
  parent?: ImportRow,
): Promise<ReceivedUpload> {
  // 1 who and what: the API key was checked before the body; now the options
  const { maxUploadBytes } = deps.config;
  if (Number(request.headers['content-length'] ?? 0) > maxUploadBytes + FORM_ALLOWANCE_BYTES)
    throw tooLarge(maxUploadBytes);
  const key = readIdempotencyKey(request.headers);
  waitForAnswer(request);
  const upload = await openUpload(request);
  const options =
    parent === undefined
      ? readOptions(upload.options, upload)
      : readRetryOptions(parent, upload.options, upload);
  if (key === undefined) return receiveNew(deps, request, importId, upload, options, parent);

  // sent before? then it has its import, whatever became of the dataset since
  const told = { ...upload.options, ...(parent === undefined ? {} : { retryOf: parent.id }) };
  const held = await holdKey(deps, { userId: request.user.id, key, importId }, told);
  if (held.kind === 'settled') {
    await requireSameFile(upload, held.first, maxUploadBytes);
    return { importId: held.first.importId, replayed: true };
  }
  try {
    return await receiveNew(deps, request, importId, upload, options, parent, held);
  } catch (error) {
    await held.free();
    throw error;
  } finally {
    held.close();
  }
}

/**
 * When the whole body is here nothing moves on the connection until the answer, which a large ZIP or a proof of dates may keep waiting
 * for minutes: the client would be cut off, and its file taken all the same. Node limits the connection again at its next request.
 */
function waitForAnswer({ raw }: FastifyRequest): void {
  raw.once('end', () => raw.socket.setTimeout(0));
}

async function receiveNew(
  deps: ApiDeps,
  request: FastifyRequest,
  importId: string,
  upload: OpenUpload,
  options: UploadOptions,
  parent?: ImportRow,
  held?: HeldKey,
): Promise<ReceivedUpload> {
  const dataset = await requireDataset(deps, options.dataset);
  if (options.mode === 'upsert') await requireKey(deps, dataset);
  // 2, 3 one pass over the stream into the storage; what is no text, or does not fit the dataset, ends it early
  const stored = await storeWhole(deps, upload, importId, dataset, options);
  // 4 from here on Postgres knows
  const row: NewImport = {
    id: importId,
    dataset: dataset.name,
    document: dataset,
    fileName: options.fileName,
    storageKey: uploadKey(importId),
    createdBy: request.user.id,
    mode: options.mode,
    onError: options.onError,
    maxErrors: options.maxErrors,
    parentId: parent?.id ?? null,
    rootId: parent === undefined ? null : (parent.rootId ?? parent.id),
    dryRun: options.dryRun,
    commitOf: null,
    ifDuplicate: options.ifDuplicate,
    ...stored,
    columns: [...stored.columns],
    undecodable: [...stored.undecodable],
  };
  await record(deps, row, held);
  // 5 small ones: workers were told at the commit; others: ring the bell, without Redis the sweep does it later
  if (!isSmall(row)) await dispatchOrLeave(deps.queues, { id: importId, name: IMPORT.name }, request.log);
  return { importId, replayed: false };
}

async function requireDataset({ database }: ApiDeps, name: string): Promise<Dataset> {
  const dataset = await findDataset(database.db, name);
  if (dataset === undefined)
    throw new AppError('DATASET_NOT_FOUND', `There is no dataset "${name}". GET /v1/datasets lists them.`, {
      dataset: name,
    });
  return dataset;
}

/** An upsert finds rows by the key, which must be unique in the table. */
async function requireKey({ database }: ApiDeps, dataset: Dataset): Promise<void> {
  const { primaryKey = [] } = dataset.schema;
  if (primaryKey.length === 0)
    throw new AppError(
      'UPSERT_NO_KEY',
      `Dataset "${dataset.name}" has no primaryKey, so mode=upsert cannot tell which rows to update. Add one to its document, or send the file with mode=insert.`,
      { dataset: dataset.name },
    );
  if (!(await hasUniqueKey(database.db, dataset)))
    throw new AppError(
      'UPSERT_NO_KEY',
      `Table "${dataset.target.table}" has no unique index on ${primaryKey.join(', ')}, the primaryKey of dataset "${dataset.name}". Make one ("sluice datasets apply" does), or send the file with mode=insert.`,
      { dataset: dataset.name, primaryKey },
    );
}

/** Room for the form's own lines around the file. */
const FORM_ALLOWANCE_BYTES = 1024 * 1024;

async function storeWhole(
  deps: ApiDeps,
  upload: OpenUpload,
  importId: string,
  dataset: Dataset,
  options: UploadOptions,
): Promise<StoredUpload> {
  try {
    const stored = await storeUpload(
      deps.storage,
      importId,
      upload.file,
      dataset,
      options,
      deps.config,
      (fingerprint) => findMapping(deps.database.db, dataset.name, fingerprint),
    );
    await upload.finish();
    return stored;
  } catch (error) {
    await removeStored(deps, importId);
    throw uploadBroken(error);
  }
}

/** When Postgres goes away in between, nobody knows whether the row was committed: the file stays, and the sweep removes it if not. */
async function record(deps: ApiDeps, row: NewImport, held: HeldKey | undefined): Promise<RecordedImport> {
  try {
    // What something else hangs on has a transaction of its own.
    if (held === undefined && row.ifDuplicate === 'allow') return await deps.recordImport(row);
    return await insertImport(deps.database.db, row, async (tx, duplicateOf) => {
      refuseDuplicate(row, duplicateOf);
      await held?.settle(tx, row.sha256);
    });
  } catch (error) {
    if (!isUnavailable(error)) await removeStored(deps, row.id);
    throw error;
  }
}

/** What cannot be removed now is removed by the sweep; the client is told of the failure that came first. */
async function removeStored({ storage, logger }: ApiDeps, importId: string): Promise<void> {
  await storage
    .removeFolder(importFolder(importId))
    .catch((error: unknown) =>
      logger.warn({ err: error, importId }, 'the rest of a refused upload could not be removed'),
    );
}
