// Patterns for RE2, an engine that goes through the text once, whatever the pattern; slower than JavaScript's where both are quick.
// What one character matches is asked of JavaScript, character by character, and handed on as ranges: so both mean the same.
import { RE2JS } from 're2js';
import type { PatternNode } from './pattern-tree.ts';

/** RE2 takes no more. */
const MOST_REPEATS = 1000;

/** @throws Error whose message ends the sentence "pattern …" and names the part that no engine runs in bounded time */
export function compileLinear(pattern: PatternNode): (text: string) => boolean {
  const source = `\\A(?:${translate(pattern)})\\z`;
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(source);
  } catch (error) {
    throw new Error(
      'repeats too much to be run in bounded time; write fewer or smaller repeats, or say how long a text may be with minLength and maxLength',
      { cause: error },
    );
  }
  return (text) => expression.test(text);
}

function translate(node: PatternNode): string {
  switch (node.kind) {
    case 'character':
      return rangesOf(node.source);
    case 'assertion':
      return node.source === '^' ? '\\A' : node.source === '$' ? '\\z' : node.source;
    case 'look':
    case 'reference':
      throw new Error(
        `can take forever on some texts because of ${node.source} beside its other repeats; write it without ${node.kind === 'look' ? 'looking ahead or behind' : 'a reference to a group'}, or with at most one part that repeats without a bound`,
      );
    case 'sequence':
      return node.items.map(translate).join('');
    case 'choice':
      return `(?:${node.items.map(translate).join('|')})`;
    case 'repeat':
      return translateRepeat(node);
  }
}

function translateRepeat({ source, body, least, most }: PatternNode & { kind: 'repeat' }): string {
  if (least > MOST_REPEATS || (most > MOST_REPEATS && most !== Infinity))
    throw new Error(
      `repeats more than ${MOST_REPEATS} times in ${source}, beside its other repeats; write + or *, and say how long a text may be with maxLength`,
    );
  const times = most === Infinity ? `{${least},}` : `{${least},${most}}`;
  return `(?:${translate(body)})${times}`;
}

const SURROGATES = { first: 0xd800, last: 0xdfff };
const LAST_CODE_POINT = 0x10ffff;
const known = new Map<string, string>();
let everyCharacter: string | undefined;

/** What `source` matches, as a class of RE2. Kept, for it asks all of Unicode. */
function rangesOf(source: string): string {
  if (source !== '.' && [...source].length === 1) return `\\x{${source.codePointAt(0)!.toString(16)}}`;
  const found = known.get(source) ?? readRanges(source);
  known.set(source, found);
  return found;
}

function readRanges(source: string): string {
  everyCharacter ??= allCharacters();
  const ranges = [...everyCharacter.matchAll(new RegExp(`(?:${source})+`, 'gu'))].map(([text]) => {
    const first = text.codePointAt(0)!;
    const last = text.codePointAt(text.length - (/[\uDC00-\uDFFF]$/.test(text) ? 2 : 1))!;
    return `\\x{${first.toString(16)}}-\\x{${last.toString(16)}}`;
  });
  return ranges.length === 0 ? `[^\\x{0}-\\x{${LAST_CODE_POINT.toString(16)}}]` : `[${ranges.join('')}]`;
}

/** In their order; half characters stand in no text that was decoded. */
function allCharacters(): string {
  const characters: string[] = [];
  for (let code = 0; code <= LAST_CODE_POINT; code++)
    if (code < SURROGATES.first || code > SURROGATES.last) characters.push(String.fromCodePoint(code));
  return characters.join('');
}
