// Which column feeds which field, said by the sender instead of by the header.
import { createHash } from 'node:crypto';
import { AppError } from '../../../errors.ts';
import { REJECT_COLUMNS, ROW_COLUMN } from '../../imports/rejects.ts';
import { cutValue } from '../../imports/row-error.ts';
import { sayMeant, Suggestions } from './nearest.ts';
import type { Dataset, Field } from '../types.ts';

/**
 * A column's header, or `#n` for the n-th column, and the name of the field it feeds; null: it is ignored.
 * `_row` and `_errors` of a reject file are not counted, so that a mapping fits a file and its rejects alike.
 */
export type ColumnMapping = Readonly<Record<string, string | null>>;

/** Printable ASCII without spaces: most headers, and quickly folded. */
const PLAIN = /^[!-~]*$/;

/** Signs that nobody sees: soft hyphens, spaces of no width, marks of direction, BOMs. Web pages and files that were joined bring them. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u2060\ufeff]/gu;
/** What becomes of the Turkish İ in small letters: an i with a dot above. */
const DOTTED_I = /i\u0307/gu;

/** How headers are compared: width and case do not matter (NFKC), nor invisible signs, spaces around or their number within. */
export function foldHeader(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  const visible = text.replace(INVISIBLE, '').normalize('NFKC');
  return visible.trim().replace(/\s+/gu, ' ').toLowerCase().replace(DOTTED_I, 'i');
}

/** All texts by which a header may mean this field. */
export function labelsOf(field: Field): string[] {
  const { name, title, aliases = [], lookup } = field;
  const asked = lookup?.field === undefined || lookup.field === name ? [] : [lookup.field];
  return [name, ...(title === undefined ? [] : [title]), ...aliases, ...asked];
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

/** A mapping whose keys and fields have been looked at once, for the many headers it may be tried on. */
export interface PreparedMapping {
  readonly entries: readonly {
    readonly key: string;
    readonly folded: string;
    /** Index of the field; null: the column is ignored; a text: a name that is no field. */
    readonly field: number | string | null;
  }[];
}

export function prepareMapping({ schema }: Dataset, mapping: ColumnMapping): PreparedMapping {
  const indexOf = new Map(schema.fields.map(({ name }, index) => [name, index]));
  return {
    entries: Object.entries(mapping).map(([key, name]) => ({
      key,
      folded: foldHeader(key),
      field: name === null ? null : (indexOf.get(name) ?? name),
    })),
  };
}

/** A mapping takes no more columns than a file may have. @throws AppError INVALID_REQUEST */
export function limitMapping(mapping: ColumnMapping, maxColumns: number): void {
  const columns = Object.keys(mapping).length;
  if (columns > maxColumns)
    throw new AppError(
      'INVALID_REQUEST',
      `The option "mapping" names ${columns} columns; a file has ${maxColumns} at most (SLUICE_MAX_COLUMNS). Name only those that the file has.`,
      { option: 'mapping', columns, limit: maxColumns },
    );
}

/**
 * Finds the columns and fields that a mapping names. Whether two columns feed one field is not its matter.
 * @param how `briefly` stops at the first problem, for those who only ask whether there is one
 */
export function resolveMapping(
  dataset: Dataset,
  own: readonly OwnColumn[],
  mapping: PreparedMapping,
  how: 'briefly' | 'fully',
): ResolvedMapping {
  const suggests = how === 'fully';
  const find = columnFinder(own, suggests);
  const findField = fieldFinder(dataset, suggests);
  const fieldOfColumn = new Map<number, number | null>();
  const problems: MappingProblem[] = [];
  for (const { key, folded, field: named } of mapping.entries) {
    if (how === 'briefly' && problems.length > 0) break;
    const column = find(key, folded);
    const field = typeof named === 'string' ? findField(key, named) : named;
    if (isProblem(column) || isProblem(field)) problems.push(...[column, field].filter(isProblem));
    else if (fieldOfColumn.has(column))
      problems.push({
        code: 'mapping-column',
        key,
        detail: `The mapping names column ${column + 1} twice, the second time as "${cutValue(key)}".`,
      });
    else fieldOfColumn.set(column, field);
  }
  return { fieldOfColumn, problems };
}

function isProblem(found: number | null | MappingProblem): found is MappingProblem {
  return typeof found === 'object' && found !== null;
}

/** So many places of one header are told. */
const MOST_PLACES = 5;

function columnFinder(
  own: readonly OwnColumn[],
  suggests: boolean,
): (key: string, folded: string) => number | MappingProblem {
  const placesOf = new Map<string, number[]>();
  for (const [at, { folded }] of own.entries()) {
    const places = placesOf.get(folded);
    if (places === undefined) placesOf.set(folded, [at + 1]);
    else places.push(at + 1);
  }
  const suggestions = new Suggestions(() => (suggests ? own.map(({ header }) => header) : []));
  return (key, folded) => {
    const places = placesOf.get(folded) ?? [];
    const problem = (detail: string, suggestion?: string): MappingProblem => ({
      code: 'mapping-column',
      key,
      ...(suggestion === undefined ? {} : { suggestion }),
      detail,
    });
    const said = cutValue(key);
    const place = PLACE.exec(key)?.[1];
    if (place === undefined) {
      if (places.length === 1) return own[places[0]! - 1]!.at;
      if (places.length > 1)
        return problem(
          `The mapping names "${said}", the header of ${places.length} columns. Name them by their places: ${listPlaces(places)}.`,
        );
      const suggestion = suggestions.nearest(key);
      return problem(
        `The mapping names a column "${said}", which the file does not have.${sayMeant(suggestion)}`,
        suggestion,
      );
    }
    const column = own[Number(place) - 1];
    if (column === undefined)
      return problem(`The mapping names column ${key}; the file has ${own.length} of its own.`);
    const other = places.find((each) => each !== Number(place));
    if (other !== undefined)
      return problem(
        `The mapping names "${key}", but another column has that as its header. Name it by its place, "#${other}", or give it another header.`,
        `#${other}`,
      );
    return column.at;
  };
}

function listPlaces(places: readonly number[]): string {
  const told = places.slice(0, MOST_PLACES).map((each) => `"#${each}"`);
  return [...told, ...(places.length > MOST_PLACES ? ['…'] : [])].join(', ');
}

function fieldFinder(
  { name: dataset, schema }: Dataset,
  suggests: boolean,
): (key: string, name: string) => MappingProblem {
  let labels: Map<string, string> | undefined;
  const fieldOfLabel = (): Map<string, string> =>
    (labels ??= new Map(
      schema.fields.flatMap((field) => labelsOf(field).map((label) => [foldHeader(label), field.name])),
    ));
  const suggestions = new Suggestions(() => fieldOfLabel().keys());
  const suggest = (folded: string): string | undefined =>
    fieldOfLabel().get(folded) ?? fieldOfLabel().get(suggestions.nearest(folded) ?? '');
  return (key, name) => {
    const suggestion = suggests ? suggest(foldHeader(name)) : undefined;
    return {
      code: 'mapping-field',
      key,
      ...(suggestion === undefined ? {} : { suggestion }),
      detail: `The mapping names a field "${cutValue(name)}", which dataset "${dataset}" does not have.${sayMeant(suggestion)}`,
    };
  };
}
