// How a file writes dates, times and numbers where its dataset leaves that open: as the sender says, or as the file itself proves.
import type { Field, FieldType, FileColumn, Normalize, Notation, WrittenField } from '../types.ts';

/** Format `any` takes every form that can mean one day only; for the others a file needs an order. */
export function leavesDateOrderOpen({ type, format }: Field): boolean {
  return (type === 'date' || type === 'datetime') && format === 'any';
}

/** What its dataset says holds only for files whose sender says nothing. */
function leavesTimeZoneOpen({ type, timeZone }: Field): boolean {
  return type === 'datetime' && timeZone === undefined;
}

/** Whether the dataset says of a field that blanks at the ends of its cells are not part of them. */
export function takesOffBlanks({ normalize = [] }: Field): boolean {
  return normalize.includes('trim') || normalize.includes('collapseSpaces');
}

const isNumber = (type: FieldType): boolean => type === 'number' || type === 'integer';

/** A field that says either character has said how its numbers are written. */
export function leavesNumbersOpen({ type, decimalChar, groupChar }: Field): boolean {
  return isNumber(type) && decimalChar === undefined && groupChar === undefined;
}

/** Who says what the dataset declares insists on it (number-notation.ts). */
function saysTheSame(declared: string | readonly string[] = [], said: string | undefined): boolean {
  return said !== undefined && [declared].flat().includes(said);
}

/** What the sender may say of a column, and which fields leave it open. */
const LEFT_OPEN: { readonly [Name in keyof Notation]-?: (field: Field, said: Notation) => boolean } = {
  dateOrder: leavesDateOrderOpen,
  decimalChar: (field, said) =>
    (field.type === 'number' || field.zeroFraction === true) &&
    (leavesNumbersOpen(field) || saysTheSame(field.decimalChar ?? '.', said.decimalChar)),
  groupChar: (field, said) =>
    leavesNumbersOpen(field) || (isNumber(field.type) && saysTheSame(field.groupChar, said.groupChar)),
  negative: ({ type, negative }) => isNumber(type) && negative === undefined,
  pivotYear: ({ type, pivotYear }) => (type === 'date' || type === 'datetime') && pivotYear === undefined,
  timeZone: leavesTimeZoneOpen,
  trim: (field) => !takesOffBlanks(field),
  timeZoneOverlap: ({ type, timeZoneOverlap }) => type === 'datetime' && timeZoneOverlap === undefined,
};
const NAMES = Object.keys(LEFT_OPEN) as (keyof Notation)[];

/** A field as a column of a file writes it. */
export function asWritten(field: Field, column: Notation): WrittenField {
  const said = NAMES.filter((name) => column[name] !== undefined).map((name) => [name, column[name]]);
  const { trim = false, ...notation } = Object.fromEntries(said) as Notation;
  const normalize: readonly Normalize[] = ['trim', ...(field.normalize ?? [])];
  return { ...notation, ...field, ...(trim && { normalize }) };
}

/** Gives each column what the sender says of it, as far as its field leaves that open. */
export function withNotation(
  fields: readonly Field[],
  columns: readonly FileColumn[],
  notation: Notation,
): FileColumn[] {
  return columns.map((column) => {
    const field = column.fieldIndex === null ? undefined : fields[column.fieldIndex];
    if (field === undefined) return column;
    const open = NAMES.filter((name) => notation[name] !== undefined && LEFT_OPEN[name](field, notation));
    return { ...column, ...(Object.fromEntries(open.map((name) => [name, notation[name]])) as Notation) };
  });
}

/** Gives each column of which nothing is said yet what is known of its field, from another file of the same sender. */
export function inheritNotation(
  fields: readonly Field[],
  columns: readonly FileColumn[],
  notations: ReadonlyMap<string, Notation> = new Map(),
): FileColumn[] {
  return columns.map((column) => {
    const field = column.fieldIndex === null ? undefined : fields[column.fieldIndex];
    return { ...(field && notations.get(field.name)), ...column };
  });
}
