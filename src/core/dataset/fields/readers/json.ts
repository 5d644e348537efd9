// object and array: JSON text, kept as it stands for jsonb. What JSON.parse takes and jsonb does not is refused here.
import { fromJsonText, type TypeReader } from './type-reader.ts';

/** Postgres' stack ends some thousands of levels down; nobody nests this deep on purpose. */
const MAX_DEPTH = 512;
/** Numbers of a thousand digits or zeros, written out or as an exponent: numeric ends some way behind. */
const LONG_NUMBER = /[eE][+-]?0*[0-9]{4}|[0-9]{1000}/;

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth);
    else if (char === ']' || char === '}') depth--;
  }
  return deepest;
}

/** Throws on what jsonb cannot hold: U+0000 and lone surrogates, which JSON can only write as escapes. */
function refuseUnstorable(key: string, value: unknown): unknown {
  for (const text of [key, value])
    if (typeof text === 'string' && (text.includes('\u0000') || /\p{Surrogate}/u.test(text)))
      throw new Error('not storable');
  return value;
}

const withoutStrings = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"/gs, '""');

function parseStorable(text: string): unknown {
  if (depthOf(text) > MAX_DEPTH) return undefined;
  try {
    const value: unknown = text.includes('\\u') ? JSON.parse(text, refuseUnstorable) : JSON.parse(text);
    return LONG_NUMBER.test(text) && LONG_NUMBER.test(withoutStrings(text)) ? undefined : value;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
    size: (value) => size(JSON.parse(value) as object),
    key: (value) => canonical(JSON.parse(value)),
  };
}

export function objectReader(): TypeReader {
  return jsonReader(isObject, (value) => Object.keys(value).length, 'a JSON object like {"a": 1}');
}

export function arrayReader(): TypeReader {
  return jsonReader(Array.isArray, (value) => (value as unknown[]).length, 'a JSON array like [1, 2]');
}
