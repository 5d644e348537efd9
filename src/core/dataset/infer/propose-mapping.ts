// Which field each column of a file most likely feeds, how sure that is, and why.
import { elementField } from '../fields/repeated-field.ts';
import { isRequired, compileField, type FieldReader } from '../fields/compile-field.ts';
import { asWritten } from '../fields/notation.ts';
import { columnKeys, foldHeader, labelsOf, ownColumns, type ColumnMapping } from '../header/mapping.ts';
import { editDistance, Suggestions } from '../header/nearest.ts';
import type { Dataset, Field, Notation } from '../types.ts';

/** `saved`: so it was imported before; `order`: the file has no header. */
export type Reason = 'name' | 'title' | 'alias' | 'saved' | 'similar' | 'order' | 'none';

export interface ProposedColumn {
  /** From 1. */
  readonly index: number;
  readonly name: string;
  /** Null: it fits none. */
  readonly field: string | null;
  readonly reason: Reason;
  /** 0 to 1: how alike the names are, less what the values say against it. */
  readonly score: number;
  /** The share of the sample's cells that the field takes; null when there are none. */
  readonly accepted: number | null;
}

export interface ProposedMapping {
  readonly dataset: string;
  readonly title: string | null;
  /** The mean of its columns’, required fields without a column counting 0. */
  readonly score: number;
  readonly columns: readonly ProposedColumn[];
  /** Required fields that get no column. */
  readonly missing: readonly string[];
  /** To be sent as `mapping`. */
  readonly mapping: ColumnMapping;
}

export interface SampledTable {
  /** Undefined: the file has none. */
  readonly header: readonly string[] | undefined;
  /** The cells of each column. */
  readonly cells: readonly (readonly string[])[];
}

/** So many cells of a column are tried on its field. */
const MOST_TRIED = 200;
/** What the values say counts half. */
const HALF = 0.5;

interface Guess {
  readonly field: Field | undefined;
  readonly reason: Reason;
  readonly score: number;
}

/** @param saved the mapping that was saved for such a header */
export function proposeMapping(
  dataset: Dataset,
  { header, cells }: SampledTable,
  notation: Notation,
  saved: ColumnMapping | undefined,
): ProposedMapping {
  const { schema } = dataset;
  const own = ownColumns(header ?? cells.map(() => ''));
  const keys = header === undefined ? own.map((_, at) => `#${at + 1}`) : columnKeys(own);
  const guesses =
    header === undefined
      ? own.map((_, at): Guess => guess(schema.fields[at], 'order', 1))
      : guessByName(dataset, own, keys, saved);
  const columns = guesses.map(({ field, reason, score }, place): ProposedColumn => {
    const { at, header: name } = own[place]!;
    const cellField = field?.repeated === true ? elementField(field) : field;
    const reader = cellField && compileField(asWritten(cellField, notation), schema);
    const accepted = reader === undefined ? null : shareOf(reader, cells[at] ?? []);
    return {
      index: at + 1,
      name,
      field: field?.name ?? null,
      reason,
      accepted,
      score: round(score * (HALF + HALF * (accepted ?? 1))),
    };
  });
  const fed = new Set(columns.map(({ field }) => field));
  const missing = schema.fields
    .filter((field) => isRequired(field, schema) && !fed.has(field.name))
    .map(({ name }) => name);
  const sum = columns.reduce((total, { score }) => total + score, 0);
  return {
    dataset: dataset.name,
    title: dataset.title ?? null,
    score: round(sum / Math.max(1, columns.length + missing.length)),
    columns,
    missing,
    mapping: Object.fromEntries(columns.map(({ field }, place) => [keys[place]!, field])),
  };
}

function guess(field: Field | undefined, reason: Reason, score: number): Guess {
  return field === undefined ? { field, reason: 'none', score: 0 } : { field, reason, score };
}

/** Exact names first: what is left of the fields may be meant by similar ones. */
function guessByName(
  { schema: { fields } }: Dataset,
  own: readonly { readonly header: string; readonly folded: string }[],
  keys: readonly string[],
  saved: ColumnMapping | undefined,
): Guess[] {
  const taken = new Set<Field>();
  const take = (found: Guess): Guess => {
    if (found.field === undefined || (taken.has(found.field) && found.field.repeated !== true))
      return guess(undefined, 'none', 0);
    taken.add(found.field);
    return found;
  };
  const exact = own.map(({ folded }, place) => {
    const name = saved?.[keys[place]!];
    if (name !== undefined)
      return take(
        guess(
          fields.find((field) => field.name === name),
          'saved',
          1,
        ),
      );
    return take(findExact(fields, folded));
  });
  const free = new Map(
    fields
      .filter((field) => !taken.has(field))
      .flatMap((field) => labelsOf(field).map((label) => [foldHeader(label), field] as const)),
  );
  const suggestions = new Suggestions(() => free.keys());
  return exact.map((found, place) => {
    const { folded } = own[place]!;
    if (found.field !== undefined || folded === '' || saved?.[keys[place]!] === null) return found;
    const label = suggestions.nearest(folded);
    return label === undefined ? found : take(guess(free.get(label), 'similar', likeness(folded, label)));
  });
}

function findExact(fields: readonly Field[], folded: string): Guess {
  for (const field of fields) {
    if (foldHeader(field.name) === folded) return guess(field, 'name', 1);
    if (field.title !== undefined && foldHeader(field.title) === folded) return guess(field, 'title', 1);
    if (field.aliases?.some((alias) => foldHeader(alias) === folded) === true)
      return guess(field, 'alias', 1);
  }
  return guess(undefined, 'none', 0);
}

function likeness(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => Array.from(text, (letter) => letter.codePointAt(0)!));
  const longer = Math.max(a!.length, b!.length);
  return 1 - (editDistance(a!, b!, longer) ?? longer) / longer;
}

function shareOf({ read }: FieldReader, cells: readonly string[]): number | null {
  const tried = cells.filter((cell) => cell.trim() !== '').slice(0, MOST_TRIED);
  if (tried.length === 0) return null;
  return round(tried.filter((cell) => read(cell) !== undefined).length / tried.length);
}

function round(score: number): number {
  return Math.round(score * 100) / 100;
}
