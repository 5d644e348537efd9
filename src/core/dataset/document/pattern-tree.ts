// A regular expression as a tree. It reads only what JavaScript has taken as a `u` expression, so it checks nothing again.

export type PatternNode =
  /** Matches one character: a class, `.`, `\d`, `\u{…}` or a character that means itself. */
  | { readonly kind: 'character'; readonly source: string }
  /** `^`, `$`, `\b` or `\B`. */
  | { readonly kind: 'assertion'; readonly source: string }
  | { readonly kind: 'look'; readonly source: string; readonly body: PatternNode }
  /** `\1` or `\k<name>`. */
  | { readonly kind: 'reference'; readonly source: string }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly items: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly source: string;
      readonly body: PatternNode;
      readonly least: number;
      readonly most: number;
    };

const QUANTIFIER = /(?:([*+?])|\{(\d+)(,)?(\d*)\})\??/y;
const ESCAPE =
  /\\(?:[pP]\{[^}]*\}|u\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}(?:\\u[dD][c-fC-F][0-9A-Fa-f]{2})?|x[0-9A-Fa-f]{2}|c[A-Za-z]|k<[^>]*>|[1-9]\d*|[\s\S])/uy;
const CLASS = /\[(?:\\[\s\S]|[^\]\\])*\]/uy;
const GROUP = /\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?/y;

export function parsePattern(source: string): PatternNode {
  let at = 0;

  const take = (expression: RegExp): RegExpExecArray | undefined => {
    expression.lastIndex = at;
    const found = expression.exec(source);
    if (found === null) return undefined;
    at += found[0].length;
    return found;
  };

  const readChoice = (): PatternNode => {
    const items = [readSequence()];
    while (source[at] === '|') {
      at++;
      items.push(readSequence());
    }
    return items.length === 1 ? items[0]! : { kind: 'choice', items };
  };

  const readSequence = (): PatternNode => {
    const items: PatternNode[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') items.push(readRepeated());
    return items.length === 1 ? items[0]! : { kind: 'sequence', items };
  };

  const readRepeated = (): PatternNode => {
    const start = at;
    const body = readAtom();
    const found = take(QUANTIFIER);
    if (found === undefined) return body;
    const [, sign, least, comma, most] = found;
    const [low, high] =
      sign === undefined
        ? [Number(least), comma === undefined ? Number(least) : most === '' ? Infinity : Number(most)]
        : [sign === '+' ? 1 : 0, sign === '?' ? 1 : Infinity];
    return { kind: 'repeat', source: source.slice(start, at), body, least: low, most: high };
  };

  const readAtom = (): PatternNode => {
    const start = at;
    const open = take(GROUP)?.[0];
    if (open !== undefined) {
      const body = readChoice();
      at++;
      return /^\(\?<?[=!]/.test(open) ? { kind: 'look', source: source.slice(start, at), body } : body;
    }
    const text = (take(ESCAPE) ?? take(CLASS))?.[0];
    if (text === undefined) {
      const char = String.fromCodePoint(source.codePointAt(at)!);
      at += char.length;
      return { kind: char === '^' || char === '$' ? 'assertion' : 'character', source: char };
    }
    if (/^\\[bB]$/.test(text)) return { kind: 'assertion', source: text };
    return { kind: /^\\(?:[1-9]|k)/.test(text) ? 'reference' : 'character', source: text };
  };

  return readChoice();
}
