// Which column of a file feeds which field. Everything wrong with a header is told at once, before any row is read.
import { tooManyColumns } from '../../csv/dialect/header.ts';
import { cutValue } from '../../imports/row-error.ts';
import { repeatedFields } from '../fields/repeated-field.ts';
import {
  blankLabels,
  duplicateLabels,
  mismatch,
  missingLabels,
  nearestFields,
  NO_FIELDS,
  unknownLabels,
  type Matched,
  type MatchOptions,
  type NearestFields,
  type Problem,
} from './header-problems.ts';
import {
  foldHeader,
  labelsOf,
  ownColumns,
  prepareMapping,
  resolveMapping,
  type ColumnMapping,
  type ResolvedMapping,
} from './mapping.ts';
import type { Dataset, FileColumn } from '../types.ts';

/** Tries headers on a dataset. What does not depend on the header is made ready once. */
export interface HeaderMatcher {
  /** Whether `match` would take the header; cheaper, for nothing is said about it. */
  readonly fits: (header: readonly string[]) => boolean;
  /** @throws AppError HEADER_MISMATCH with one item per problem; codes after Frictionless, column indexes from 1 */
  readonly match: (header: readonly string[]) => FileColumn[];
}

/**
 * Matches a header by the mapping, else by names, titles and aliases; the file's order does not matter, and fields that are
 * not required may be absent (they become NULL). A column that the mapping names may have any header, or none.
 */
export function createHeaderMatcher(dataset: Dataset, options: MatchOptions): HeaderMatcher {
  const { fields } = dataset.schema;
  const fieldOfLabel = new Map(
    fields.flatMap((field, index) => labelsOf(field).map((label) => [foldHeader(label), index] as const)),
  );
  const numbered = repeatedFields(fields);
  const mapping = prepareMapping(dataset, options.mapping ?? {});
  const judge = (
    header: readonly string[],
    how: 'briefly' | 'fully',
  ): { columns: Matched[]; mapped: ResolvedMapping } => {
    const mapped = resolveMapping(dataset, ownColumns(header), mapping, how);
    const columns = header.map((text, at): Matched => {
      const folded = foldHeader(text);
      const isMapped = mapped.fieldOfColumn.has(at);
      const named = (): number | null => fieldOfLabel.get(folded) ?? numbered(folded) ?? null;
      const fieldIndex = isMapped ? mapped.fieldOfColumn.get(at)! : named();
      return { header: text, folded, isMapped, fieldIndex };
    });
    return { columns, mapped };
  };
  const problemsOf = (
    { columns, mapped }: { columns: readonly Matched[]; mapped: ResolvedMapping },
    nearest: NearestFields,
  ): Problem[] => {
    const problems: Problem[] = [
      ...mapped.problems.map((problem) => ({ ...problem })),
      ...blankLabels(columns, options),
      ...duplicateLabels(dataset, columns, options),
      ...(options.unknownColumns === 'refuse' ? unknownLabels(dataset, columns, nearest) : []),
      ...missingLabels(dataset, columns),
    ];
    if (problems.length === 0 && columns.every(({ fieldIndex }) => fieldIndex === null))
      problems.push({
        code: 'missing-label',
        detail: `No column fits dataset "${dataset.name}"; the first line must be a header.`,
      });
    return problems;
  };
  const isFitting = (judged: { columns: readonly Matched[]; mapped: ResolvedMapping }): boolean =>
    judged.mapped.problems.length === 0 &&
    judged.columns.some(({ fieldIndex }) => fieldIndex !== null) &&
    missingLabels(dataset, judged.columns).length === 0 &&
    problemsOf(judged, NO_FIELDS).length === 0;
  return {
    fits: (header) => isFitting(judge(header, 'briefly')),
    match: (header) => {
      const judged = judge(header, 'briefly');
      const { columns } = judged;
      if (!isFitting(judged)) {
        const nearest = nearestFields(dataset.schema, columns);
        throw mismatch(dataset, columns, problemsOf(judge(header, 'fully'), nearest), nearest);
      }
      return columns.map(({ header: text, fieldIndex }) => ({ header: text, fieldIndex }));
    },
  };
}

/** As `createHeaderMatcher`, for one header. @throws AppError HEADER_MISMATCH */
export function matchHeader(
  dataset: Dataset,
  header: readonly string[],
  options: MatchOptions,
): FileColumn[] {
  return createHeaderMatcher(dataset, options).match(header);
}

/**
 * The columns of a file without a header, as a mapping names them all: `{"#1":"name","#2":null}`. Each is called by its field's
 * title, or by its place when it is ignored.
 * @throws AppError HEADER_MISMATCH, FILE_TOO_MANY_COLUMNS
 */
export function matchPlaces(dataset: Dataset, mapping: ColumnMapping, maxColumns: number): FileColumn[] {
  const places = Object.keys(mapping).map((key) => Number(/^#([1-9]\d{0,4})$/.exec(key)?.[1]));
  const wrong = Object.keys(mapping)[places.findIndex((place) => Number.isNaN(place))];
  if (wrong !== undefined) {
    const detail = `The mapping names a column "${cutValue(wrong)}", but the file has no header (header=false). Name its columns by their places: "#1", "#2", …`;
    throw mismatch(dataset, [], [{ code: 'mapping-column', key: wrong, detail }], NO_FIELDS);
  }
  const length = Math.max(...places);
  if (length > maxColumns) throw tooManyColumns('The mapping', length, maxColumns);
  const header = Array.from({ length }, () => '');
  return matchHeader(dataset, header, { unknownColumns: 'refuse', mapping }).map(({ fieldIndex }, at) => {
    const field = fieldIndex === null ? undefined : dataset.schema.fields[fieldIndex];
    return { header: field?.title ?? field?.name ?? `#${at + 1}`, fieldIndex };
  });
}

/** The headers that feed no field, as the file has them. */
export function ignoredColumns(columns: readonly FileColumn[]): string[] {
  return columns.filter(({ fieldIndex }) => fieldIndex === null).map(({ header }) => header);
}
