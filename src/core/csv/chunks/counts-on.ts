// Records that are numbered: the first cell of each is the number that follows the one above.
import { type Grammar, isDelimiter } from '../grammar.ts';

const MAX_DIGITS = 15;

/** Whether the first cell at `at` is the number that follows the one at `from`. */
export function countsOn(bytes: Buffer, from: number, at: number, grammar: Grammar): boolean {
  const [before, own] = [from, at].map((start) => numberAt(bytes, start, grammar));
  return before !== undefined && own === before + 1;
}

/** A quote may stand before or behind it. */
function numberAt(bytes: Buffer, from: number, grammar: Grammar): number | undefined {
  const start = bytes[from] === grammar.quote ? from + 1 : from;
  let end = start;
  while (end - start < MAX_DIGITS && isDigit(bytes[end])) end++;
  const behind = bytes[end] === grammar.quote ? end + 1 : end;
  return end > start && isDelimiter(bytes, behind, grammar)
    ? Number(bytes.toString('latin1', start, end))
    : undefined;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
