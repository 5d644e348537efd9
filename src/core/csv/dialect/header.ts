import { AppError } from '../../../errors.ts';
import { CR, grammarOf, isLineEnd, readShape } from '../grammar.ts';
import type { Preamble } from './preamble.ts';
import { LineCounter } from '../text/line-counter.ts';
import { readCells } from '../records/read-cells.ts';
import { findAmbiguousQuote } from './ambiguous-quote.ts';
import type { Dialect } from '../types.ts';

export interface HeaderLimits {
  readonly maxHeaderBytes: number;
  readonly maxColumns: number;
}

export interface Header {
  readonly cells: readonly string[];
  /** Where the data begins. */
  readonly endByte: number;
  /** The physical line of the first data byte. */
  readonly endLine: number;
  /** Whether anything but line ends follows; undefined when the head ends before that is known. */
  readonly hasRecords: boolean | undefined;
}

/**
 * Reads the header: the first record, blank lines and comments above it skipped.
 * @param head the stored file's first bytes: more than `maxHeaderBytes` of them behind `from`, or all there are
 * @param isWhole the head is all of the file
 * @param from where to begin (core/csv/dialect/preamble.ts)
 * @throws AppError FILE_EMPTY, FILE_HEADER_TOO_LONG, FILE_HEADER_QUOTE, FILE_TOO_MANY_COLUMNS
 */
export function readHeader(
  head: Buffer,
  isWhole: boolean,
  dialect: Dialect,
  limits: HeaderLimits,
  from: Pick<Preamble, 'endByte' | 'endLine'> = { endByte: 0, endLine: 1 },
): Header {
  const grammar = grammarOf(dialect);
  let line = from.endLine;
  let start = from.endByte;
  for (;;) {
    const { end, next } = readShape(head, start, head.length, grammar);
    if (end > start || next === start) break;
    start = next;
    line++;
  }
  if (start === head.length && isWhole)
    throw new AppError(
      'FILE_EMPTY',
      `The file ${head.length === 0 ? 'is empty' : 'holds nothing but blank lines'}. Send one with a header and at least one record.`,
    );

  const bound = Math.min(head.length, start + limits.maxHeaderBytes + 2);
  const shape = readShape(head, start, bound, grammar);
  const isCut = bound < head.length || !isWhole;
  if (shape.problem === 'text-after-quote')
    throw new AppError(
      'FILE_HEADER_QUOTE',
      `Column ${shape.columns} of the header (line ${line}) has text after its closing quote. Double each quote that is part of a name, or remove it.`,
      { line, column: { index: shape.columns, name: '' } },
    );
  if (shape.problem === 'open-quote')
    throw new AppError(
      'FILE_HEADER_QUOTE',
      `Column ${shape.columns} of the header (line ${line}) opens a quote that is not closed within ${isCut ? `${limits.maxHeaderBytes} bytes` : 'the file'}. Close it, or remove it.`,
      { line, column: { index: shape.columns, name: '' } },
    );
  // A CR as the last byte at hand may be half a CRLF.
  const isUnended = shape.next === shape.end || (shape.next === bound && head[bound - 1] === CR);
  if (shape.end - start > limits.maxHeaderBytes || (isCut && isUnended))
    throw new AppError(
      'FILE_HEADER_TOO_LONG',
      `The header (line ${line}) is longer than ${limits.maxHeaderBytes} bytes (SLUICE_MAX_HEADER_BYTES). Is the file a CSV file?`,
      { line, limitBytes: limits.maxHeaderBytes },
    );
  if (shape.columns > limits.maxColumns) throw tooManyColumns('The header', shape.columns, limits.maxColumns);

  if (shape.strayQuote && findAmbiguousQuote(head, start, shape.end, grammar) > 0)
    throw new AppError(
      'FILE_HEADER_QUOTE',
      `The header (line ${line}) has a quote inside a column name. A delimiter seems to be missing before it. Add the delimiter, or remove the quote.`,
      { line, column: { index: findAmbiguousQuote(head, start, shape.end, grammar), name: '' } },
    );
  const { cells } = readCells(head, start, shape.end, grammar);
  const lines = new LineCounter();
  lines.push(head.subarray(start, shape.next));
  const endLine = line + lines.line - 1;
  const hasRecords = holdsRecords(head.subarray(shape.next)) || (isWhole ? false : undefined);
  return { cells, endByte: shape.next, endLine, hasRecords };
}

export function tooManyColumns(what: string, columns: number, limit: number): AppError {
  return new AppError(
    'FILE_TOO_MANY_COLUMNS',
    `${what} has ${columns} columns; the limit is ${limit} (SLUICE_MAX_COLUMNS).`,
    { columns, limit },
  );
}

/** Whether bytes behind the header hold anything but line ends, and so a record; or a line end, where a blank line is one. */
export function holdsRecords(bytes: Buffer, { blankLines }: Pick<Dialect, 'blankLines'> = {}): boolean {
  if (blankLines === 'null') return bytes.length > 0;
  return bytes.some((byte) => !isLineEnd(byte));
}
