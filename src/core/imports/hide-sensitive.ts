// Keeps the values of sensitive fields out of row errors, which are stored, shown and logged; the reject file alone has them.
import type { Dataset, FileColumn } from '../dataset/types.ts';
import type { RowError } from './row-error.ts';

export type HideValues = (error: RowError) => RowError;

/** What is wrong with one cell, and says nothing of the others. */
const OF_ONE_CELL = new Set<RowError['code']>([
  'type-error',
  'constraint-error',
  'cell-error',
  'size-error',
  'encoding-error',
]);
/** These quote no cell. */
const WITHOUT_VALUE = new Set<RowError['code']>(['missing-cell', 'retry-error']);

/**
 * Of a file with a sensitive column: errors of its cells say what is wrong without the value, and so do errors of whole records (broken,
 * of another width, refused by Postgres), in which the value may stand anywhere.
 */
export function hideSensitive({ schema }: Dataset, columns: readonly FileColumn[]): HideValues {
  const isSensitive = columns.map(
    ({ fieldIndex }) => fieldIndex !== null && schema.fields[fieldIndex]?.sensitive === true,
  );
  if (!isSensitive.includes(true)) return (error) => error;
  return (error) => {
    const { column, code } = error;
    const isShown =
      WITHOUT_VALUE.has(code) ||
      (OF_ONE_CELL.has(code) && column !== null && isSensitive[column.index - 1] === false);
    return isShown ? error : { ...error, value: null, message: withoutValue(error) };
  };
}

function withoutValue({ column, code, constraint }: RowError): string {
  const what = column === null ? 'The record' : `Column "${column.name}"`;
  return `${what} ${fault(code, constraint)}. The value is not shown, because the dataset has sensitive fields; the reject file has it.`;
}

function fault(code: RowError['code'], constraint: RowError['constraint']): string {
  switch (code) {
    case 'type-error':
      return 'does not hold what its type expects';
    case 'constraint-error':
      return constraint === undefined ? 'breaks a constraint' : `breaks the constraint "${constraint}"`;
    case 'unique-error':
      return 'holds what is in the table already, or in an earlier record';
    case 'foreign-key-error':
      return 'refers to a row that is not there';
    case 'database-error':
      return 'is refused by Postgres';
    case 'size-error':
      return 'is too long';
    case 'extra-cell':
      return 'holds a value that has no column';
    default:
      return `cannot be taken (${code})`;
  }
}
