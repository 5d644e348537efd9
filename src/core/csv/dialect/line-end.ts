import { CR, grammarOf, isLineEnd, readShape } from '../grammar.ts';
import type { Dialect, LineEnd } from '../types.ts';

/** How the records of this text end; undefined when there is one only. */
export function findLineEnd(text: Buffer, dialect: Dialect): LineEnd | undefined {
  const grammar = grammarOf(dialect);
  let found: LineEnd | undefined;
  for (let at = 0; at < text.length;) {
    const { next } = readShape(text, at, text.length, grammar);
    const last = text[next - 1];
    // A record that is broken does not end; a CR at the very end may be half a CRLF.
    if (!isLineEnd(last) || (next === text.length && last === CR)) return found;
    const style = last === CR ? 'cr' : text[next - 2] === CR ? 'crlf' : 'lf';
    if (found !== undefined && found !== style) return 'mixed';
    found = style;
    at = next;
  }
  return found;
}
