// A query over records, as both its forms (parameters of a URL, a JSON body) are read, and as SQL is made of it.
import { AppError, type ErrorItem } from '../../errors.ts';
import type { RecordColumn, RecordLink } from './record-shape.ts';

export const COMPARISONS = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** Values are texts that Postgres reads as the column's type; they have been checked. */
export type Condition =
  | { readonly is: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly is: 'not'; readonly of: Condition }
  | { readonly is: Comparison; readonly column: RecordColumn; readonly value: string }
  | { readonly is: 'like' | 'ilike'; readonly column: RecordColumn; readonly pattern: string }
  | { readonly is: 'in'; readonly column: RecordColumn; readonly values: readonly string[] }
  /** `unknown` of a boolean is NULL. */
  | { readonly is: 'null' | 'true' | 'false'; readonly column: RecordColumn };

export type Selected =
  | { readonly column: RecordColumn }
  /** A nested object, null for a record without a row there. */
  | { readonly link: RecordLink; readonly columns: readonly RecordColumn[] };

export interface OrderTerm {
  readonly column: RecordColumn;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export type CountMode = 'none' | 'estimated' | 'exact';

export interface RecordQuery {
  readonly select: readonly Selected[];
  readonly where: Condition;
  /** The columns of the key come last, so that no two records have the same place. */
  readonly order: readonly OrderTerm[];
}

/** Without an order, as the table has its rows: the fastest way through all of them. */
export interface ExportQuery extends Pick<RecordQuery, 'select' | 'where'> {
  readonly order?: readonly OrderTerm[] | undefined;
}

export const EVERYTHING: Condition = { is: 'all', of: [] };

/** Deeper ones are nothing that people or programs write. */
export const MAX_DEPTH = 50;
/** Comparisons of one query; each value of a list counts a tenth. */
export const MAX_CONDITIONS = 1000;
export const MAX_IN_VALUES = 10_000;

/** @throws AppError QUERY_INVALID */
export function refuseQuery(detail: string, item: Omit<ErrorItem, 'detail'> = {}): never {
  throw new AppError('QUERY_INVALID', detail, {}, { errors: [{ ...item, detail }] });
}
