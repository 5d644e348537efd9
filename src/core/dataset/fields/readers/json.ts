// object and array: JSON text, kept as it stands for jsonb. What JSON.parse takes and jsonb refuses or keeps otherwise is refused here.
import { cutValue } from '../../../imports/row-error.ts';
import { decimalKey } from './decimal.ts';
import { fromJsonText, type TypeReader } from './type-reader.ts';

/** Postgres' stack ends some thousands of levels down; nobody nests this deep on purpose. */
const MAX_DEPTH = 512;
/** Numbers of a thousand digits or zeros, written out or as an exponent: numeric ends some way behind. */
const LONG_NUMBER = /[eE][+-]?0*[0-9]{4}|[0-9]{1000}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*/gs;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

/** How deep a text is nested, and how many members its objects have: one for each colon outside of strings. */
function measure(text: string): { readonly depth: number; readonly members: number } {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === ':') members++;
    else if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth);
    else if (char === ']' || char === '}') depth--;
  }
  return { depth: deepest, members };
}

/** Members of all objects within a value. Fewer than the text has: a key was there twice, and only its last value is left. */
function countMembers(value: object): number {
  let count = 0;
  const isList = Array.isArray(value);
  // What JSON.parse makes has no members but its own.
  // oxlint-disable-next-line guard-for-in
  for (const key in value) {
    const within: unknown = (value as Record<string, unknown>)[key];
    if (!isList) count++;
    if (typeof within === 'object' && within !== null) count += countMembers(within);
  }
  return count;
}

/** What jsonb cannot hold: U+0000 and lone surrogates, which JSON can only write as escapes. */
const isUnstorable = (text: string): boolean => text.includes('\u0000') || /\p{Surrogate}/u.test(text);

function refuseUnstorable(key: string, value: unknown): unknown {
  for (const text of [key, value])
    if (typeof text === 'string' && isUnstorable(text)) throw new Error('not storable');
  return value;
}

const hasLongNumber = (text: string): boolean =>
  LONG_NUMBER.test(text) && LONG_NUMBER.test(text.replace(/"(?:[^"\\]|\\.)*"/gs, '""'));

function parseStorable(text: string): unknown {
  const { depth, members } = measure(text);
  if (depth > MAX_DEPTH) return undefined;
  try {
    const value: unknown = text.includes('\\u') ? JSON.parse(text, refuseUnstorable) : JSON.parse(text);
    const isWhole = typeof value !== 'object' || value === null || countMembers(value) === members;
    return isWhole && !hasLongNumber(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Why a text is refused that is JSON; a clause. */
function whyNotStorable(text: string): string | undefined {
  if (measure(text).depth > MAX_DEPTH) return `which is nested more than ${MAX_DEPTH} levels deep`;
  try {
    JSON.parse(text);
  } catch (error) {
    const [, position] = / at position (\d+)/.exec((error as Error).message) ?? [];
    return `which is no JSON${position === undefined ? '' : ` from character ${Number(position) + 1} on`}`;
  }
  const key = findTwice(text);
  if (key !== undefined)
    return `in which an object has the key ${JSON.stringify(cutValue(key))} twice; keep one of them`;
  if (hasLongNumber(text)) return 'in which a number has a thousand digits or more';
  const strings = [...text.matchAll(/"(?:[^"\\]|\\.)*"/gs)].map(([string]) => JSON.parse(string) as string);
  const unstorable = strings.find(isUnstorable);
  if (unstorable === undefined) return undefined;
  return unstorable.includes('\u0000')
    ? 'in which a text holds U+0000, which Postgres cannot store'
    : 'in which a text holds half of a surrogate pair, which is no character';
}

/** A key that one object has twice, however its characters are escaped. */
function findTwice(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const key = JSON.parse(last) as string;
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    } else last = token;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Marks numbers among texts: no text that is taken holds it. */
const NUMBER_MARK = '\\u0000';

/** The value with its numbers as texts, the same for equal numbers: a double would make one of two that differ in the 17th digit. */
function parseExact(text: string): unknown {
  return JSON.parse(
    text.replace(STRING_OR_NUMBER, (token) =>
      token.startsWith('"') ? token : `"${NUMBER_MARK}${decimalKey(token)}"`,
    ),
  );
}

/** The same text for equal values, whatever their spaces and the order of their keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

function jsonReader(
  accepts: (value: unknown) => boolean,
  size: (value: object) => number,
  expects: string,
): TypeReader {
  const read = (text: string): string | undefined => (accepts(parseStorable(text)) ? text : undefined);
  return {
    read,
    fromJson: (value) =>
      typeof value === 'string'
        ? fromJsonText(read)(value)
        : accepts(value)
          ? JSON.stringify(value)
          : undefined,
    expects,
    why: whyNotStorable,
    size: (value) => size(JSON.parse(value) as object),
    key: (value) => canonical(parseExact(value)),
  };
}

export function objectReader(): TypeReader {
  return jsonReader(isObject, (value) => Object.keys(value).length, 'a JSON object like {"a": 1}');
}

export function arrayReader(): TypeReader {
  return jsonReader(Array.isArray, (value) => (value as unknown[]).length, 'a JSON array like [1, 2]');
}
