import { type Grammar, NO_BYTE, readShape, type RecordShape } from '../grammar.ts';

/**
 * Reads the record that begins at `from`, and its cells as text; of a broken record those before the break. In the text of a database
 * the escapes stay as they are written: header and samples seldom have any.
 */
export function readCells(
  bytes: Buffer,
  from: number,
  to: number,
  grammar: Grammar,
): RecordShape & { readonly cells: readonly string[] } {
  const cells: string[] = [];
  const shape = readShape(bytes, from, to, grammar, (start, end, quoted) => {
    const text = bytes.toString('utf8', start, end);
    cells.push(quoted && !grammar.escapesAll ? unescape(text, grammar) : text);
  });
  return { ...shape, cells };
}

function unescape(text: string, { quote, escape }: Grammar): string {
  const mark = String.fromCharCode(quote);
  if (escape === NO_BYTE) return text.replaceAll(mark + mark, mark);
  const before = String.fromCharCode(escape);
  let plain = '';
  for (let at = 0; at < text.length; at++) {
    if (text[at] === before && (text[at + 1] === mark || text[at + 1] === before)) at++;
    plain += text[at];
  }
  return plain;
}
