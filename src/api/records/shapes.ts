// The records of datasets, as requests need them: read once a second at most, not once a request.
import type { RecordShape } from '../../core/records/record-shape.ts';
import { findDatasetRow } from '../../db/datasets/datasets.ts';
import { readShape } from '../../db/records/find-shape.ts';
import type { Connection } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';

/** @throws AppError DATASET_NOT_FOUND */
export type ShapeOf = (dataset: string) => Promise<RecordShape>;

/** A change of a dataset is seen after this time at the latest. */
const KEPT_MS = 1000;
/** Names are a client's to choose, but only those that exist are kept. */
const MOST_KEPT = 1000;

export function createShapes(db: Connection, now: () => number = Date.now): ShapeOf {
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
    const { version, shape: make } = await readShape(db, row.document);
    const shape = known?.version === version ? known.shape : make();
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(name, { shape, version, readAt: now() });
    return shape;
  };
}
