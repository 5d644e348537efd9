// The dataset that a file is sent to.
import type { Dataset } from '../core/dataset/types.ts';
import { hasUniqueKey } from '../db/datasets/dataset-tables.ts';
import { findDataset } from '../db/datasets/datasets.ts';
import type { Connection } from '../db/transaction.ts';
import { AppError } from '../errors.ts';

/** @throws AppError DATASET_NOT_FOUND */
export async function requireDataset(db: Connection, name: string): Promise<Dataset> {
  const dataset = await findDataset(db, name);
  if (dataset === undefined) throw noDataset(name);
  return dataset;
}

export function noDataset(name: string): AppError {
  return new AppError('DATASET_NOT_FOUND', `There is no dataset "${name}". GET /v1/datasets lists them.`, {
    dataset: name,
  });
}

/** An upsert finds rows by the key, which must be unique in the table. @throws AppError UPSERT_NO_KEY */
export async function requireKey(db: Connection, dataset: Dataset): Promise<void> {
  const { primaryKey = [] } = dataset.schema;
  if (primaryKey.length === 0)
    throw new AppError(
      'UPSERT_NO_KEY',
      `Dataset "${dataset.name}" has no primaryKey, so mode=upsert cannot tell which rows to update. Add one to its document, or send the file with mode=insert.`,
      { dataset: dataset.name },
    );
  if (!(await hasUniqueKey(db, dataset)))
    throw new AppError(
      'UPSERT_NO_KEY',
      `Table "${dataset.target.table}" has no unique index on ${primaryKey.join(', ')}, the primaryKey of dataset "${dataset.name}". Make one ("sluice datasets apply" does), or send the file with mode=insert.`,
      { dataset: dataset.name, primaryKey },
    );
}
