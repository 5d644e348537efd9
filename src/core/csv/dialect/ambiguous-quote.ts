// A quote inside an unquoted cell is text. But where a delimiter was lost before a quoted cell (`Boots"black, size 9",4` for
// `Boots,"black, size 9",4`), the delimiters in that cell now seem to end cells, and the record may have the header's width by
// chance. Its cells would be wrong without a word, so a record that reads just as well the other way is not believed.
import { closingQuote, type Grammar, isDelimiter, NO_BYTE, readShape } from '../grammar.ts';

/**
 * Looks for a quote inside an unquoted cell that could open a quoted one: text follows it, and the quote that closes this
 * text stands behind a delimiter, right before another one or the record's end.
 * @returns the column (from 1) where such a quote stands, or 0
 */
export function findAmbiguousQuote(bytes: Buffer, from: number, to: number, grammar: Grammar): number {
  const record = bytes.subarray(0, to);
  let column = 0;
  let found = 0;
  const closing = closingQuotes(record, grammar);
  readShape(record, from, to, grammar, (start, end, quoted) => {
    column++;
    if (!quoted && found === 0 && opensCell(record, start, end, grammar, closing)) found = column;
  });
  return found;
}

/**
 * `closingQuote` for quotes that are asked for in their order. Where quotes are escaped, a quote that the last search passed over has
 * the same closing quote: else each of them would be searched from to the record's end.
 */
function closingQuotes(record: Buffer, grammar: Grammar): (open: number) => number {
  let passed = -1;
  let close = -1;
  return (open) => {
    if (grammar.escape === NO_BYTE || open >= passed) {
      close = closingQuote(record, open, record.length, grammar);
      passed = close === -1 ? record.length : close;
    }
    return close;
  };
}

function opensCell(
  record: Buffer,
  start: number,
  end: number,
  grammar: Grammar,
  closing: (open: number) => number,
): boolean {
  const { quote } = grammar;
  for (let at = start + 1; at < end - 1; at++) {
    if (record[at] !== quote) continue;
    // Of quotes side by side only the first can open; so each closing quote is looked for once.
    if (record[at - 1] === quote) continue;
    const close = closing(at);
    if (close <= end || isDelimiterBefore(record, close, grammar)) continue;
    if (close + 1 === record.length || isDelimiter(record, close + 1, grammar)) return true;
  }
  return false;
}

function isDelimiterBefore(record: Buffer, at: number, grammar: Grammar): boolean {
  return isDelimiter(record, at - (grammar.delimiter2 === NO_BYTE ? 1 : 2), grammar);
}
