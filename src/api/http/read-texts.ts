// Query, path and headers are text: the numbers and booleans that a schema asks for are read from it.
import type { TSchema } from '@fastify/type-provider-typebox';
import { Convert, Default } from 'typebox/value';

/** TypeBox also takes `true` for 1, `0x1F` for 31, an empty text for 0 and, for an integer, 3.99 for 3. */
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** The value with its defaults and as its schema has it. A text that is not plainly the number it became stays a text, so that the check refuses it. */
export function readTexts(schema: TSchema, value: unknown): unknown {
  const given = Default(schema, value);
  // Convert changes what it gets.
  return withoutGuesses(structuredClone(given), Convert(schema, given));
}

function withoutGuesses(given: unknown, read: unknown): unknown {
  if (typeof given === 'string') return typeof read !== 'number' || isThat(given, read) ? read : given;
  if (Array.isArray(given) && Array.isArray(read))
    return read.map((item, index) => withoutGuesses(given[index], item));
  if (!isObject(given) || !isObject(read)) return read;
  return Object.fromEntries(
    Object.entries(read).map(([name, item]) => [name, withoutGuesses(given[name], item)]),
  );
}

function isThat(text: string, number: number): boolean {
  return (
    DECIMAL.test(text) &&
    Number(text) === number &&
    (!Number.isInteger(number) || Number.isSafeInteger(number))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
