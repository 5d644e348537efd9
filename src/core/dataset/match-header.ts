// Which column of a file feeds which field. Everything wrong with a header is told at once, before any row is read.
import { AppError, type ErrorItem } from '../../errors.ts';
import { REJECT_COLUMNS } from '../rejects.ts';
import { isRequired } from './compile-field.ts';
import { nearest } from './nearest.ts';
import type { Dataset, Field, FileColumn } from './types.ts';

export interface MatchOptions {
  /** What happens to columns that fit no field: the file is refused, or they are left out. */
  readonly unknownColumns: 'refuse' | 'ignore';
}

/** How headers are compared: width and case do not matter (NFKC), nor spaces around or their number within. */
export function foldHeader(text: string): string {
  return text.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
}

/** All texts by which a header may mean this field. */
export function labelsOf(field: Field): string[] {
  return [field.name, ...(field.title === undefined ? [] : [field.title]), ...(field.aliases ?? [])];
}

type Problem = ErrorItem & {
  readonly code: 'blank-label' | 'duplicate-label' | 'extra-label' | 'missing-label';
};

/**
 * Matches a header by names, titles and aliases; the file's order does not matter, and fields that are not required may
 * be absent (they become NULL).
 * @throws AppError HEADER_MISMATCH with one item per problem; codes after Frictionless, column indexes from 1
 */
export function matchHeader(
  dataset: Dataset,
  header: readonly string[],
  options: MatchOptions,
): FileColumn[] {
  const { fields } = dataset.schema;
  const fieldOfLabel = new Map(
    fields.flatMap((field, index) => labelsOf(field).map((label) => [foldHeader(label), index] as const)),
  );
  const columns = header.map((text): FileColumn => ({
    header: text,
    fieldIndex: fieldOfLabel.get(foldHeader(text)) ?? null,
  }));

  const problems: Problem[] = [
    ...blankLabels(columns),
    ...duplicateLabels(dataset, columns, options),
    ...(options.unknownColumns === 'refuse' ? unknownLabels(dataset, columns) : []),
    ...missingLabels(dataset, columns),
  ];
  if (problems.length === 0 && columns.every(({ fieldIndex }) => fieldIndex === null))
    problems.push({
      code: 'missing-label',
      detail: `No column fits dataset "${dataset.name}"; the first line must be a header.`,
    });
  if (problems.length > 0) throw mismatch(dataset, columns, problems);
  return columns;
}

/** The headers that feed no field, as the file has them. */
export function ignoredColumns(columns: readonly FileColumn[]): string[] {
  return columns.filter(({ fieldIndex }) => fieldIndex === null).map(({ header }) => header);
}

/** A corrected reject file can be sent again as it is. */
function isRejectColumn(header: string): boolean {
  return REJECT_COLUMNS.includes(foldHeader(header));
}

function blankLabels(columns: readonly FileColumn[]): Problem[] {
  return columns.flatMap(({ header }, index) =>
    foldHeader(header) === ''
      ? {
          code: 'blank-label',
          column: index + 1,
          detail: `Column ${index + 1} has no header; name it, or remove the column.`,
        }
      : [],
  );
}

/** Columns that mean the same: one field under two headers, or, where unknown columns matter, one text twice. */
function duplicateLabels(
  { schema }: Dataset,
  columns: readonly FileColumn[],
  options: MatchOptions,
): Problem[] {
  const firstOf = new Map<number | string, number>();
  return columns.flatMap(({ header, fieldIndex }, index) => {
    const folded = foldHeader(header);
    if (
      folded === '' ||
      (fieldIndex === null && (isRejectColumn(header) || options.unknownColumns === 'ignore'))
    )
      return [];
    const meaning = fieldIndex ?? folded;
    const first = firstOf.get(meaning);
    if (first === undefined) {
      firstOf.set(meaning, index);
      return [];
    }
    const both = `Columns ${first + 1} ("${columns[first]!.header}") and ${index + 1} ("${header}")`;
    const detail =
      fieldIndex === null
        ? `${both} have the same header.`
        : `${both} both mean field "${schema.fields[fieldIndex]!.name}".`;
    return { code: 'duplicate-label', column: index + 1, header, detail };
  });
}

function unknownLabels({ name, schema }: Dataset, columns: readonly FileColumn[]): Problem[] {
  const taken = new Set(columns.map(({ fieldIndex }) => fieldIndex));
  const free = schema.fields.filter((_, index) => !taken.has(index));
  const fieldOfLabel = new Map(
    free.flatMap((field) => labelsOf(field).map((label) => [foldHeader(label), field] as const)),
  );
  return columns.flatMap(({ header, fieldIndex }, index) => {
    const folded = foldHeader(header);
    if (fieldIndex !== null || folded === '' || isRejectColumn(header)) return [];
    const field = fieldOfLabel.get(nearest(folded, fieldOfLabel.keys()) ?? '');
    const unknown = `Column ${index + 1} ("${header}") fits no field of dataset "${name}".`;
    if (field === undefined) return { code: 'extra-label', column: index + 1, header, detail: unknown };
    const suggestion = field.title ?? field.name;
    return {
      code: 'extra-label',
      column: index + 1,
      header,
      suggestion,
      detail: `${unknown} Did you mean "${suggestion}"?`,
    };
  });
}

function missingLabels({ schema }: Dataset, columns: readonly FileColumn[]): Problem[] {
  return schema.fields.flatMap((field, index) => {
    if (!isRequired(field, schema) || columns.some(({ fieldIndex }) => fieldIndex === index)) return [];
    const label = field.title === undefined ? `"${field.name}"` : `"${field.title}" (field "${field.name}")`;
    return { code: 'missing-label', field: field.name, detail: `The required column ${label} is missing.` };
  });
}

function mismatch(dataset: Dataset, columns: readonly FileColumn[], problems: readonly Problem[]): AppError {
  const of = (code: Problem['code']): Problem[] => problems.filter((problem) => problem.code === code);
  const headers = (code: Problem['code']): unknown[] =>
    of(code).map(({ column, header }) => ({ index: column, header }));
  const [first] = problems;
  const detail =
    problems.length === 1
      ? first!.detail
      : `The header does not fit dataset "${dataset.name}": ${problems.length} problems. The first: ${first!.detail}`;
  const params = {
    dataset: dataset.name,
    missing: of('missing-label').flatMap(({ field }) => field ?? []),
    unknown: headers('extra-label'),
    duplicate: headers('duplicate-label'),
    blank: of('blank-label').map(({ column }) => column),
    expected: dataset.schema.fields.map((field) => field.title ?? field.name),
    header: columns.map((column) => column.header),
  };
  return new AppError('HEADER_MISMATCH', detail, params, { errors: problems });
}
