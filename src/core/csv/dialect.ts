import Papa from 'papaparse';
import { AppError } from '../../errors.ts';
import { afterLineEnd, grammarOf, nextLineEnd, readShape } from './grammar.ts';
import type { Delimiter, Dialect } from './types.ts';

export const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];
const MAX_RECORDS = 200;
/** How many records' worth of agreement the header has by itself. */
const HEADER_WEIGHT = 3;

const DELIMITER_NAMES = new Map<string, Delimiter>([
  [',', ','],
  ['comma', ','],
  [';', ';'],
  ['semicolon', ';'],
  ['|', '|'],
  ['pipe', '|'],
  ['\t', '\t'],
  ['\\t', '\t'],
  ['tab', '\t'],
]);

/** What a client may call a delimiter. @throws AppError INVALID_REQUEST */
export function parseDelimiter(option: string): Delimiter {
  const delimiter = DELIMITER_NAMES.get(option) ?? DELIMITER_NAMES.get(option.trim().toLowerCase());
  if (delimiter === undefined)
    throw new AppError(
      'INVALID_REQUEST',
      `"delimiter" must be one of , ; | tab (or comma, semicolon, pipe, \\t), not ${JSON.stringify(option.slice(0, 40))}.`,
      { parameter: 'delimiter' },
    );
  return delimiter;
}

export interface DetectedDialect extends Dialect {
  /** Share of the records looked at (0 to 1) that have the header's width; 0 when no delimiter divides the header. */
  readonly confidence: number;
}

interface Candidate {
  readonly delimiter: Delimiter;
  /** Of the header. */
  readonly columns: number;
  readonly confidence: number;
}

/**
 * The delimiter whose records agree best with the header's width; of equals the one with more columns, then papaparse's
 * guess. A header that no delimiter divides is one column, and read with commas.
 * @param head text from the file's first character on
 * @param isWhole the head is all of the file; otherwise its last record is cut and not looked at
 */
export function detectDialect(head: string, isWhole: boolean): DetectedDialect {
  const bytes = Buffer.from(head);
  const candidates = DELIMITERS.map((delimiter) => judge(bytes, isWhole, delimiter)).filter(
    ({ columns }) => columns > 1,
  );
  const most = Math.max(...candidates.map(({ confidence }) => confidence));
  const agreeing = candidates.filter(({ confidence }) => confidence === most);
  const widest = Math.max(...agreeing.map(({ columns }) => columns));
  const best = agreeing.filter(({ columns }) => columns === widest);
  if (best.length === 0) return { delimiter: ',', confidence: 0 };
  const guess = best.length > 1 ? Papa.parse(head, { preview: 10 }).meta.delimiter : undefined;
  const { delimiter, confidence } = best.find((candidate) => candidate.delimiter === guess) ?? best[0]!;
  return { delimiter, confidence };
}

function judge(bytes: Buffer, isWhole: boolean, delimiter: Delimiter): Candidate {
  let columns = 0;
  let records = 0;
  let agreeing = 0;
  for (let at = 0; at < bytes.length && records < MAX_RECORDS;) {
    const shape = readShape(bytes, at, bytes.length, grammarOf({ delimiter }));
    const isCut = shape.problem === 'cut' && !isWhole;
    if (shape.end > at && !isCut) {
      const weight = columns === 0 ? HEADER_WEIGHT : 1;
      if (columns === 0) columns = shape.columns;
      records += weight;
      if (shape.columns === columns && shape.problem !== 'text-after-quote') agreeing += weight;
    }
    const isBroken = shape.problem === 'text-after-quote' || shape.problem === 'open-quote';
    at = isBroken ? afterLineEnd(bytes, nextLineEnd(bytes, at, bytes.length), bytes.length) : shape.next;
    if (isCut) break;
  }
  return { delimiter, columns, confidence: records === 0 ? 0 : agreeing / records };
}
