import { cutValue, type RowError, type RowErrorCode } from '../../imports/row-error.ts';
import type { BrokenRecord } from '../types.ts';

const CODES: Record<BrokenRecord['reason'], RowErrorCode> = {
  'unclosed-quote': 'quote-error',
  'text-after-quote': 'quote-error',
  'lost-quote': 'quote-error',
  'stray-line-end': 'quote-error',
  'record-too-long': 'size-error',
  'header-again': 'table-error',
  'other-table': 'table-error',
};

/**
 * The row error of a stretch that could not be read as a record.
 * @param header the file's header, for the name of the column where reading failed
 */
export function describeBroken(
  record: BrokenRecord,
  header: readonly string[],
  rawText: string,
  limits: { maxRecordBytes: number },
): RowError {
  const swallowed = record.lineEnd - record.line + 1;
  const name = header[record.columnIndex - 1] ?? '';
  return {
    row: record.row,
    line: record.line,
    ...(swallowed > 1 ? { lineEnd: record.lineEnd } : {}),
    column: { index: record.columnIndex, name },
    code: CODES[record.reason],
    value: cutValue(rawText),
    message: `${explain(record, limits)}${swallowed > 1 ? ` Lines ${record.line} to ${record.lineEnd} (${swallowed} lines) are rejected as one record.` : ''}`,
  };
}

function explain(record: BrokenRecord, limits: { maxRecordBytes: number }): string {
  switch (record.reason) {
    case 'unclosed-quote':
      return 'A quote opens a cell here and is never closed. Close it, or double it if it is part of the text.';
    case 'text-after-quote':
      return 'Text follows the closing quote of a cell. Double each quote that is part of the text.';
    case 'lost-quote':
      return 'A quote stands in a cell that does not begin with one. The opening quote or a delimiter seems to be lost. Put it back, or quote the whole cell and double the quotes that are part of the text.';
    case 'stray-line-end':
      return 'A line end stands in a cell without quotes. It is not the line end of the rest of the file, and with it the record has the width of the header. Remove it, or put the cell in quotes.';
    case 'header-again':
      return 'This is the header again. What follows it further down is another table: send it as a file of its own. If it only begins another page of this table, send the file with repeatedHeader=skip.';
    case 'other-table':
      return 'This line looks like the header of another table: it stands below a blank line or a total, or has the names of the header in another order. Send that table as a file of its own. If the line is a record, remove the blank line or the total above it.';
    case 'record-too-long':
      return `The record is longer than ${limits.maxRecordBytes} bytes (SLUICE_MAX_RECORD_BYTES).`;
  }
}
