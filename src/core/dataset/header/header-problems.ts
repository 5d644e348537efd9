// What is wrong with a header, and the error that says all of it at once.
import { AppError, type ErrorItem } from '../../../errors.ts';
import { REJECT_COLUMNS } from '../../imports/rejects.ts';
import { cutValue } from '../../imports/row-error.ts';
import { isRequired } from '../fields/compile-field.ts';
import {
  columnKeys,
  foldHeader,
  headerFingerprint,
  labelsOf,
  ownColumns,
  type ColumnMapping,
  type MappingProblem,
} from './mapping.ts';
import { sayMeant, Suggestions } from './nearest.ts';
import type { Dataset, Field, FileColumn, TableSchema } from '../types.ts';

export interface MatchOptions {
  /** What happens to columns that fit no field: the file is refused, or they are left out. */
  readonly unknownColumns: 'refuse' | 'ignore';
  /** Wins over the header, for the columns it names. */
  readonly mapping?: ColumnMapping | undefined;
  /** Columns (from 0) that need no name, for their cells are empty; `trailing`: the last ones may be such. */
  readonly emptyColumns?: readonly number[] | 'trailing' | undefined;
}

export type Problem = ErrorItem & {
  readonly code: 'blank-label' | 'duplicate-label' | 'extra-label' | 'missing-label' | MappingProblem['code'];
};

/** A column, and whether the mapping says what it is. */
export interface Matched extends FileColumn {
  readonly isMapped: boolean;
  /** Its header, folded. */
  readonly folded: string;
}

/** A corrected reject file can be sent again as it is. */
function isRejectColumn({ folded }: Matched): boolean {
  return REJECT_COLUMNS.includes(folded);
}

export function blankLabels(
  columns: readonly Matched[],
  { unknownColumns, emptyColumns = [] }: MatchOptions,
): Problem[] {
  if (unknownColumns === 'ignore') return [];
  const behindNames = columns.findLastIndex(({ folded }) => folded !== '') + 1;
  const mayBeBlank = (index: number): boolean =>
    emptyColumns === 'trailing' ? index >= behindNames : emptyColumns.includes(index);
  return columns.flatMap(({ header, folded, isMapped }, index) =>
    folded === '' && !isMapped && !mayBeBlank(index)
      ? {
          code: 'blank-label',
          column: { index: index + 1, name: header },
          detail: `Column ${index + 1} has no header; give it a name, remove the column, or say in a mapping which field it feeds ("#${index + 1}", null to ignore it).`,
        }
      : [],
  );
}

/** Columns that mean the same: one field under two headers, or, where unknown columns matter, one text twice. */
export function duplicateLabels(
  { schema }: Dataset,
  columns: readonly Matched[],
  options: MatchOptions,
): Problem[] {
  const firstOf = new Map<number | string, number>();
  return columns.flatMap((column, index) => {
    const { header, folded, fieldIndex, isMapped } = column;
    if (
      fieldIndex === null &&
      (isMapped || folded === '' || isRejectColumn(column) || options.unknownColumns === 'ignore')
    )
      return [];
    if (fieldIndex !== null && schema.fields[fieldIndex]!.repeated === true) return [];
    const meaning = fieldIndex ?? folded;
    const first = firstOf.get(meaning);
    if (first === undefined) {
      firstOf.set(meaning, index);
      return [];
    }
    const both = `Columns ${first + 1} ("${cutValue(columns[first]!.header)}") and ${index + 1} ("${cutValue(header)}")`;
    const detail =
      fieldIndex === null
        ? `${both} have the same header.`
        : `${both} both mean field "${schema.fields[fieldIndex]!.name}".`;
    return { code: 'duplicate-label', column: { index: index + 1, name: header }, detail };
  });
}

export function unknownLabels(
  { name }: Dataset,
  columns: readonly Matched[],
  nearest: NearestFields,
): Problem[] {
  return columns.flatMap((column, index) => {
    if (!isUnknown(column) || column.folded === '') return [];
    const { header } = column;
    const field = nearest.get(index);
    const suggestion = field === undefined ? undefined : (field.title ?? field.name);
    return {
      code: 'extra-label',
      column: { index: index + 1, name: header },
      ...(suggestion === undefined ? {} : { suggestion }),
      detail: `Column ${index + 1} ("${cutValue(header)}") fits no field of dataset "${name}".${sayMeant(suggestion)}`,
    };
  });
}

function isUnknown(column: Matched): boolean {
  return column.fieldIndex === null && !column.isMapped && !isRejectColumn(column);
}

/** By the index of a column that fits none: the nearest field that has no column. */
export type NearestFields = ReadonlyMap<number, Field>;

export const NO_FIELDS: NearestFields = new Map();

export function nearestFields({ fields }: TableSchema, columns: readonly Matched[]): NearestFields {
  const unknown = columns.flatMap((column, index) => (isUnknown(column) ? index : []));
  if (unknown.length === 0) return NO_FIELDS;
  const taken = new Set(columns.map(({ fieldIndex }) => fieldIndex));
  const fieldOfLabel = new Map(
    fields
      .filter((_, index) => !taken.has(index))
      .flatMap((field) => labelsOf(field).map((label) => [foldHeader(label), field] as const)),
  );
  const suggestions = new Suggestions(() => fieldOfLabel.keys());
  return new Map(
    unknown.flatMap((index) => {
      const label = suggestions.nearest(columns[index]!.folded);
      return label === undefined ? [] : [[index, fieldOfLabel.get(label)!] as const];
    }),
  );
}

/** A mapping of all columns to begin with: what fits, the nearest field for what does not, null for the rest. */
function suggestedMapping(
  { schema }: Dataset,
  columns: readonly Matched[],
  nearest: NearestFields,
): ColumnMapping {
  const own = ownColumns(columns.map(({ header }) => header));
  const keys = columnKeys(own);
  const taken = new Set<string>();
  return Object.fromEntries(
    own.map(({ at }, place) => {
      const { fieldIndex } = columns[at]!;
      const field = fieldIndex === null ? nearest.get(at) : schema.fields[fieldIndex];
      const name =
        field === undefined || (taken.has(field.name) && field.repeated !== true) ? null : field.name;
      if (name !== null) taken.add(name);
      return [keys[place]!, name];
    }),
  );
}

export function missingLabels({ schema }: Dataset, columns: readonly FileColumn[]): Problem[] {
  const taken = new Set(columns.map(({ fieldIndex }) => fieldIndex));
  return schema.fields.flatMap((field, index) => {
    if (!isRequired(field, schema) || taken.has(index)) return [];
    const label = field.title === undefined ? `"${field.name}"` : `"${field.title}" (field "${field.name}")`;
    return { code: 'missing-label', field: field.name, detail: `The required column ${label} is missing.` };
  });
}

export function mismatch(
  dataset: Dataset,
  columns: readonly Matched[],
  problems: readonly Problem[],
  nearest: NearestFields,
): AppError {
  const of = (code: Problem['code']): Problem[] => problems.filter((problem) => problem.code === code);
  const columnsOf = (code: Problem['code']) => of(code).flatMap(({ column }) => column ?? []);
  const [first] = problems;
  const detail =
    problems.length === 1
      ? first!.detail
      : `The header does not fit dataset "${dataset.name}": ${problems.length} problems. The first: ${first!.detail}`;
  const params = {
    dataset: dataset.name,
    missing: of('missing-label').flatMap(({ field }) => field ?? []),
    unknown: columnsOf('extra-label'),
    duplicate: columnsOf('duplicate-label'),
    blank: columnsOf('blank-label'),
    expected: dataset.schema.fields.map((field) => field.title ?? field.name),
    header: columns.map((column) => column.header),
    ...(columns.length === 0 ? {} : describeMapping(dataset, columns, nearest)),
  };
  return new AppError('HEADER_MISMATCH', detail, params, { errors: problems });
}

/** What a client needs to ask its user for a mapping. */
function describeMapping(dataset: Dataset, columns: readonly Matched[], nearest: NearestFields) {
  const header = columns.map((column) => column.header);
  return {
    headerFingerprint: headerFingerprint(dataset, header),
    suggestedMapping: suggestedMapping(dataset, columns, nearest),
  };
}
