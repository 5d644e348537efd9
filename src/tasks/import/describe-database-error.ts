// What Postgres alone knew to be wrong with a row, told in the words of the file.
import type { Dataset, FileColumn } from '../../core/dataset/types.ts';
import { SQLSTATE } from '../../db/errors.ts';
import { refusalCode, refusalText } from '../../db/refusal-words.ts';
import { cutValue, type RowError } from '../../core/imports/row-error.ts';
import type { Refusal } from '../../db/landing/refusals/refused-rows.ts';

/** Where the record stands in the file, and its cells. */
export interface RecordPlace {
  readonly row: number;
  readonly line: number;
  readonly lineEnd: number;
  readonly cells: readonly string[];
}

/**
 * For the records of one file: names the column that the broken rule is about; of several the first that the
 * file has.
 */
export function describeDatabaseErrors(
  dataset: Dataset,
  columns: readonly FileColumn[],
): (error: Refusal, place: RecordPlace) => RowError {
  // Refusals for the same reason come one after the other.
  let names: readonly string[] | undefined;
  let at = -1;
  return (error, { row, line, lineEnd, cells }) => {
    if (error.columns !== names) {
      names = error.columns;
      at = findColumn(error, dataset, columns);
    }
    const column = columns[at];
    return {
      row,
      line,
      ...(lineEnd === line ? {} : { lineEnd }),
      column: column === undefined ? null : { index: at + 1, name: column.header },
      code: refusalCode(error),
      ...(error.code === SQLSTATE.notNullViolation ? { constraint: 'required' as const } : {}),
      value: column === undefined ? null : cutValue(cells[at] ?? ''),
      message: `Postgres refuses the row: ${refusalText(error)}.`,
    };
  };
}

/** @returns -1 when the file has none of them, and for a check of several columns: nobody can say which is wrong */
function findColumn(
  { code, columns: names }: Refusal,
  dataset: Dataset,
  columns: readonly FileColumn[],
): number {
  if (code === SQLSTATE.checkViolation && names.length > 1) return -1;
  const places = names.map((name) =>
    columns.findIndex(
      ({ fieldIndex }) => fieldIndex !== null && dataset.schema.fields[fieldIndex]?.name === name,
    ),
  );
  return places.find((at) => at >= 0) ?? -1;
}
