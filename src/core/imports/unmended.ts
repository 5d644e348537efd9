// Records of a file we gave out that come back as they were, though they could not be read or decoded. That file is sound
// CSV in UTF-8, so they would land as if someone had written what only stood for them.
import { MAX_BROKEN_TEXT_BYTES } from '../csv/records/records.ts';
import { REJECT_COLUMNS, REJECT_ERRORS_COLUMN } from './rejects.ts';
import { cutValue, type RowError } from './row-error.ts';

/** Bytes of a character that a cut may have taken away. */
const MOST_CUT_BYTES = 3;

/**
 * What is still wrong with a record by what its cell `_errors` says; null when nothing is, or when that cell is empty: so the
 * sender says that the record is meant as it stands.
 * @param toldBefore what the cell said, should the column have been removed
 */
export function explainUnmended(
  header: readonly string[],
  cells: readonly string[],
  row: number,
  line: number,
  lineEnd: number,
  toldBefore = '',
): RowError[] | null {
  const told = cells[header.indexOf(REJECT_ERRORS_COLUMN)] ?? toldBefore;
  if (told === '') return null;
  const place = { row, line, ...(lineEnd === line ? {} : { lineEnd }) };
  const errors = cells.flatMap((cell, index): RowError[] => {
    const name = header[index] ?? '';
    const problem = REJECT_COLUMNS.includes(name) ? undefined : problemOf(cell, told);
    return problem === undefined
      ? []
      : [{ ...place, column: { index: index + 1, name }, value: cutValue(cell), ...problem }];
  });
  if (told.includes('[table-error]'))
    errors.push({
      ...place,
      column: null,
      code: 'table-error',
      value: null,
      message:
        'The record may belong to another table. Send that table as its own file, or empty _errors if the record is right.',
    });
  if (isCut(header, cells, told))
    errors.push({
      ...place,
      column: null,
      code: 'size-error',
      value: null,
      message:
        'The record is still the beginning of one that was too long; write all of it, or empty _errors.',
    });
  return errors.length === 0 ? null : errors;
}

function problemOf(cell: string, told: string): Pick<RowError, 'code' | 'message'> | undefined {
  if (told.includes('[encoding-error]') && cell.includes('\ufffd'))
    return {
      code: 'encoding-error',
      message:
        'The cell still has U+FFFD (\ufffd) for bytes that were no text. Write the right characters there.',
    };
  if (told.includes('[quote-error]') && cell.startsWith('"'))
    return {
      code: 'quote-error',
      message:
        'The quote that made the record unreadable still begins this cell; write what was meant, or empty _errors if that is it.',
    };
  if (told.includes('[cell-error]') && cell.startsWith('#'))
    return {
      code: 'cell-error',
      message:
        'The cell still says what was wrong with it in the workbook; write its value, or empty _errors if that is it.',
    };
  return undefined;
}

/** A record that is too long is given out up to so many bytes. */
function isCut(header: readonly string[], cells: readonly string[], told: string): boolean {
  if (!told.includes('[size-error]')) return false;
  const own = cells.filter((_, index) => !REJECT_COLUMNS.includes(header[index] ?? ''));
  return Buffer.byteLength(own.join(',')) >= MAX_BROKEN_TEXT_BYTES - MOST_CUT_BYTES;
}
