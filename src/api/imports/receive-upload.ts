// POST /v1/imports, from socket to 202: read it top to bottom.
import type { FastifyRequest } from 'fastify';
import type { Dataset } from '../../core/dataset/types.ts';
import { findDataset } from '../../db/datasets.ts';
import { insertImport, type NewImport } from '../../db/imports.ts';
import { isUnavailable } from '../../db/postgres-errors.ts';
import { AppError } from '../../errors.ts';
import { ringImport } from '../../queue/ring.ts';
import { importFolder, uploadKey } from '../../storage/keys.ts';
import type { ApiDeps } from '../deps.ts';
import { openUpload, uploadBroken, type OpenUpload } from './open-upload.ts';
import { storeUpload, type StoredUpload } from './store-upload.ts';
import { tooLarge } from './too-large.ts';
import { readOptions, type UploadOptions } from './upload-options.ts';

/**
 * Takes one file in and records it as an import. When it throws, nothing is left behind.
 * @param importId a fresh UUID v7
 * @throws AppError of the request, upload and file kinds (errors.ts)
 */
export async function receiveUpload(deps: ApiDeps, request: FastifyRequest, importId: string): Promise<void> {
  const { config, database } = deps;
  // 1 who and what: the key was checked before the body; now the options, and the dataset they name
  if (Number(request.headers['content-length'] ?? 0) > config.maxUploadBytes + FORM_ALLOWANCE_BYTES)
    throw tooLarge(config.maxUploadBytes);
  const upload = await openUpload(request);
  const options = readOptions(upload.options, upload);
  const dataset = await findDataset(database.db, options.dataset);
  if (dataset === undefined)
    throw new AppError(
      'DATASET_NOT_FOUND',
      `There is no dataset "${options.dataset}". GET /v1/datasets lists them.`,
      { dataset: options.dataset },
    );

  // 2, 3 one pass over the stream into the storage; what is no text, or does not fit the dataset, ends it early
  const stored = await storeWhole(deps, upload, importId, dataset, options);
  // 4 from here on Postgres knows
  await record(deps, {
    id: importId,
    dataset: dataset.name,
    document: dataset,
    fileName: options.fileName,
    storageKey: uploadKey(importId),
    createdBy: request.user.id,
    ...stored,
    columns: [...stored.columns],
    undecodable: [...stored.undecodable],
  });
  // 5 ring the bell; without Redis the sweeper rings later
  await ringImport(deps.queues, importId).catch((error: unknown) =>
    request.log.warn({ err: error, importId }, 'the queue could not be told of an import; the sweeper will'),
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
      uploadKey(importId),
      upload.file,
      dataset,
      options,
      deps.config,
    );
    await upload.finish();
    return stored;
  } catch (error) {
    await removeStored(deps, importId);
    throw uploadBroken(error);
  }
}

/** When Postgres goes away in between, nobody knows whether the row was committed: the file stays, and the sweep removes it if not. */
async function record(deps: ApiDeps, row: NewImport): Promise<void> {
  try {
    await insertImport(deps.database.db, row);
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
