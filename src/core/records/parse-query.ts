// The parameters of a URL as a query: `?name=ilike.*ito*&or=(…)&select=name,addresses(post_no)&order=age.desc.nullslast,name`.
import { cutValue } from '../imports/row-error.ts';
import { findColumn, findLink } from './find-column.ts';
import { quotedName, splitNames } from './names.ts';
import { isTreeName, parseColumnFilter, parseTree } from './parse-filter.ts';
import {
  EVERYTHING,
  MAX_CONDITIONS,
  refuseQuery,
  type Condition,
  type ExportQuery,
  type OrderTerm,
  type RecordQuery,
  type Selected,
} from './query.ts';
import { fieldColumns, type RecordColumn, type RecordShape } from './record-shape.ts';

/** Each parameter that is a filter, as often as it was given. */
export type FilterParameters = Readonly<Record<string, string | readonly string[]>>;

/** All of them hold. @throws AppError QUERY_INVALID */
export function parseFilters(shape: RecordShape, parameters: FilterParameters): Condition {
  const pairs = Object.entries(parameters).flatMap(([name, texts]) =>
    [texts].flat().map((text) => ({ name, text })),
  );
  if (pairs.length > MAX_CONDITIONS) refuseQuery(`The query has more than ${MAX_CONDITIONS} parameters.`);
  const of = pairs.map(({ name, text }) => {
    const pointer = `/${name}`;
    if (isTreeName(name)) return parseTree(shape, name, text, pointer);
    return parseColumnFilter(findColumn(shape.columns, name, pointer), text, pointer);
  });
  return of.length === 0 ? EVERYTHING : { is: 'all', of };
}

/** What is said of a query beside its filters. */
export interface SaidOfQuery {
  readonly select?: string | undefined;
  readonly order?: string | undefined;
}

/** @param otherwise what is selected when nothing is said. @throws AppError QUERY_INVALID */
export function parseQuery(
  shape: RecordShape,
  { select, order, ...filters }: SaidOfQuery & FilterParameters,
  otherwise: readonly Selected[] = selectWhole(shape),
): RecordQuery {
  return {
    select: select === undefined ? otherwise : parseSelect(shape, select),
    where: parseFilters(shape, filters),
    order: completeOrder(shape, order === undefined ? [] : parseOrder(shape, order)),
  };
}

/** Of a file: without `select` it has the fields of the dataset, as an import takes them. @throws AppError QUERY_INVALID */
export function parseExport(shape: RecordShape, said: SaidOfQuery & FilterParameters): ExportQuery {
  const { select, where, order } = parseQuery(shape, said, selectAll(fieldColumns(shape)));
  return { select, where, order: said.order === undefined ? undefined : order };
}

/** What a record has when nothing is selected: always the same of a shape, so that what is made of it is made once. */
export function selectWhole(shape: RecordShape): readonly Selected[] {
  const select = wholes.get(shape) ?? selectAll(shape.columns);
  wholes.set(shape, select);
  return select;
}

const wholes = new WeakMap<RecordShape, readonly Selected[]>();

export function selectAll(columns: readonly RecordColumn[]): Selected[] {
  return columns.map((column) => ({ column }));
}

/**
 * `name,age` or `*`, and of a linked table `addresses(post_no)` or `addresses(*)`.
 * @throws AppError QUERY_INVALID
 */
export function parseSelect(shape: RecordShape, text: string, pointer = '/select'): Selected[] {
  const parts = splitNames(text, true);
  const selected = parts.flatMap((part): Selected | Selected[] => {
    if (part === '*') return selectAll(shape.columns);
    const { name, nested } = nameIn(part) ?? refuseSelect(text, pointer);
    if (nested === undefined) return { column: findColumn(shape.columns, name, pointer) };
    const link = findLink(shape, name, pointer);
    const columns = splitNames(nested, false).flatMap((each) =>
      each === '*' ? link.columns : findColumn(link.columns, quotedName(each)?.name ?? each, pointer),
    );
    return { link, columns: [...new Set(columns)] };
  });
  // `*,name` names a field twice, which is no fault; an object has each name once.
  const byName = new Map<string, Selected>();
  for (const each of selected) {
    const name = nameOf(each);
    const other = byName.get(name);
    if (other !== undefined && ('link' in each || 'link' in other))
      refuseQuery(`select names "${name}" twice. List what you want of it in one place.`, { pointer });
    byName.set(name, each);
  }
  return [...byName.values()];
}

function nameOf(selected: Selected): string {
  return 'column' in selected ? selected.column.name : selected.link.table;
}

/** `name`, or `addresses(post_no)` with what is in its brackets; undefined: it is neither. */
function nameIn(part: string): { readonly name: string; readonly nested?: string } | undefined {
  const quoted = quotedName(part);
  const { name, rest } = quoted ?? { name: /^[^()]*/.exec(part)![0], rest: part.replace(/^[^()]*/, '') };
  if (quoted === undefined && name === '') return undefined;
  if (rest === '') return { name };
  const nested = /^\(([^()]*)\)$/s.exec(quotedAside(rest))?.[1];
  return nested === undefined ? undefined : { name: name.trim(), nested: rest.slice(1, -1) };
}

/** Brackets within names in quotes have no meaning. */
function quotedAside(text: string): string {
  return text.replace(/(?<=[(,]\s*)"(?:[^"\\]|\\.)*"/gs, (quoted) => '.'.repeat(quoted.length));
}

function refuseSelect(text: string, pointer: string): never {
  return refuseQuery(
    `select expects names with commas, such as name,age or name,addresses(post_no); got "${cutValue(text)}". A name that holds a comma or a bracket stands in quotes.`,
    { pointer },
  );
}

const ORDER_WORDS = ['asc', 'desc', 'nullsfirst', 'nullslast'];

/**
 * `age.desc.nullslast,name`. Without more: ascending; NULLs last, and first in a descending order, as Postgres has it.
 * @throws AppError QUERY_INVALID
 */
export function parseOrder(shape: RecordShape, text: string, pointer = '/order'): OrderTerm[] {
  return splitNames(text, false).map((part) => {
    const quoted = quotedName(part);
    if (quoted !== undefined && /^(?:\.|$)/.test(quoted.rest)) {
      const column = findColumn(shape.columns, quoted.name, pointer);
      return orderTerm(column, quoted.rest === '' ? [] : quoted.rest.slice(1).split('.'), pointer);
    }
    const words = part.split('.');
    const said: string[] = [];
    while (words.length > 1 && ORDER_WORDS.includes(words.at(-1)!)) said.unshift(words.pop()!);
    const column = findColumn(shape.columns, words.join('.'), pointer);
    return orderTerm(column, said, pointer);
  });
}

/** @throws AppError QUERY_INVALID */
export function orderTerm(column: RecordColumn, said: readonly string[], pointer: string): OrderTerm {
  const isSound = /^(?:asc|desc)?,?(?:nullsfirst|nullslast)?$/.test(said.join(','));
  if (!isSound)
    refuseQuery(
      `order of "${column.name}" expects asc or desc, then nullsfirst or nullslast; got "${cutValue(said.join('.'))}".`,
      { pointer },
    );
  if (column.kind === 'json')
    refuseQuery(`"${column.name}" holds JSON, which has no order that means anything.`, { pointer });
  const descending = said.includes('desc');
  return {
    column,
    descending,
    nullsFirst: said.includes('nullsfirst') || (descending && !said.includes('nullslast')),
  };
}

/** The order with the key behind it: then each record has a place of its own. */
export function completeOrder({ key }: RecordShape, order: readonly OrderTerm[]): OrderTerm[] {
  const terms = order.filter(({ column }, at) => order.findIndex((each) => each.column === column) === at);
  const rest = key.filter((column) => !terms.some((term) => term.column === column));
  return [...terms, ...rest.map((column) => ({ column, descending: false, nullsFirst: false }))];
}
