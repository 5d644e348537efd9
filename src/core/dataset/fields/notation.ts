// How a file writes dates, times and numbers where its dataset leaves that open: as the sender says, or as the file itself proves.
import type { Field, FileColumn, Notation, WrittenField } from '../types.ts';

/** Format `any` takes every form that can mean one day only; for the others a file needs an order. */
export function leavesDateOrderOpen({ type, format }: Field): boolean {
  return (type === 'date' || type === 'datetime') && format === 'any';
}

/** What its dataset says holds only for files whose sender says nothing. */
function leavesTimeZoneOpen({ type, timeZone }: Field): boolean {
  return type === 'datetime' && timeZone === undefined;
}

/** A field that says either character has said how its numbers are written. */
export function leavesNumbersOpen({ type, decimalChar, groupChar }: Field): boolean {
  return (type === 'number' || type === 'integer') && decimalChar === undefined && groupChar === undefined;
}

/** What the sender may say of a column, and which fields leave it open. */
const LEFT_OPEN: { readonly [Name in keyof Notation]-?: (field: Field) => boolean } = {
  dateOrder: leavesDateOrderOpen,
  decimalChar: (field) => field.type === 'number' && leavesNumbersOpen(field),
  groupChar: leavesNumbersOpen,
  timeZone: leavesTimeZoneOpen,
  timeZoneOverlap: ({ type, timeZoneOverlap }) => type === 'datetime' && timeZoneOverlap === undefined,
};
const NAMES = Object.keys(LEFT_OPEN) as (keyof Notation)[];

/** A field as a column of a file writes it. */
export function asWritten(field: Field, column: Notation): WrittenField {
  const said = NAMES.filter((name) => column[name] !== undefined).map((name) => [name, column[name]]);
  return { ...field, ...(Object.fromEntries(said) as Notation) };
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
    const open = NAMES.filter((name) => notation[name] !== undefined && LEFT_OPEN[name](field));
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
