// Where the table of a file begins that belongs to no dataset: titles and notes may stand above its header, and their blanks and commas say
// nothing of its delimiter.
import { afterLineEnd, grammarOf, nextLineEnd, readShape } from '../grammar.ts';
import { isNumberText } from '../chunks/likeness.ts';
import { readCells } from '../records/read-cells.ts';
import type { Delimiter } from '../types.ts';

const MAX_LINES = 50;
/** Looked for if the sender says none. */
const DELIMITERS: readonly Delimiter[] = [';', '\t', ',', '|'];
/** Records of the header's width right below it show that it is one. */
const ENOUGH_RECORDS = 2;

/** A header, and how many lines stand above it. */
export interface FoundTable {
  readonly delimiter: Delimiter;
  readonly linesAbove: number;
}

/**
 * The first line below others that reads as a header: names that differ, and records of the same width below it.
 * @param body the file from the first line on that may be the header
 * @param given the delimiter, if the sender says it
 * @returns undefined: there is none, or the first line has the same width and may be the header itself
 */
export function findTableBelow(
  body: Buffer,
  isHeader: (cells: readonly string[]) => boolean,
  given?: Delimiter,
): FoundTable | undefined {
  let at = 0;
  for (let line = 0; line < MAX_LINES && at < body.length; line++) {
    const end = nextLineEnd(body, at, body.length);
    for (const delimiter of given === undefined ? DELIMITERS : [given]) {
      const grammar = grammarOf({ delimiter });
      const { cells } = readCells(body, at, end, grammar);
      const isNames = isHeader(cells) && !cells.some((cell) => isNumberText(cell.trim()));
      if (!isNames || !hasRecords(body, afterLineEnd(body, end, body.length), cells.length, delimiter))
        continue;
      const first = readShape(body, 0, nextLineEnd(body, 0, body.length), grammar);
      return first.columns === cells.length ? undefined : { delimiter, linesAbove: line };
    }
    at = afterLineEnd(body, end, body.length);
  }
  return undefined;
}

function hasRecords(body: Buffer, from: number, columns: number, delimiter: Delimiter): boolean {
  const grammar = grammarOf({ delimiter });
  let at = from;
  for (let records = 0; records < ENOUGH_RECORDS; records++) {
    const shape = readShape(body, at, body.length, grammar);
    if (shape.end === at || shape.columns !== columns) return false;
    if (shape.problem !== undefined && shape.problem !== 'cut') return false;
    at = shape.next;
  }
  return true;
}
