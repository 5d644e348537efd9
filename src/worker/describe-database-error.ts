// What Postgres alone knew to be wrong with a row, told in the words of the file.
import type { Dataset, FileColumn } from '../core/dataset/types.ts';
import { cutValue, type RowError, type RowErrorCode } from '../core/row-error.ts';
import type { Refusal } from '../db/land-rows.ts';

/** Where the record stands in the file, and its cells. */
export interface RecordPlace {
  readonly row: number;
  readonly line: number;
  readonly lineEnd: number;
  readonly cells: readonly string[];
}

/** Names the column when Postgres does: by itself, or as the key in its detail. */
export function describeDatabaseError(
  error: Refusal,
  place: RecordPlace,
  dataset: Dataset,
  columns: readonly FileColumn[],
): RowError {
  const fieldName = error.column || /^Key \("?([^,")]+)"?\)=/.exec(error.detail)?.[1];
  const at = columns.findIndex(
    (column) => column.fieldIndex !== null && dataset.schema.fields[column.fieldIndex]?.name === fieldName,
  );
  const column = columns[at];
  return {
    row: place.row,
    line: place.line,
    ...(place.lineEnd === place.line ? {} : { lineEnd: place.lineEnd }),
    column: column === undefined ? null : { index: at + 1, name: column.header },
    code: codeOf(error),
    ...(error.code === '23502' ? { constraint: 'required' as const } : {}),
    value: column === undefined ? null : cutValue(place.cells[at] ?? ''),
    message: `The database refuses the row: ${error.message}${tellsDetail(error) ? ` (${error.detail})` : ''}.`,
  };
}

/** Of a check and of a null the detail is the whole row as it would stand in the table, with what is ours in it. */
function tellsDetail({ code, detail }: Refusal): boolean {
  return detail !== '' && code !== '23502' && code !== '23514';
}

function codeOf(error: Refusal): RowErrorCode {
  switch (error.code) {
    case '23505':
      return 'unique-error';
    case '23503':
      return 'foreign-key-error';
    case '23502':
      return 'constraint-error';
    default:
      return 'database-error';
  }
}
