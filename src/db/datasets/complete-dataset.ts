// What a document leaves to the database: the fields of a table that exists, and what lookups take.
import { withFieldsOf } from '../../core/dataset/tables/fields-of-table.ts';
import { parseDataset } from '../../core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { inTransaction, type Connection } from '../transaction.ts';
import { isExisting, requireTable } from './existing-tables.ts';
import { completeLookups } from './lookups.ts';

/**
 * The document with the fields of its table when it exists and the document names none. These are checked as if somebody had written them.
 * @throws AppError DATASET_INCOMPATIBLE when a table is not there or a lookup does not fit it, DATASET_INVALID when columns cannot be fields
 */
export async function completeDataset(db: Connection, dataset: Dataset): Promise<Dataset> {
  const { fields } = dataset.schema;
  if (!isExisting(dataset))
    return fields.some(({ lookup }) => lookup !== undefined)
      ? inTransaction(db, (tx) => completeLookups(tx, dataset))
      : dataset;
  if (fields.length > 0) return dataset;
  const complete = await inTransaction(db, async (tx) =>
    withFieldsOf(dataset, await requireTable(tx, dataset)),
  );
  return parseDataset(complete, `What table "${dataset.target.table}" makes of dataset "${dataset.name}"`);
}
