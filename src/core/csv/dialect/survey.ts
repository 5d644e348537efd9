// What the first records below a header look like, for questions that are asked once for the file.
import { afterLineEnd, grammarOf, nextLineEnd, readShape, SPACE } from '../grammar.ts';
import { readCells } from '../records/read-cells.ts';
import type { Dialect } from '../types.ts';

const MAX_RECORDS = 500;

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
  for (let at = 0; at < body.length && records < MAX_RECORDS;) {
    const cells: [filled: boolean, padded: boolean][] = [];
    const shape = readShape(body, at, body.length, grammar, (start, end, quoted) =>
      cells.push([end > start, !quoted && end > start && body[start] === SPACE]),
    );
    if (shape.problem === 'open-quote' || (shape.problem === 'cut' && !isWhole)) break;
    if (shape.problem === 'text-after-quote') {
      at = afterLineEnd(body, nextLineEnd(body, at, body.length), body.length);
      continue;
    }
    if (shape.end > at) {
      if (records++ === 0) first = readCells(body, at, body.length, grammar).cells;
      width ??= shape.columns;
      differ ||= width !== shape.columns;
      for (const [column, [isFilled, isPadded]] of cells.entries()) {
        filled[column] = (filled[column] ?? 0) + Number(isFilled);
        padded[column] = (padded[column] ?? 0) + Number(isPadded);
      }
    }
    at = shape.next;
  }
  return { records, width: differ ? undefined : width, filled, padded, first };
}
