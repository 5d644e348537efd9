// Which column feeds which field, said by the sender instead of by the header.
import { createHash } from 'node:crypto';
import { AppError } from '../../../errors.ts';
import { REJECT_COLUMNS, ROW_COLUMN } from '../../imports/rejects.ts';
import { createSuggester } from './nearest.ts';
import type { Dataset, Field, TableSchema } from '../types.ts';

/**
 * A column's header, or `#n` for the n-th column, and the name of the field it feeds; null: it is ignored.
 * `_row` and `_errors` of a reject file are not counted, so that a mapping fits a file and its rejects alike.
 */
export type ColumnMapping = Readonly<Record<string, string | null>>;

/** How headers are compared: width and case do not matter (NFKC), nor spaces around or their number within. */
export function foldHeader(text: string): string {
  const known = folded.get(text);
  if (known !== undefined) return known;
  const fold = text.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
  if (folded.size >= MOST_FOLDED) folded.clear();
  folded.set(text, fold);
  return fold;
}

/** The headers of a file are compared many times while its dialect is looked for. */
const folded = new Map<string, string>();
const MOST_FOLDED = 4000;

/** All texts by which a header may mean this field. */
export function labelsOf(field: Field): string[] {
  return [field.name, ...(field.title === undefined ? [] : [field.title]), ...(field.aliases ?? [])];
}

/** Each text that may mean a field, folded, and the field's index. */
export type LabelIndex = ReadonlyMap<string, number>;

/** A header is compared many times while its dialect is looked for. */
const labelIndexes = new WeakMap<TableSchema, LabelIndex>();

export function labelIndexOf(schema: TableSchema): LabelIndex {
  const known = labelIndexes.get(schema);
  if (known !== undefined) return known;
  const made = new Map(
    schema.fields.flatMap((field, index) =>
      labelsOf(field).map((label) => [foldHeader(label), index] as const),
    ),
  );
  labelIndexes.set(schema, made);
  return made;
}

const PLACE = /^#([1-9]\d{0,5})$/;

/** @throws AppError INVALID_REQUEST when the text is not a mapping in JSON */
export function parseMapping(text: string): ColumnMapping {
  const mapping = parseJson(text);
  const isMapping =
    typeof mapping === 'object' &&
    mapping !== null &&
    !Array.isArray(mapping) &&
    Object.values(mapping).every((field) => field === null || typeof field === 'string');
  if (!isMapping || Object.keys(mapping).length === 0)
    throw new AppError(
      'INVALID_REQUEST',
      'The option "mapping" must be "saved", or a JSON object of columns and fields like {"Tel":"phone_no","#3":"name","Memo":null}.',
      { option: 'mapping' },
    );
  if (countKeys(text) !== Object.keys(mapping).length)
    throw new AppError(
      'INVALID_REQUEST',
      'The option "mapping" names a column more than once. Name it once, or each of several with the same header by its place ("#3").',
      { option: 'mapping' },
    );
  return mapping as ColumnMapping;
}

/** Of equal keys JSON.parse keeps the last, silently. In an object of texts and nulls, the keys are the texts before a colon. */
function countKeys(text: string): number {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A column of the file that is its own: all but `_row` and `_errors` of a reject file. */
export interface OwnColumn {
  /** Index among all columns. */
  readonly at: number;
  readonly header: string;
  readonly folded: string;
}

export function ownColumns(header: readonly string[]): OwnColumn[] {
  const rejects = header.includes(ROW_COLUMN);
  return header.flatMap((text, at) =>
    rejects && REJECT_COLUMNS.includes(text) ? [] : { at, header: text, folded: foldHeader(text) },
  );
}

/** What a mapping is saved by: the same for headers that `foldHeader` makes equal, and for the file's rejects. */
export function headerFingerprint(dataset: Dataset, header: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([dataset.name, ...ownColumns(header).map(({ folded }) => folded)]))
    .digest('hex');
}

/** How a mapping names each column: by its header, or by its place where the header does not tell it from others. */
export function columnKeys(own: readonly OwnColumn[]): string[] {
  const counts = new Map<string, number>();
  for (const { folded } of own) counts.set(folded, (counts.get(folded) ?? 0) + 1);
  return own.map(({ header, folded }, place) =>
    folded !== '' && counts.get(folded) === 1 && !PLACE.test(folded) ? header : `#${place + 1}`,
  );
}

export interface MappingProblem {
  readonly code: 'mapping-column' | 'mapping-field';
  /** As the mapping has it. */
  readonly key: string;
  readonly suggestion?: string;
  readonly detail: string;
}

export interface ResolvedMapping {
  /** Index of a column that the mapping names, and the index of its field; null: ignored. */
  readonly fieldOfColumn: ReadonlyMap<number, number | null>;
  readonly problems: readonly MappingProblem[];
}

/** Finds the columns and fields that a mapping names. Whether two columns feed one field is not its matter. */
export function resolveMapping(
  dataset: Dataset,
  header: readonly string[],
  mapping: ColumnMapping,
  suggester: typeof createSuggester = createSuggester,
): ResolvedMapping {
  const findColumn = columnFinder(header, suggester);
  const findField = fieldFinder(dataset, suggester);
  const fieldOfColumn = new Map<number, number | null>();
  const problems: MappingProblem[] = [];
  for (const [key, name] of Object.entries(mapping)) {
    const column = findColumn(key);
    const field = name === null ? null : findField(key, name);
    if (isProblem(column) || isProblem(field)) problems.push(...[column, field].filter(isProblem));
    else if (fieldOfColumn.has(column))
      problems.push({
        code: 'mapping-column',
        key,
        detail: `The mapping names column ${column + 1} twice, the second time as "${key}".`,
      });
    else fieldOfColumn.set(column, field);
  }
  return { fieldOfColumn, problems };
}

function isProblem(found: number | null | MappingProblem): found is MappingProblem {
  return typeof found === 'object' && found !== null;
}

/** Finds the index of a column by what a mapping calls it. */
function columnFinder(
  header: readonly string[],
  suggester: typeof createSuggester,
): (key: string) => number | MappingProblem {
  const own = ownColumns(header);
  const placesOf = new Map<string, number[]>();
  for (const [at, { folded }] of own.entries()) {
    const places = placesOf.get(folded);
    if (places === undefined) placesOf.set(folded, [at + 1]);
    else places.push(at + 1);
  }
  const nearest = suggester(own.map((column) => column.header));
  return (key) => {
    const places = placesOf.get(foldHeader(key)) ?? [];
    const place = PLACE.exec(key)?.[1];
    if (place === undefined) {
      if (places.length === 1) return own[places[0]! - 1]!.at;
      if (places.length > 1)
        return columnProblem(
          key,
          `The mapping names "${key}", the header of ${places.length} columns. Name them by their places: ${listPlaces(places)}.`,
        );
      const suggestion = nearest(key);
      return columnProblem(
        key,
        `The mapping names a column "${key}", which the file does not have.${askIfMeant(suggestion)}`,
        suggestion,
      );
    }
    const column = own[Number(place) - 1];
    if (column === undefined)
      return columnProblem(key, `The mapping names column ${key}; the file has ${own.length} of its own.`);
    const other = places.find((each) => each !== Number(place));
    if (other !== undefined)
      return columnProblem(
        key,
        `The mapping names "${key}", but another column has that as its header. Name it by its place, "#${other}", or give it another header.`,
        `#${other}`,
      );
    return column.at;
  };
}

function columnProblem(key: string, detail: string, suggestion?: string): MappingProblem {
  return {
    code: 'mapping-column',
    key,
    ...(suggestion === undefined ? {} : { suggestion }),
    detail,
  };
}

/** Places that are listed for one header; it may stand above all columns of a file. */
const MOST_PLACES = 20;

function listPlaces(places: readonly number[]): string {
  const listed = places.slice(0, MOST_PLACES).map((each) => `"#${each}"`);
  return [...listed, ...(places.length > MOST_PLACES ? ['…'] : [])].join(', ');
}

/** Finds the index of a field by what a mapping calls it. */
function fieldFinder(
  { name: dataset, schema }: Dataset,
  suggester: typeof createSuggester,
): (key: string, name: string) => number | MappingProblem {
  const indexOf = new Map(schema.fields.map((field, index) => [field.name, index] as const));
  const labels = labelIndexOf(schema);
  const nearest = suggester(labels.keys());
  return (key, name) => {
    const index = indexOf.get(name);
    if (index !== undefined) return index;
    const folded = foldHeader(name);
    const likely = labels.get(folded) ?? labels.get(nearest(folded) ?? '');
    const suggestion = likely === undefined ? undefined : schema.fields[likely]!.name;
    return {
      code: 'mapping-field',
      key,
      ...(suggestion === undefined ? {} : { suggestion }),
      detail: `The mapping names a field "${name}", which dataset "${dataset}" does not have.${askIfMeant(suggestion)}`,
    };
  };
}

function askIfMeant(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
}
