import type { Dataset } from '../../core/dataset/types.ts';
import { existingShape } from '../../core/records/existing-shape.ts';
import { recordShape, type RecordShape } from '../../core/records/record-shape.ts';
import { isExisting, requireProvenance, targetOf } from '../datasets/existing-tables.ts';
import { inTransaction, type Connection } from '../transaction.ts';

export interface FoundShape {
  /** Of the same version the shape is the same. */
  readonly version: string;
  readonly shape: () => RecordShape;
}

/** What the records of a dataset look like; of a table that exists, as it was when the dataset was applied. */
export async function readShape(db: Connection, dataset: Dataset): Promise<FoundShape> {
  if (!isExisting(dataset)) return { version: JSON.stringify(dataset), shape: () => recordShape(dataset) };
  const { asRead, ...beside } = await inTransaction(db, (tx) => requireProvenance(tx, targetOf(dataset)));
  return {
    version: JSON.stringify([dataset, asRead, beside]),
    shape: () => existingShape(dataset, asRead, beside),
  };
}
