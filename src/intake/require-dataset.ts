// The dataset that a file is sent to.
import type { Dataset } from '../core/dataset/types.ts';
import { findChanges } from '../db/datasets/existing-tables.ts';
import { hasUniqueKey } from '../db/datasets/read-tables.ts';
import { findDataset } from '../db/datasets/datasets.ts';
import { inTransaction, type Connection } from '../db/transaction.ts';
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

/**
 * Tables that Sluice has not made may be changed by others at any time: that is told before the file is read.
 * @throws AppError TABLE_ALTERED with each difference
 */
export async function requireUnchanged(db: Connection, dataset: Dataset): Promise<void> {
  const { schema, target } = dataset;
  if (target.existing !== true && schema.fields.every(({ lookup }) => lookup === undefined)) return;
  const errors = await inTransaction(db, (tx) => findChanges(tx, dataset));
  if (errors.length === 0) return;
  throw new AppError(
    'TABLE_ALTERED',
    `The tables are not what they were when dataset "${dataset.name}" was applied. ${errors.map(({ detail }) => detail).join(' ')} Fit the dataset and apply it again (PUT /v1/datasets/${dataset.name}, or "sluice datasets apply"), or change the tables back; then send the file again.`,
    { dataset: dataset.name },
    { errors },
  );
}
