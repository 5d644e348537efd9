// Table Schema's `pattern` is an XML Schema regular expression over the whole value. JavaScript's `u` expressions read
// most of it the same way; what they read differently is translated or refused.

/** `(a+)+`, `([a-z]*)*`, `(.+){2,}`: a repeated group of one repeated atom takes exponential time on a text that nearly fits. */
const NESTED_REPEAT =
  /\((?:\?:)?(?:\\.|\[(?:\\.|[^\]\\])*\]|[^()[\]\\*+?{}|])(?:[*+]|\{\d+,\d*\})\)(?:[*+]|\{\d+,\})/u;
/** XML Schema's name classes, block escapes and class subtraction. */
const ONLY_XML_SCHEMA = /\\[icIC]|\\[pP]\{Is|\[[^\]]*-\[/u;
/** An escaped punctuation mark that means itself in XML Schema and that a `u` expression refuses (`\-`, `\@`). */
const NEEDLESS_ESCAPE = /\\([\s\S])/gu;
const KNOWN_ESCAPE = /[A-Za-z0-9^$\\.*+?()[\]{}|/]/;

/**
 * Compiles a pattern, anchored at both ends. `\d`, `\w`, `\s` mean ASCII as in JavaScript.
 * @throws Error whose message ends the sentence "pattern …"
 */
export function compilePattern(pattern: string): RegExp {
  if (ONLY_XML_SCHEMA.test(pattern))
    throw new Error('uses \\i, \\c, \\p{Is…} or class subtraction, which are not supported');
  if (NESTED_REPEAT.test(pattern))
    throw new Error('repeats a group that only repeats; such a pattern can take forever');
  const source = pattern.replace(NEEDLESS_ESCAPE, (escape, char: string) =>
    KNOWN_ESCAPE.test(char) ? escape : `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
  try {
    return new RegExp(`^(?:${source})$`, 'u');
  } catch (error) {
    throw new Error(`is not a regular expression (${(error as Error).message})`, { cause: error });
  }
}
