// The names of cells: B12 is column 2, row 12.

export const MAX_COLUMNS = 16_384;
export const MAX_ROWS = 1_048_576;

const LETTER_A = 65;

/** @param column from 1 */
export function columnLetters(column: number): string {
  let letters = '';
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(LETTER_A + ((rest - 1) % 26)) + letters;
  return letters;
}

export function cellName(row: number, column: number): string {
  return `${columnLetters(column)}${row}`;
}

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

/** Undefined for what is no cell of a sheet. */
export function readCellName(name: string): CellPlace | undefined {
  const [, letters, digits] = /^\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})$/.exec(name) ?? [];
  if (letters === undefined) return undefined;
  const column = [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  const row = Number(digits);
  return column > MAX_COLUMNS || row > MAX_ROWS ? undefined : { row, column };
}
