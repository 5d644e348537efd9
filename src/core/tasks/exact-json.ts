// JSON whose numbers stay what they are: an integer beyond 2^53 is a bigint, in both directions.
import { isInteger, isSafeNumber, parse, stringify } from 'lossless-json';

/** Shorter ones are exact as numbers; texts may have such digits too, which costs only time. */
const LONG_NUMBER = /\d{16}/;

/** @throws SyntaxError as JSON.parse does */
export function parseExact(text: string): unknown {
  return LONG_NUMBER.test(text) ? parse(text, undefined, { parseNumber: exactNumber }) : JSON.parse(text);
}

function exactNumber(text: string): number | bigint {
  return isInteger(text) && !isSafeNumber(text) ? BigInt(text) : Number(text);
}

/** A bigint is written as a number, a Date as RFC 3339 in UTC, undefined as null. @throws TypeError for what has itself within */
export function stringifyExact(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error;
    return stringify(value) ?? 'null';
  }
}
