import { isDirect, type ImportOptions } from './import-mode.ts';

/** What became of the records of an import, or in a dry run what would. */
export interface ImportCounts extends PublishedCounts {
  /** Null while the file has not been scanned. */
  readonly records: number | null;
  readonly rejected: number;
  /** Neither landed nor rejected: not yet, or not at all when the import has ended. Null while `records` is. */
  readonly unprocessed: number | null;
  /** Records that stand in the table: inserted, updated or unchanged. */
  readonly loaded: number;
  /** Row errors found; a record may have several. */
  readonly errors: number;
}

/** What publishing did. */
export interface PublishedCounts {
  readonly inserted: number;
  readonly updated: number;
  /** Rows that were as the file has them, and were not written. */
  readonly unchanged: number;
  /** Records that a later one of the file with the same key stands for. */
  readonly superseded: number;
  /** Rows that a replace took out. */
  readonly deleted: number;
}

const NOTHING: PublishedCounts = { inserted: 0, updated: 0, unchanged: 0, superseded: 0, deleted: 0 };

/** What Postgres has of an import; `landed`, `rejected` and `errors` are sums over its chunks. */
export interface CountSources extends Omit<ImportOptions, 'maxErrors'> {
  readonly records: number | null;
  readonly landed: number;
  readonly rejected: number;
  readonly errors: number;
  /** Null until it is published. */
  readonly published: PublishedCounts | null;
  /** Rows that still stand of an insert that was taken back; null: it was not. */
  readonly kept: number | null;
}

/** The one place that knows: inserted + updated + unchanged + superseded + rejected + unprocessed = records. */
export function countRecords(imp: CountSources): ImportCounts {
  const { records, rejected, errors } = imp;
  const landed = landedOf(imp);
  const loaded = landed.inserted + landed.updated + landed.unchanged;
  const unprocessed = records === null ? null : records - loaded - landed.superseded - rejected;
  return { records, ...landed, rejected, unprocessed, loaded, errors };
}

function landedOf(imp: CountSources): PublishedCounts {
  if (imp.kept !== null) return { ...NOTHING, inserted: imp.kept };
  if (isDirect(imp)) return { ...NOTHING, inserted: imp.landed };
  return imp.published ?? NOTHING;
}
