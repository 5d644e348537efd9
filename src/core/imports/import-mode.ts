// What an import does with its records, and how it gets there.

/**
 * `insert` adds every record as a row. `upsert` updates the row that has the record's key, and adds the others.
 * `replace` puts the file in the place of all rows.
 */
export const IMPORT_MODES = ['insert', 'upsert', 'replace'] as const;
export type ImportMode = (typeof IMPORT_MODES)[number];

/** `reject` lands the good records; `abort` lands all or nothing. */
export const ON_ERRORS = ['reject', 'abort'] as const;
export type OnError = (typeof ON_ERRORS)[number];

/** What becomes of a file whose bytes went into the dataset before: it is taken and says so, or it is refused. */
export const IF_DUPLICATES = ['allow', 'refuse'] as const;
export type IfDuplicate = (typeof IF_DUPLICATES)[number];

/** Whether the rows of an ended import can be taken back: those it has added, and it has done nothing else. */
export function canBeUndone({ mode, dryRun }: Pick<ImportOptions, 'mode' | 'dryRun'>): boolean {
  return mode === 'insert' && !dryRun;
}

export interface ImportOptions {
  readonly mode: ImportMode;
  readonly onError: OnError;
  /** As in core/imports/max-errors.ts; null: no limit. */
  readonly maxErrors: string | null;
  readonly dryRun: boolean;
  /** The dry run whose file and options these are. */
  readonly commitOf: string | null;
}

/**
 * True when the chunks land straight in the tables. All else must see the whole file first: its chunks land in staging
 * tables, from which one transaction publishes them.
 */
export function isDirect({ mode, onError, dryRun, commitOf }: Omit<ImportOptions, 'maxErrors'>): boolean {
  return mode === 'insert' && onError === 'reject' && !dryRun && commitOf === null;
}
