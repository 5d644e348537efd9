import { findDatasetRow, type DatasetRow } from '../../db/datasets/datasets.ts';
import type { Database } from '../../db/client.ts';
import { AppError } from '../../errors.ts';

/** @throws AppError DATASET_NOT_FOUND */
export async function requireDatasetRow(db: Database, name: string): Promise<DatasetRow> {
  return (await findDatasetRow(db, name)) ?? noDataset(name);
}

/** @throws AppError DATASET_NOT_FOUND */
export function noDataset(name: string): never {
  throw new AppError('DATASET_NOT_FOUND', `There is no dataset "${name}".`);
}
