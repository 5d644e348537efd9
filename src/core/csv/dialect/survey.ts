// What the first records below a header look like, for questions that are asked once for the file.
import { afterLineEnd, grammarOf, nextLineEnd, readShape, SPACE } from '../grammar.ts';
import { readCells } from '../records/read-cells.ts';
import type { Dialect } from '../types.ts';

const MAX_RECORDS = 500;
const FILLED = 1;
const PADDED = 2;

export interface Survey {
  /** Records looked at that can be read. */
  readonly records: number;
  /** The width that all of them have; undefined: they differ, or there are none. */
  readonly width: number | undefined;
  /** Per column: cells that are not empty, and those that begin with a blank outside of quotes. */
  readonly filled: readonly number[];
  readonly padded: readonly number[];
  /** Cells of the first one. */
  readonly first: readonly string[];
}

/**
 * @param body the file from its first record on
 * @param isWhole it is all of the file; otherwise its last record is cut and not looked at
 */
export function surveyRecords(body: Buffer, isWhole: boolean, dialect: Dialect): Survey {
  const grammar = grammarOf(dialect);
  const filled: number[] = [];
  const padded: number[] = [];
  let records = 0;
  let width: number | undefined;
  let differ = false;
  let first: readonly string[] = [];
  /** Of the record being read, per column. */
  const marks: number[] = [];
  let column = 0;
  const mark = (start: number, end: number, quoted: boolean): void => {
    const isPadded = !quoted && body[start] === SPACE;
    marks[column++] = end === start ? 0 : isPadded ? FILLED | PADDED : FILLED;
  };
  for (let at = 0; at < body.length && records < MAX_RECORDS;) {
    column = 0;
    const shape = readShape(body, at, body.length, grammar, mark);
    if (shape.problem === 'open-quote' || (shape.problem === 'cut' && !isWhole)) break;
    if (shape.problem === 'text-after-quote') {
      at = afterLineEnd(body, nextLineEnd(body, at, body.length), body.length);
      continue;
    }
    if (shape.end > at) {
      if (records++ === 0) first = readCells(body, at, body.length, grammar).cells;
      width ??= shape.columns;
      differ ||= width !== shape.columns;
      for (let each = 0; each < column; each++) {
        filled[each] = (filled[each] ?? 0) + (marks[each]! & FILLED);
        padded[each] = (padded[each] ?? 0) + (marks[each]! >> 1);
      }
    }
    at = shape.next;
  }
  return { records, width: differ ? undefined : width, filled, padded, first };
}
