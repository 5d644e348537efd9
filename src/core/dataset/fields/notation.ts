// How a file writes dates and numbers where its dataset leaves that open: as the sender says, or as the file itself proves.
import type { Field, FileColumn, Notation, WrittenField } from '../types.ts';

/** Format `any` takes every form that can mean one day only; for the others a file needs an order. */
export function leavesDateOrderOpen({ type, format }: Field): boolean {
  return (type === 'date' || type === 'datetime') && format === 'any';
}

/** A field that says either character has said how its numbers are written. */
export function leavesNumbersOpen({ type, decimalChar, groupChar }: Field): boolean {
  return (type === 'number' || type === 'integer') && decimalChar === undefined && groupChar === undefined;
}

/** A field as a column of a file writes it. */
export function asWritten(field: Field, { dateOrder, decimalChar, groupChar }: Notation): WrittenField {
  return {
    ...field,
    ...(dateOrder === undefined ? {} : { dateOrder }),
    ...(decimalChar === undefined ? {} : { decimalChar }),
    ...(groupChar === undefined ? {} : { groupChar }),
  };
}

/** Gives each column what the sender says of it, as far as its field leaves that open. */
export function withNotation(
  fields: readonly Field[],
  columns: readonly FileColumn[],
  { dateOrder, decimalChar, groupChar }: Notation,
): FileColumn[] {
  return columns.map((column) => {
    const field = column.fieldIndex === null ? undefined : fields[column.fieldIndex];
    if (field === undefined) return column;
    const numbers = leavesNumbersOpen(field);
    return {
      ...column,
      ...(dateOrder !== undefined && leavesDateOrderOpen(field) ? { dateOrder } : {}),
      ...(decimalChar !== undefined && numbers && field.type === 'number' ? { decimalChar } : {}),
      ...(groupChar !== undefined && numbers ? { groupChar } : {}),
    };
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
