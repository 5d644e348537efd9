// A header of several records, as spreadsheets have it: groups above, names below.
import { AppError } from '../../../errors.ts';
import type { Dialect } from '../types.ts';
import { readHeader, type Header, type HeaderLimits } from './header.ts';
import type { Preamble } from './preamble.ts';

/**
 * Reads so many records as the header. `readHeader` says what each may be.
 * @param textOf what a cell shows, where that is not its text
 * @throws AppError FILE_HEADER_WIDTH, and those of `readHeader`
 */
export function readHeaderRows(
  head: Buffer,
  isWhole: boolean,
  dialect: Dialect,
  limits: HeaderLimits,
  from: Preamble,
  rows: number,
  textOf: (cell: string) => string = (cell) => cell,
): Header {
  const read = (place: Pick<Preamble, 'endByte' | 'endLine'>): Header => {
    const record = readHeader(head, isWhole, dialect, limits, place);
    return { ...record, cells: record.cells.map(textOf) };
  };
  let header = read(from);
  const cells = [header.cells];
  while (cells.length < rows) {
    header = read(header);
    if (header.cells.length !== cells[0]!.length)
      throw new AppError(
        'FILE_HEADER_WIDTH',
        `The header has ${rows} records, as headerRows says; number ${cells.length + 1} has ${header.cells.length} cells, the first ${cells[0]!.length}. Send the number of records that the header really has.`,
        { headerRows: rows },
      );
    cells.push(header.cells);
  }
  return rows === 1 ? header : { ...header, cells: joinNames(cells) };
}

/** An empty upper cell belongs to the group on its left, where that has names below it. */
function joinNames(rows: readonly (readonly string[])[]): string[] {
  const groups = rows.slice(0, -1).map((upper, level) => {
    const below = rows.slice(level + 1);
    const hasName = (column: number): boolean => below.some((row) => row[column]!.trim() !== '');
    let group = '';
    return upper.map((cell, column) => {
      if (cell.trim() !== '') group = hasName(column) ? cell : '';
      return cell.trim() === '' && hasName(column) ? group : cell;
    });
  });
  return rows[0]!.map((_, column) =>
    [...groups, rows.at(-1)!]
      .map((row) => row[column]!.trim())
      .filter((part) => part !== '')
      .join(' '),
  );
}
