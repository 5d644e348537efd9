// The same bytes may be another file with one damage. The last cell of this record was cut, and its lines stand there without the quote:
//
//   Ann,"Springfield
//   red,size 9
//   Main St,the en
//
// But so does a record `Ann,"Springfield"` that lost its closing quote, above the two good records `red,size 9` and `Main St,the en`. If these were
// rejected, good records would be lost in that file; nothing in the bytes tells the two apart.
import { grammarOf, readShape, type Grammar } from '../../../src/core/csv/grammar.ts';
import { readCells } from '../../../src/core/csv/records/read-cells.ts';
import type { PollutedFile } from './polluted-files.ts';

/**
 * Whether a damaged record reads as sound records, all of which landed, with one among them that is a quote away from a sound one.
 * @param landed rows that are none of the file's records
 */
export function hasOtherTruth(
  { damaged, delimiter, header }: Pick<PollutedFile, 'damaged' | 'delimiter' | 'header'>,
  landed: readonly string[],
): boolean {
  const grammar = grammarOf({ delimiter });
  const isRecord = (text: string): boolean => isSound(text, header.length, grammar);
  return damaged.some((text) => {
    const lines = text.split(/(?<=\n)/);
    for (let from = 0; from < lines.length; from++)
      for (let to = from + 1; to <= lines.length; to++) {
        const [above, below] = [lines.slice(0, from), lines.slice(to)].map(
          (part) => recordsOf(part, isRecord, grammar) ?? ['none'],
        );
        const own = lines.slice(from, to).join('');
        // A record of the header's width lands as it stands, with a quote more.
        const literal = isSound(own, header.length, grammar, true)
          ? [JSON.stringify(cellsOf(own, grammar))]
          : [];
        const readings = [[], literal].map((rows) => JSON.stringify([...above!, ...rows, ...below!]));
        if (readings.includes(JSON.stringify(landed)) && isOneQuoteAway(own, isRecord)) return true;
      }
    return false;
  });
}

/** The rows of lines that are sound records; undefined: they are not. */
function recordsOf(
  lines: readonly string[],
  isRecord: (text: string) => boolean,
  grammar: Grammar,
): string[] | undefined {
  const rows: string[] = [];
  for (let at = 0; at < lines.length;) {
    let to = at + 1;
    while (to <= lines.length && !isRecord(lines.slice(at, to).join(''))) to++;
    if (to > lines.length) return undefined;
    rows.push(JSON.stringify(cellsOf(lines.slice(at, to).join(''), grammar)));
    at = to;
  }
  return rows;
}

function cellsOf(line: string, grammar: Grammar): readonly string[] {
  const bytes = Buffer.from(line);
  return readCells(bytes, 0, bytes.length, grammar).cells;
}

/** Without a line end, or with its own; no quote in it is stray, unless it may be. */
function isSound(record: string, columns: number, grammar: Grammar, mayBeStray = false): boolean {
  const bytes = Buffer.from(record.replace(/\r?\n$/, ''));
  const shape = readShape(bytes, 0, bytes.length, grammar);
  return shape.problem === 'cut' && shape.columns === columns && (mayBeStray || !shape.strayQuote);
}

function isOneQuoteAway(head: string, isRecord: (text: string) => boolean): boolean {
  const text = head.replace(/\r?\n$/, '');
  for (let at = 0; at <= text.length; at++) {
    if (isRecord(`${text.slice(0, at)}"${text.slice(at)}`)) return true;
    if (text[at] === '"' && isRecord(text.slice(0, at) + text.slice(at + 1))) return true;
  }
  return false;
}
