// Lines right below a header that are no records: units, dashes, the questions of a survey.
import { AppError } from '../../../errors.ts';
import { counted } from '../../counted.ts';
import { isNumberText } from '../chunks/likeness.ts';
import { grammarOf, readShape } from '../grammar.ts';
import { readCells } from '../records/read-cells.ts';
import { LineCounter } from '../text/line-counter.ts';
import { fullDialect } from './dialect-options.ts';
import { isRuleLine } from './rule-line.ts';
import { mayBeQuestions, surveyLines } from './survey-questions.ts';
import type { Dialect } from '../types.ts';

const MAX_LOOKED_AT = 50;
const MOST_LINES = 3;
/** Records below show what a column holds; where only one column has numbers, more of them must. */
const MIN_RECORDS = 4;
const MIN_RECORDS_OF_ONE = 10;

interface Place {
  readonly endByte: number;
  readonly endLine: number;
}

/** Behind so many records below the header, blank lines not counted. @throws AppError FILE_HEADER_ONLY when there are no more */
export function skipRecords(
  head: Buffer,
  { endByte, endLine }: Place,
  count: number,
  dialect: Dialect,
): Place {
  const grammar = grammarOf(dialect);
  let at = endByte;
  for (let skipped = 0; skipped < count;) {
    const { end, next } = readShape(head, at, head.length, grammar);
    if (next === at)
      throw new AppError(
        'FILE_HEADER_ONLY',
        `The first ${head.length} bytes of the file hold ${counted(skipped, 'record')} below the header; skipAfterHeader=${count} skips more. Send a smaller skipAfterHeader.`,
      );
    if (end > at) skipped++;
    at = next;
  }
  const lines = new LineCounter();
  lines.push(head.subarray(endByte, at));
  return { endByte: at, endLine: endLine + lines.line - 1 };
}

/**
 * @param body the file below its header
 * @param isText whether a column feeds a field that takes any text; in another one the text is an error by itself
 * @throws AppError FILE_DIALECT when the first records have text in each column where the records below have numbers, or are the
 *   questions of a survey, or where the first one is a line of dashes
 */
export function askAboutFirstRecords(
  body: Buffer,
  header: readonly string[],
  isText: (column: number) => boolean,
  dialect: Dialect,
): void {
  const columns = header.length;
  const records = firstRecords(body, columns, isText, dialect);
  const isDrawn = mayBeQuestions(records[0] ?? [], isText) && isRuleLine(header, records);
  const lines = isDrawn ? 1 : undeclaredLines(header, records, isText);
  if (lines === undefined) return;
  const likeWhat = isDrawn
    ? 'is a line of dashes, as some programs draw it there'
    : `${lines === 1 ? 'looks' : 'look'} like units, types, or the questions of a survey`;
  throw new AppError(
    'FILE_DIALECT',
    `The first ${lines === 1 ? 'line' : `${lines} lines`} below the header ${likeWhat}. Send the file with skipAfterHeader=${lines} to skip ${lines === 1 ? 'it' : 'them'}, or with skipAfterHeader=0 if ${lines === 1 ? 'it is a record' : 'they are records'}.`,
    {
      candidates: [lines, 0].map((skipAfterHeader) => ({
        ...fullDialect(dialect),
        skipAfterHeader,
        confidence: 0.5,
        columns,
        firstRecord: records[skipAfterHeader] ?? [],
      })),
    },
  );
}

/** How many of the first records are none; undefined: nothing shows that. */
function undeclaredLines(
  header: readonly string[],
  records: readonly (readonly string[])[],
  isText: (column: number) => boolean,
): number | undefined {
  return (
    [MOST_LINES, 2, 1].find((count) => areNoRecords(records, count, header.length, isText)) ??
    surveyLines(header, records, isText)
  );
}

/** As many as it takes to tell: of nearly all files a few, for a column that has texts above and below is no sign of anything. */
function firstRecords(
  body: Buffer,
  columns: number,
  isText: (column: number) => boolean,
  dialect: Dialect,
): (readonly string[])[] {
  const grammar = grammarOf(dialect);
  const records: (readonly string[])[] = [];
  /** Columns with a text in the first record, and so far with none below. */
  let suspects: number[] = [];
  for (let at = 0; at < body.length && records.length < MAX_LOOKED_AT;) {
    const { cells, end, next, problem } = readCells(body, at, body.length, grammar);
    if (problem !== undefined) break;
    const isRecord = end > at && cells.length === columns;
    at = next;
    if (!isRecord) continue;
    const isNumber = (column: number): boolean => cells[column] === '' || isNumberText(cells[column]!);
    if (records.length === 0)
      suspects = [...cells.keys()].filter((column) => isText(column) && !isNumber(column));
    else if (records.length >= MOST_LINES) suspects = suspects.filter(isNumber);
    records.push(cells);
    if (records.length > MOST_LINES && suspects.length === 0 && !mayBeQuestions(records[0]!, isText)) break;
  }
  return records;
}

function areNoRecords(
  records: readonly (readonly string[])[],
  count: number,
  columns: number,
  isText: (column: number) => boolean,
): boolean {
  const below = records.slice(count);
  const numbers = Array.from({ length: columns }, (_, column) => column).filter((column) => {
    const filled = below.map((cells) => cells[column]!).filter((cell) => cell !== '');
    return filled.length >= MIN_RECORDS && filled.every(isNumberText);
  });
  if (below.length < (numbers.length === 1 ? MIN_RECORDS_OF_ONE : MIN_RECORDS)) return false;
  return records.slice(0, count).every((cells) => {
    const filled = numbers.filter((column) => cells[column] !== '');
    return filled.length > 0 && filled.every((column) => isText(column) && !isNumberText(cells[column]!));
  });
}
