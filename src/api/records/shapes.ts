// The records of datasets, as requests need them: read once a second at most, not once a request.
import { recordShape, type RecordShape } from '../../core/records/record-shape.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { findDatasetRow } from '../../db/datasets/datasets.ts';
import type { Database } from '../../db/client.ts';
import { AppError } from '../../errors.ts';

/** @throws AppError DATASET_NOT_FOUND; CONFLICT for a dataset over a table that exists */
export type ShapeOf = (dataset: string) => Promise<RecordShape>;

/** A change of a dataset is seen after this time at the latest. */
const KEPT_MS = 1000;
/** Names are a client's to choose, but only those that exist are kept. */
const MOST_KEPT = 1000;

export function createShapes(db: Database, now: () => number = Date.now): ShapeOf {
  const kept = new Map<string, { readonly shape: RecordShape; readonly version: string; readAt: number }>();
  return async (name) => {
    const known = kept.get(name);
    if (known !== undefined && now() - known.readAt < KEPT_MS) return known.shape;
    const row = await findDatasetRow(db, name);
    if (row === undefined) {
      kept.delete(name);
      throw new AppError('DATASET_NOT_FOUND', `There is no dataset "${name}". GET /v1/datasets lists them.`, {
        dataset: name,
      });
    }
    if (row.document.target.existing === true) throw ofExistingTable(row.document);
    const version = JSON.stringify(row.document);
    const shape = known?.version === version ? known.shape : recordShape(row.document);
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(name, { shape, version, readAt: now() });
    return shape;
  };
}

/** Such a table has none of the columns by which records are told apart here, and whose it is may not be changed beside it. */
function ofExistingTable({ name, target }: Dataset): AppError {
  return new AppError(
    'CONFLICT',
    `Dataset "${name}" lands in "${target.table}", a table that exists: files are imported into it, and its records are read and changed in Postgres.`,
    { dataset: name },
  );
}
