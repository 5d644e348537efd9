// What the lines from a place on read as, one record after the other: the evidence for where a record begins, and whether lines are records.
import {
  afterLineEnd,
  closingQuote,
  countQuotes,
  type Grammar,
  isDelimiter,
  nextLineEnd,
  NO_BYTE,
  readShape,
  type RecordShape,
} from '../grammar.ts';
import { behindMarks } from '../text/record-marks.ts';

/** So many are looked at. */
export const MAX_RECORDS = 32;

/** Up to `most` records from `from` on, blank lines left out; below a broken one the next line is tried. */
export function* shapesFrom(
  bytes: Buffer,
  from: number,
  grammar: Grammar,
  most = MAX_RECORDS,
): Generator<RecordShape> {
  const to = bytes.length;
  for (let at = from, records = 0; at < to && records < most;) {
    const shape = readShape(bytes, at, to, grammar);
    if (shape.end > at) {
      records++;
      yield shape;
    }
    at = isBroken(shape) ? afterLineEnd(bytes, nextLineEnd(bytes, at, to), to) : shape.next;
  }
}

/** Whether nearly all lines between two places read as records of this width; of a few it is not said. */
export function areRecords(
  bytes: Buffer,
  from: number,
  to: number,
  columns: number,
  grammar: Grammar,
  {
    atLeast,
    most = MAX_RECORDS,
    misfits,
  }: { readonly atLeast: number; readonly most?: number; readonly misfits: number } = {
    atLeast: 4,
    misfits: 4,
  },
): boolean {
  let looked = 0;
  let fitting = 0;
  for (const shape of shapesFrom(bytes.subarray(0, to), from, grammar, most)) {
    looked++;
    if (shape.columns === columns && !shape.spacedCell && !shape.strayQuote && !isBroken(shape)) fitting++;
  }
  return looked >= atLeast && (looked - fitting) * misfits <= looked;
}

/** Whether a sound record of this width among those from `from` on has a cell that begins with a space. */
export function hasSpacedRecord(bytes: Buffer, from: number, columns: number, grammar: Grammar): boolean {
  for (const shape of shapesFrom(bytes, from, grammar))
    if (shape.columns === columns && shape.spacedCell && !shape.strayQuote && !isBroken(shape)) return true;
  return false;
}

export function lineAt(bytes: Buffer, from: number): Buffer {
  return bytes.subarray(from, nextLineEnd(bytes, from, bytes.length));
}

export function isBroken(shape: RecordShape): boolean {
  return shape.problem === 'text-after-quote' || shape.problem === 'open-quote';
}

export function hasEvenQuotes(line: Buffer, grammar: Grammar): boolean {
  return countQuotes(line, 0, line.length, grammar) % 2 === 0;
}

/** Columns of a line when a quoted cell that does not end well within it is taken literally. */
export function literalWidth(line: Buffer, grammar: Grammar): number {
  let columns = 1;
  for (let at = behindMarks(line, 0, line.length, grammar.markLeads); at < line.length; at++) {
    if (line[at] === grammar.quote) {
      const close = closingQuote(line, at, line.length, grammar);
      if (close !== -1 && (close + 1 === line.length || isDelimiter(line, close + 1, grammar)))
        at = close + 1;
    }
    while (at < line.length && !isDelimiter(line, at, grammar)) at++;
    if (at < line.length) columns++;
    if (grammar.delimiter2 !== NO_BYTE) at++;
  }
  return columns;
}

/** A cell behind the first one begins with a blank, as prose has it. */
export function hasSpacedCell(bytes: Buffer, from: number, to: number, grammar: Grammar): boolean {
  return readShape(bytes, from, to, grammar).spacedCell;
}

/** In what follows the last quote of the line, or in all of it. */
export function hasSpacedTail(bytes: Buffer, from: number, to: number, grammar: Grammar): boolean {
  return hasSpacedCell(bytes, Math.max(from, bytes.lastIndexOf(grammar.quote, to - 1) + 1), to, grammar);
}
