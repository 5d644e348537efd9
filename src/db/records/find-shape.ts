import type { Dataset } from '../../core/dataset/types.ts';
import { existingShape } from '../../core/records/existing-shape.ts';
import { recordShape, type RecordShape } from '../../core/records/record-shape.ts';
import { AppError } from '../../errors.ts';
import { findDatasetRow } from '../datasets/datasets.ts';
import { isExisting, requireProvenance, targetOf } from '../datasets/existing-tables.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';

export interface FoundShape {
  /** Of the same version the shape is the same. */
  readonly version: string;
  readonly shape: () => RecordShape;
}

/** What the records of a dataset look like; of a table that exists, as it was when the dataset was applied. */
export async function readShape(db: Connection, dataset: Dataset): Promise<FoundShape> {
  return isExisting(dataset) ? inTransaction(db, (tx) => shapeOf(tx, dataset)) : ownShape(dataset);
}

/** The same, in a transaction that is open. @throws AppError DATASET_NOT_FOUND */
export async function requireShape(tx: Tx, name: string): Promise<RecordShape> {
  const row = await findDatasetRow(tx, name);
  if (row === undefined)
    throw new AppError('DATASET_NOT_FOUND', `There is no dataset "${name}" any more.`, { dataset: name });
  const { document } = row;
  return (isExisting(document) ? await shapeOf(tx, document) : ownShape(document)).shape();
}

function ownShape(dataset: Dataset): FoundShape {
  return { version: JSON.stringify(dataset), shape: () => recordShape(dataset) };
}

async function shapeOf(tx: Tx, dataset: Dataset): Promise<FoundShape> {
  const { asRead, ...beside } = await requireProvenance(tx, targetOf(dataset));
  return {
    version: JSON.stringify([dataset, asRead, beside]),
    shape: () => existingShape(dataset, asRead, beside),
  };
}
