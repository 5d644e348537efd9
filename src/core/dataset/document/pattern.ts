// Table Schema's `pattern` is an XML Schema regular expression over the whole value. JavaScript's `u` expressions read
// most of it the same way; what they read differently is translated or refused.
import { compileLinear } from './linear-pattern.ts';
import { isQuick } from './pattern-cost.ts';
import { parsePattern } from './pattern-tree.ts';

/** XML Schema's name classes, block escapes and class subtraction. */
const ONLY_XML_SCHEMA = /\\[icIC]|\\[pP]\{Is|\[[^\]]*-\[/u;
/** An escaped punctuation mark that means itself in XML Schema and that a `u` expression refuses (`\-`, `\@`). */
const NEEDLESS_ESCAPE = /\\([\s\S])/gu;
const KNOWN_ESCAPE = /[A-Za-z0-9^$\\.*+?()[\]{}|/]/;

/**
 * Compiles a pattern into a test of whole texts that takes time in proportion to their length: JavaScript's engine where it is known to,
 * else RE2. `\d`, `\w`, `\s` mean what they mean in JavaScript.
 * @throws Error whose message ends the sentence "pattern …"
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  if (ONLY_XML_SCHEMA.test(pattern))
    throw new Error('uses \\i, \\c, \\p{Is…} or class subtraction, which are not supported');
  const source = pattern.replace(NEEDLESS_ESCAPE, (escape, char: string) =>
    KNOWN_ESCAPE.test(char) ? escape : `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
  const expression = compileHere(source);
  const tree = parsePattern(source);
  return isQuick(tree) ? (text) => expression.test(text) : compileLinear(tree);
}

function compileHere(source: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`, 'u');
  } catch (error) {
    throw new Error(`is not a regular expression (${(error as Error).message})`, { cause: error });
  }
}
