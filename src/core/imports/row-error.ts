// What can be wrong with one record. Codes after the Frictionless error vocabulary; ours are marked.

/** Constraint names of Table Schema that a value can break. */
export const CONSTRAINT_NAMES = [
  'required',
  'unique',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'pattern',
  'enum',
] as const;

export type ConstraintName = (typeof CONSTRAINT_NAMES)[number];

export const ROW_ERROR_CODES = [
  'missing-cell',
  'extra-cell',
  'type-error',
  'constraint-error',
  'unique-error',
  'foreign-key-error',
  'encoding-error',
  /** Ours: a line of an NDJSON file that is no JSON object, or has a key twice. */
  'json-error',
  'quote-error',
  /** Ours: the header again, or a record below it, where another table has begun. */
  'table-error',
  /** Ours: a record of a retry that must not land: not among the rejects, there twice, or landed by another retry. */
  'retry-error',
  /** Ours: a cell of a workbook without a value of its own: an error such as #N/A, a formula without a result, a merged cell. */
  'cell-error',
  /** Ours: a cell or a record over a configured limit. */
  'size-error',
  /** Ours: something only the database knows (a check, an exclusion, a trigger, a range). */
  'database-error',
] as const;

export type RowErrorCode = (typeof ROW_ERROR_CODES)[number];

/** One thing wrong with one record. A record with three bad cells has three. */
export interface RowError {
  /** Data records from 1; the header and blank lines do not count. Of a retry, the number in the first file; 0 when it says none. */
  readonly row: number;
  /** The physical line where the record starts, from 1, as an editor shows it. */
  readonly line: number;
  /** The physical line where the record ends, when that is another one. */
  readonly lineEnd?: number;
  /** The cell; null when the whole record is meant. `index` counts the file's columns from 1; `name` is the file's header. */
  readonly column: { readonly index: number; readonly name: string } | null;
  /** Of a sheet of a workbook: the name of the cell, such as B12. Made from line and column where an error is shown. */
  readonly cell?: string;
  /** Of joined files of a ZIP archive: the file's name; `line` is its own then. Made where an error is shown. */
  readonly entry?: string;
  readonly code: RowErrorCode;
  /** Which constraint, with `constraint-error`. */
  readonly constraint?: ConstraintName;
  /** The cell's text as it stood in the file, cut to MAX_ERROR_VALUE_CHARS; null when there is no cell. */
  readonly value: string | null;
  /** Whole sentence for a person: what was found, what is expected. */
  readonly message: string;
}

/** Stands for a value that is not to be shown. */
export const HIDDEN_VALUE = '(not shown)';

/** Longer cell texts are cut in errors (never in rejects) and end in an ellipsis. */
const MAX_ERROR_VALUE_CHARS = 200;

export function cutValue(value: string): string {
  if (value.length <= MAX_ERROR_VALUE_CHARS) return value;
  const cut = value.slice(0, MAX_ERROR_VALUE_CHARS - 1);
  // A pair of surrogates is not cut in two.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
