import { CR, grammarOf, readShape } from './grammar.ts';
import type { Dialect, LineEnd } from './types.ts';

/** How the records of this text end; undefined when there is one only. */
export function findLineEnd(text: Buffer, dialect: Dialect): LineEnd | undefined {
  const grammar = grammarOf(dialect);
  let found: LineEnd | undefined;
  for (let at = 0; at < text.length;) {
    const { end, next } = readShape(text, at, text.length, grammar);
    // A CR at the very end may be half a CRLF.
    if (next === end || (next === text.length && text[end] === CR)) return found;
    const style = next - end === 2 ? 'crlf' : text[end] === CR ? 'cr' : 'lf';
    if (found !== undefined && found !== style) return 'mixed';
    found = style;
    at = next;
  }
  return found;
}
